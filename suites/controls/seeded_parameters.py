"""Seeded rows with parameters of their own, whose law is right, but whose noise the parameters of other rows move."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import control
from suites.controls.row_parameters import right
from suites.controls.seeds import Words, key, winners
from suites.controls.stages import Settings
from suites.controls.truncation import SEQUENTIAL

Values = NDArray[Any]
"""(B,) values of a stage."""
Picked = Callable[[Floats, Words, dict[str, Values]], Indices]
"""Winners (B,) of log-probabilities (B, K), by keys of noise (B,); it may look at the values of the stages."""


def drawing(picked: Picked) -> Callable[..., Indices]:
    """Return a seeded sampler of rows with parameters, right but for how it picks."""

    def draw(
        logits: Floats,
        seeds: NDArray[np.int64],
        positions: NDArray[np.int64],
        *,
        temperature: Values,
        top_k: Values,
        top_p: Values,
        min_p: Values,
    ) -> Indices:
        values = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
        with np.errstate(divide="ignore"):
            return picked(np.log(_laws(logits, *values.values())), key(seeds, positions), values)

    return draw


def _laws(logits: Floats, *stages: Values) -> Floats:
    """Return the (B, K) laws of rows, each that differs computed once."""
    rows, places = np.unique(np.column_stack([logits, *stages]), axis=0, return_inverse=True)
    split = [(row[: logits.shape[1]], *row[logits.shape[1] :].tolist()) for row in rows]
    laws: Floats = np.stack([right(row, Settings(t, int(k), p, least)) for row, t, k, p, least in split])
    return laws[places]


def own(scores: Floats, keys: Words, values: dict[str, Values]) -> Indices:
    """Pick by each row's own key; rightly."""
    return winners(scores, keys)


def _by_rank(scores: Floats, keys: Words) -> Indices:
    order = np.argsort(-scores, axis=1, kind="stable")
    ranked = winners(np.take_along_axis(scores, order, axis=1), keys)
    index: Indices = order[np.arange(len(scores)), ranked]
    return index


def _sorted_batch(scores: Floats, keys: Words, values: dict[str, Values]) -> Indices:
    """A row with top_p sends the whole batch by way of a sort, where noise is that of the rank."""
    return _by_rank(scores, keys) if (values["top_p"] < 1).any() else winners(scores, keys)


def _packed(scores: Floats, keys: Words, values: dict[str, Values]) -> Indices:
    """Rows that are not greedy are packed to the front, and read the keys of the places there."""
    kept = np.flatnonzero(values["temperature"] > 0)
    moved = keys.copy()
    moved[kept] = keys[: kept.size]
    return winners(scores, moved)


def _settings_hashed(scores: Floats, keys: Words, values: dict[str, Values]) -> Indices:
    """The mean temperature of the batch goes into the key."""
    return winners(scores, keys ^ np.full_like(keys, np.float64(values["temperature"].mean()).view(np.uint64)))


seeded = partial(
    control,
    emits="index",
    trigger="requests",
    suite="seeded",
    batch=True,
    seeded=True,
    per_row=True,
    convention=SEQUENTIAL,
)

CONTROLS: tuple[Control, ...] = (
    seeded(
        "seed_beside_top_p",
        draw=drawing(_sorted_batch),
        why="one row with top_p changes the noise of all rows of its batch",
        source="sgl-project/sglang #35697; vllm-project/vllm #50979, the class of them",
    ),
    seeded(
        "seed_beside_greedy",
        draw=drawing(_packed),
        why="a greedy row shifts the seeds of the rows behind it",
        source="vllm-project/vllm #51226, flashinfer-ai/flashinfer #5339, the class of them",
    ),
    seeded(
        "seed_and_mean_temperature",
        draw=drawing(_settings_hashed),
        why="the temperatures of the other rows go into the noise",
    ),
)
