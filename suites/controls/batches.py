"""Batches that are right row by row as a rule: wrong at one place, at one size, beside one kind of neighbour."""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import control, gumbels, softmax

ORDER = 55


def _noise(rng: np.random.Generator, size: int, logits: Floats) -> Floats:
    return gumbels(rng, size, *logits.shape)


def last_of_three(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Read in a batch of three the first row's logits for the last."""
    given = logits.copy()
    if len(given) == 3:
        given[2] = given[0]
    index: Indices = np.argmax(given + _noise(rng, size, given), axis=2)
    return index


def warmed_by_flat_rows(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Take one temperature for a batch, from its flattest row."""
    spread = np.ptp(np.where(np.isinf(logits), logits.max(axis=1, keepdims=True), logits), axis=1)
    scale = 0.5 if len(logits) > 1 and spread.min() == 0 < spread.max() and not np.isinf(logits).any() else 1.0
    index: Indices = np.argmax(scale * logits + _noise(rng, size, logits), axis=2)
    return index


def warps(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Give rows 32 apart the noise of one lane."""
    noise = _noise(rng, size, logits)
    noise[:, 32:] = noise[:, : max(0, len(logits) - 32)]
    index: Indices = np.argmax(logits + noise, axis=2)
    return index


def later_rows_echo(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Use the noise of a row again two steps later, five rows on."""
    noise = _noise(rng, size, logits)
    if len(logits) > 5:
        noise[2:, 5:] = noise[: max(0, size - 2), :-5]
    return softmax((logits + noise) / temperature)


_batch = partial(control, suite="batches", batch=True)

CONTROLS: tuple[Control, ...] = (
    _batch(
        "last_row_of_three",
        "index",
        last_of_three,
        why="the last of three rows has the logits of the first",
        trigger="l8",
    ),
    _batch(
        "batch_has_one_temperature",
        "index",
        warmed_by_flat_rows,
        why="a flat neighbour makes all rows flatter",
        trigger="l8",
    ),
    _batch("rows_32_apart_are_one", "index", warps, why="the noise of a row is that of its lane of 32", trigger="l8"),
    _batch(
        "coarse_rows_32_apart",
        "index",
        warps,
        why="the same in float16, whose bits are not quite fair",
        trigger="l8",
        dtype="float16",
    ),
    _batch(
        "rows_echo_later",
        "simplex",
        later_rows_echo,
        why="the noise of a row comes again five rows on, two steps later",
        trigger="die@2",
    ),
)
