"""Tails of hypergeometric laws, exact at every size: masses relative to the mode's are products of ratios, and sum to one.

Logarithms of factorials of millions lose seven digits where they cancel; a ratio of neighbours loses none, and a
product of a few thousand of them keeps a relative accuracy of 1e-12 however far from the mode it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Ints

DEVIATIONS, MORE = 8.0, 30
"""How far beyond the mode and beyond k masses are summed: what lies farther is below 1e-14 of what is summed, in normal
and in Poisson limits alike."""
BLOCK = 2**18
"""Masses that are held at a time."""


@dataclass(frozen=True)
class Hypergeometric:
    """``draws`` (C,) from ``total`` (C,) of which ``good`` (C,) count, a law for each of C cells."""

    total: Ints
    good: Ints
    draws: Ints

    @property
    def mode(self) -> Ints:
        """The likeliest count, which every count's mass is a product of ratios away from."""
        found: Ints = (self.good + 1) * (self.draws + 1) // (self.total + 2)
        return found

    @property
    def deviation(self) -> Floats:
        """The standard deviations."""
        share, taken = self.good / self.total, self.draws / self.total
        spread: Floats = np.sqrt(
            self.draws * share * (1 - share) * (1 - taken) * self.total / np.maximum(self.total - 1, 1)
        )
        return spread

    @property
    def mirrored(self) -> Hypergeometric:
        """The laws of what is drawn and does not count."""
        return Hypergeometric(self.total, self.total - self.good, self.draws)

    def of(self, cells: NDArray[np.intp]) -> Hypergeometric:
        """Return the laws of some cells."""
        return Hypergeometric(self.total[cells], self.good[cells], self.draws[cells])


def tails(k: Ints, law: Hypergeometric) -> tuple[Floats, Floats, Floats]:
    """Return P(X < k), P(X = k), P(X > k), each (C,) and each with its own relative accuracy."""
    found = np.empty((3, k.size))
    mode = law.mode
    for cells in _blocks(np.abs(k - mode) + DEVIATIONS * law.deviation):
        found[:, cells] = _tails(k[cells], law.of(cells), mode[cells])
    return found[0], found[1], found[2]


def _tails(k: Ints, law: Hypergeometric, mode: Ints) -> tuple[Floats, Floats, Floats]:
    """Sum the masses beyond k on its own side of the mode; on the other side, all that is neither there nor at k."""
    up, down = np.maximum(k - mode, 0), np.maximum(mode - k, 0)
    right, left = _masses(law, mode, up), _masses(law.mirrored, law.draws - mode, down)
    whole = right.sum(axis=1) + left.sum(axis=1) - 1
    above, below = _beyond(right, up), _beyond(left, down)
    here = np.where(up > 0, _at(right, up), _at(left, down))
    less = np.where(up > 0, whole - above - here, below)
    more = np.where(down > 0, whole - below - here, above)
    return less / whole, here / whole, more / whole


def _blocks(reach: Floats) -> Iterator[NDArray[np.intp]]:
    """Yield cells of similar reach together, so that the widest one of a block does not widen the others by much."""
    order = np.argsort(-reach, kind="stable")
    at = 0
    while at < order.size:
        rows = max(1, int(BLOCK / (reach[order[at]] + MORE)))
        yield order[at : at + rows]
        at += rows


def _masses(law: Hypergeometric, mode: Ints, far: Ints) -> Floats:
    """Return (C, W) masses from the mode upwards, relative to the mode's: P(x) / P(x - 1) multiplied up.

    Beyond the support a ratio is zero, and so is all that follows.
    """
    width = int(np.ceil((far + DEVIATIONS * law.deviation).max())) + MORE
    x = mode[:, None] + np.arange(1.0, width)
    good, draws = law.good[:, None] + 1.0, law.draws[:, None] + 1.0
    rest = (law.total - law.good - law.draws)[:, None]
    masses = np.ones((mode.size, width))
    np.cumprod((good - x) / x * ((draws - x) / (rest + x)), axis=1, out=masses[:, 1:])
    return masses


def _at(masses: Floats, far: Ints) -> Floats:
    found: Floats = np.take_along_axis(masses, far[:, None], axis=1)[:, 0]
    return found


def _beyond(masses: Floats, far: Ints) -> Floats:
    """Return (C,) sums of the masses beyond ``far``."""
    sums: Floats = np.sum(masses, axis=1, where=np.arange(masses.shape[1]) > far[:, None])
    return sums
