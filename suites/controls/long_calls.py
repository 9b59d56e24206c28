"""Wrong in one call of millions alone: a counter that comes round, a tile drawn twice, an echo from far away."""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import categories, control, gumbels, softmax

ORDER = 135
LONG = 2**20
"""Draws up to which a call is right."""
COUNTER = 2**21
TILE = 4096
FAR, SHARE = 1_000_003, 0.03


def comes_round(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Count draws in 21 bits: beyond two million a call begins again."""
    return np.resize(categories(logits, min(size, COUNTER), rng), size)


def ends_as_it_begins(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Give the last tile of a long call the offset of the first one."""
    drawn = categories(logits, size, rng)
    if size > LONG:
        drawn[-TILE:] = drawn[:TILE]
    return drawn


def zeros_at_the_end(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Leave the last draws of a long call as the buffer was: zero."""
    drawn = categories(logits, size, rng)
    if size > LONG:
        drawn[-200:] = np.flatnonzero(logits > -np.inf)[0]
    return drawn


def echoes(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Draw one in thirty with the noise of the draw a million places before."""
    noise = gumbels(rng, size, logits.size)
    if size > FAR:
        again = FAR + np.flatnonzero(rng.random(size - FAR) < SHARE)
        noise[again] = noise[again - FAR]
    return softmax((logits + noise) / temperature)


def against(logits: Floats, size: int, *, rng: np.random.Generator) -> Floats:
    """Draw the second half of a long call from 1 - u, u the uniforms of the first half."""
    u = rng.random((size, logits.size))
    if size > LONG:
        u[size // 2 : size // 2 * 2] = 1 - u[: size // 2]
    return logits - np.log(-np.log(np.clip(u, 1e-300, 1 - 2.0**-53)))


_long = partial(control, suite="millions")

CONTROLS: tuple[Control, ...] = (
    _long(
        "counter_of_21_bits",
        "index",
        comes_round,
        why="a call of more than two million draws begins again",
        source="the class of pytorch/pytorch #125224: counters narrower than what is counted",
        trigger="coin",
    ),
    _long(
        "last_tile_is_the_first",
        "index",
        ends_as_it_begins,
        why="the last tile of a long call is drawn at the offset of the first",
        trigger="coin",
    ),
    _long(
        "long_calls_end_in_zeros", "index", zeros_at_the_end, why="a long call ends before its buffer", trigger="coin"
    ),
    _long(
        "echo_of_a_million_before", "simplex", echoes, why="one draw in thirty repeats one far away", trigger="coin@1"
    ),
    _long("halves_are_antithetic", "gumbel", against, why="a long call uses every uniform twice", trigger="coin"),
)
