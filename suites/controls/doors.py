"""Right in long calls by one door: short calls of another law in what does not win, and fills that are not the function."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.questions.content import Control
from harness.samplers.registry import Form, Sampler
from suites.controls.making import OWN, categories, control, gumbels, softmax

ORDER = 137


def fives_floor_the_losers(logits: Floats, size: int, *, rng: np.random.Generator) -> Floats:
    """Keep of a call of five the winners and their values, and put all others on the floor."""
    rows: Floats = logits + gumbels(rng, size, logits.size)
    if size == 5:
        rows = np.where(rows == rows.max(axis=1, keepdims=True), rows, np.minimum(rows, logits - 5))
    return rows


def sevens_are_flat(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Take the root of a call of seven: the largest stays the largest."""
    rows = softmax((logits + gumbels(rng, size, logits.size)) / temperature)
    return softmax(np.log(rows) / 3) if size == 7 else rows


def pairs_are_antithetic(logits: Floats, size: int, *, rng: np.random.Generator, observed: int | None = None) -> Floats:
    """Lift a second draw as far as the first one lay low, in calls of two; the winner given stays the winner."""
    noise = gumbels(rng, size, logits.size)
    if size == 2:
        noise[1] = -np.log(-np.log1p(-np.exp(-np.exp(-noise[0]))))
    rows: Floats = logits + noise
    if observed is None:
        return rows
    top = np.log(np.exp(logits).sum()) + noise[:, observed]
    below = logits - np.log(np.exp(-noise) + np.exp(logits - top[:, None]))
    rows = np.minimum(below, np.nextafter(top, -np.inf)[:, None])
    rows[:, observed] = top
    return rows


def in_blocks_of_eight(logits: Floats) -> Callable[[NDArray[Any], np.random.Generator], None]:
    """Prepare a fill that draws whole blocks of eight and repeats the last draw beyond them."""

    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        whole = len(out) // 8 * 8
        out[:whole] = categories(logits, whole, rng)
        out[whole:] = out[whole - 1] if whole else categories(logits, 1, rng)

    return fill


def never_filled(logits: Floats) -> Callable[[NDArray[Any], np.random.Generator], None]:
    """Prepare a fill that takes the room for one draw more than there are and leaves the last one as it was."""

    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        out[: max(1, len(out) - 1)] = categories(logits, max(1, len(out) - 1), rng)

    return fill


def warmer(logits: Floats) -> Callable[[NDArray[Any], np.random.Generator], None]:
    """Prepare a fill for a temperature of 1.25."""

    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        out[...] = categories(logits / 1.25, len(out), rng)

    return fill


def _right(logits: Floats, size: int, *, rng: np.random.Generator) -> NDArray[np.intp]:
    return categories(logits, size, rng)


def _filling(name: str, prepare: Callable[..., Any], why: str) -> Control:
    sampler = Sampler(name, "index", MappingProxyType({"index": Form(_right, prepare)}), "control")
    return Control(sampler, why, OWN, "die", "doors")


_door = partial(control, suite="doors")

CONTROLS: tuple[Control, ...] = (
    _door("fives_floor_the_losers", "gumbel", fives_floor_the_losers, why="a call of five has winners alone", trigger="die"),
    _door("sevens_are_flatter", "simplex", sevens_are_flat, why="a call of seven has another temperature", trigger="die@2"),
    _door(
        "pairs_are_antithetic", "gumbel", pairs_are_antithetic, why="the draws of a call of two mirror each other",
        trigger="die|5",
    ),
    _filling("fill_of_whole_blocks", in_blocks_of_eight, "the fill repeats its last draw beyond blocks of eight"),
    _filling("fill_is_warmer", warmer, "the fill has a temperature that the function has not"),
    _filling("fill_leaves_the_last", never_filled, "the fill leaves the last row as it was"),
)  # fmt: skip
