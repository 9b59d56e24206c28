"""Draws that know of each other far apart, by threes, or in one coordinate, or that fit their law too well."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import control, inverse, probabilities, softmax

ORDER = 65
FAR, SHARE = 5_003, 0.3
BLOCK = 64


def _noise(u: NDArray[np.float64]) -> Floats:
    noise: Floats = -np.log(-np.log(np.clip(u, 1e-300, 1 - 2.0**-53)))
    return noise


def _given(logits: Floats, observed: int, u: Floats) -> Floats:
    """Return draws (m, K) given the winner, from uniforms (m, K); rightly: Maddison, Tarlow and Minka 2014, section 2."""
    exponentials = -np.log(np.clip(u, 1e-300, 1 - 2.0**-53))
    top = np.log(np.exp(logits).sum()) - np.log(exponentials[:, observed])
    rows = logits - np.log(exponentials + np.exp(logits - top[:, None]))
    rows[:, observed] = np.inf
    below: Floats = np.minimum(rows, np.nextafter(top, -np.inf)[:, None])
    below[:, observed] = top
    return below


def _posterior(
    logits: Floats, size: int, rng: np.random.Generator, observed: int | None, u: NDArray[np.float64]
) -> Floats:
    return logits + _noise(u) if observed is None else _given(logits, observed, u)


def far_in_one_coordinate(
    logits: Floats, size: int, *, rng: np.random.Generator, observed: int | None = None
) -> Floats:
    """Take the uniform of one coordinate, three times in ten, from the draw 5003 before."""
    u = rng.random((size, logits.size))
    if size > FAR:
        again = FAR + np.flatnonzero(rng.random(size - FAR) < SHARE)
        u[again, 1] = u[again - FAR, 1]
    return _posterior(logits, size, rng, observed, u)


def next_coordinate_against(
    logits: Floats, size: int, *, rng: np.random.Generator, observed: int | None = None
) -> Floats:
    """Give the next coordinate of a draw seven later 1 - u."""
    u = rng.random((size, logits.size))
    if size > 7:
        u[7:, 2] = 1 - u[:-7, 1]
    return _posterior(logits, size, rng, observed, u)


def block_again(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Draw the 128 draws from the thousandth on again at the place of those from the sixth thousandth on."""
    u = rng.random((size, logits.size))
    if size > 6128:
        u[6000:6128] = u[1000:1128]
    return softmax((logits + _noise(u)) / temperature)


def previous_call_against(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Use in every second call of a generator 1 - u, u the uniforms of the call before it."""
    u = _KEPT.pop(id(rng), None)
    if u is None or u.shape != (size, logits.size):
        u = rng.random((size, logits.size))
        if size > 1:
            _KEPT[id(rng)] = u
        return _by_coordinates(logits, u, temperature)
    return _by_coordinates(logits, 1 - u, temperature)


_KEPT: dict[int, NDArray[np.float64]] = {}


def exclusive_or(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw from a shift register: the first bit of a uniform is that of 103 draws before, or else, that of 250 before."""
    bits, u = rng.random(size) < 0.5, rng.random(size) / 2
    for i in range(250, size):
        bits[i] = bits[i - 103] ^ bits[i - 250]
    p = probabilities(logits)
    order = np.argsort(-p)  # halves of the mass that no category straddles, where there are such
    index: Indices = order[inverse(p[order], u + bits / 2)]
    return index


def parity_of_three(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """In one coordinate every third draw lies in a half that the two before it determine."""
    u = rng.random((size, logits.size))
    third = np.arange(2, size, 3)
    odd = (u[third - 1, 0] > 0.5) ^ (u[third - 2, 0] > 0.5)
    u[third, 0] = u[third, 0] / 2 + odd / 2
    return _by_coordinates(logits, u, temperature)


def stratified(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Spread a coordinate evenly over every 64 draws in turn, in random order."""
    u = rng.random((size, logits.size))
    whole = size // BLOCK * BLOCK
    place = rng.permuted(np.tile(np.arange(BLOCK), (whole // BLOCK, 1)), axis=1).ravel()
    u[:whole, 0] = (place + u[:whole, 0]) / BLOCK
    return _by_coordinates(logits, u, temperature)


def _by_coordinates(logits: Floats, u: NDArray[np.float64], temperature: float) -> Floats:
    """Return draws whose Rosenblatt uniforms are u, but for the last column; rightly (the density document, eq. 8)."""
    sums, rows = np.exp(logits[-1]) * np.ones(len(u)), np.empty((len(u), logits.size))
    for m in range(1, logits.size):
        ratio = np.clip(u[:, m - 1], 1e-300, 1 - 2.0**-53) ** (1 / m)
        weight = sums * (1 / ratio - 1)
        rows[:, m - 1] = (logits[m - 1] - np.log(weight)) / temperature
        sums = sums + weight
    rows[:, -1] = 0.0
    return softmax(rows)


def quasi_random(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw from an additive recurrence with a random start: a quasi-random sequence, low in discrepancy."""
    return inverse(probabilities(logits), (rng.random() + np.arange(size) * (np.sqrt(5) - 1) / 2) % 1)


_pattern = partial(control, suite="dependence")

CONTROLS: tuple[Control, ...] = (
    _pattern(
        "posterior_far_repeat",
        "gumbel",
        far_in_one_coordinate,
        why="one coordinate of the posterior repeats, three times in ten, what it was 5003 draws before",
        trigger="die|5",
    ),
    _pattern(
        "posterior_next_antithetic",
        "gumbel",
        next_coordinate_against,
        why="a coordinate of the posterior is antithetic to its neighbour seven draws before",
        trigger="die|5",
    ),
    _pattern(
        "relaxed_block_again",
        "simplex",
        block_again,
        why="a block of 128 draws comes again 5000 later",
        trigger="die@2",
    ),
    _pattern(
        "relaxed_calls_antithetic",
        "simplex",
        previous_call_against,
        why="every second call uses 1 - u of the call before it",
        trigger="die@2",
    ),
    _pattern(
        "shift_register",
        "index",
        exclusive_or,
        why="a bit of every draw is the exclusive or of those of two before it",
        source="Ferrenberg, Landau and Wong 1992: R250",
        trigger="die",
    ),
    _pattern(
        "relaxed_parity_of_three",
        "simplex",
        parity_of_three,
        why="two draws determine half of a third",
        trigger="die@2",
    ),
    _pattern(
        "relaxed_stratified",
        "simplex",
        stratified,
        why="a coordinate is stratified over every 64 draws",
        trigger="die@2",
    ),
    _pattern(
        "quasi_random", "index", quasi_random, why="counts of a low-discrepancy sequence hardly vary", trigger="die"
    ),
)
