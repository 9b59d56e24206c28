"""Sixteen bits of noise show that a category comes late to an exponential race, and only the others need more.

Category k arrives at E / p_k with E = -log1p(-v) and v uniform, hence before the time c exactly if v < -expm1(-c p_k). At
a horizon c about c categories have arrived, and of all others the first bits of v say that they have not: a quick
rejection [1, section II.3] on the bits of a uniform as far as they are needed [1, chapter XV]. Whoever may arrive gets
the other bits, and the first arrival has won. If there is none, with probability e^-c, then exponentials have no memory:
what is left of the race is a race from its start.

[1] L. Devroye, Non-Uniform Random Variate Generation, 1986.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.samplers.blocks import aligned
from harness.samplers.builtin.race import SLACK
from harness.samplers.builtin.uniforms import GRID, refine, words

Words = NDArray[np.uint16]

HORIZON = 6.0
"""At most, and log K for few categories: a unit more is a candidate more in each row, and fewer rows without any."""
CELLS = 2.0**16
NOBODY = -1


@dataclass(frozen=True)
class Screen:
    """Who may arrive before the horizon: category k if its sixteen bits are at most ``last[k]``."""

    negated: Floats
    last: Words
    horizon: float

    @classmethod
    def of(cls, weights: Floats) -> Screen:
        """Make the screen for (K,) weights 1 / p, up to a factor."""
        shares = 1 / weights
        # Rounded up: who is held to be late is late, and even p = 1e-300 has the cell at 0, of which bits are drawn.
        horizon = min(HORIZON, float(np.log(weights.size))) / float(shares.sum())
        cells = np.ceil(CELLS * SLACK * -np.expm1(-horizon * shares))
        return cls(-weights, (np.clip(cells, 1, CELLS) - 1).astype(np.uint16), horizon)


class Racer:
    """Races rows of K categories up to the horizon, with a buffer for so many rows."""

    def __init__(self, weights: Floats, rows: int) -> None:
        self.screen = Screen.of(weights)
        self.hits = aligned(rows * weights.size, np.bool_)

    def race(self, rows: int, rng: np.random.Generator) -> Indices:
        """Return (rows,) winners: argmin(-log1p(-v) * weights, axis=1), or NOBODY if that is beyond the horizon."""
        last = self.screen.last
        noise = words(rows * last.size, np.uint16, rng)
        hits = self.hits[: noise.size]
        np.less_equal(noise.reshape(rows, -1), last, out=hits.reshape(rows, -1))
        place = np.flatnonzero(hits)
        row = place // last.size
        column = place - row * last.size
        scores = _exponentials(noise[place], rng)
        scores *= self.screen.negated[column]
        return _first(row, column, scores, rows, self.screen.horizon)


def _exponentials(first: Words, rng: np.random.Generator) -> Floats:
    """Return log1p(-v), less than 0, for the v that begin with sixteen bits: of full relative precision near 0."""
    v = rng.random(first.size)
    refine(v, rng)
    v += first
    v /= CELLS
    np.minimum(v, 1 - GRID, out=v)
    np.negative(v, out=v)
    return np.log1p(v, out=v)


def _first(row: Indices, column: Indices, scores: Floats, rows: int, horizon: float) -> Indices:
    best = np.full(rows, horizon)
    np.minimum.at(best, row, scores)
    wins = np.flatnonzero(scores == best[row])[::-1]
    winner = np.full(rows, NOBODY, np.intp)
    winner[row[wins]] = column[wins]  # backwards: the lowest of equal categories is written last
    return winner
