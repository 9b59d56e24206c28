"""Batches whose rows draw with parameters that are not, or not all, their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import control, inverse
from suites.controls.stages import Settings, chain, kth, nucleus, share, tempered
from suites.controls.truncation import SEQUENTIAL

Values = Mapping[str, NDArray[Any]]
"""(B,) values of each stage."""


def right(logits: Floats, s: Settings) -> Floats:
    """Return the (K,) law of top_k, then top_p, then min_p; rightly."""
    return chain(tempered(logits, s.temperature), (kth, s.top_k), (nucleus, s.top_p), (share, s.min_p))


def drawing(changed: Callable[[Floats, Values], Values]) -> Callable[..., Indices]:
    """Return a batch sampler that is right but for what it makes of the values of its rows."""

    def draw(
        logits: Floats,
        size: int,
        *,
        rng: np.random.Generator,
        temperature: NDArray[Any],
        top_k: NDArray[Any],
        top_p: NDArray[Any],
        min_p: NDArray[Any],
    ) -> Indices:
        values = changed(logits, {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p})
        laws = [right(row, Settings(*(one[b] for one in values.values()))) for b, row in enumerate(logits)]
        return np.stack([inverse(p, rng.random(size)) for p in laws], axis=1)

    return draw


def own(logits: Floats, values: Values) -> Values:
    """Leave all as it is; rightly."""
    return values


def _first(logits: Floats, values: Values) -> Values:
    return {name: np.full_like(one, one[0]) for name, one in values.items()}


def _neighbour(logits: Floats, values: Values) -> Values:
    return {name: np.roll(one, -1) for name, one in values.items()}


def _compacted(logits: Floats, values: Values) -> Values:
    """Rows that are not greedy are packed to the front; their top_k and min_p are read at the place before."""
    packed = np.flatnonzero(values["temperature"] > 0)
    moved = dict(values)
    for name in ("top_k", "min_p"):
        moved[name] = values[name].copy()
        moved[name][packed] = values[name][: packed.size]
    return moved


def _largest(logits: Floats, values: Values) -> Values:
    return {**values, "top_k": np.full_like(values["top_k"], values["top_k"].max())}


def _greedy_batch(logits: Floats, values: Values) -> Values:
    """One greedy row makes its neighbour greedy."""
    zero = values["temperature"] == 0
    return {**values, "temperature": np.where(zero | np.roll(zero, 1), 0.0, values["temperature"])}


def _unless_all(logits: Floats, values: Values) -> Values:
    """top_p is left out as soon as one row of the batch has it off."""
    off = values["top_p"] >= 1
    return {**values, "top_p": np.ones_like(values["top_p"])} if off.any() else values


def _one_temperature(logits: Floats, values: Values) -> Values:
    return {**values, "temperature": np.full_like(values["temperature"], values["temperature"].mean())}


def _in_place(logits: Floats, values: Values) -> Values:
    """What is off is set to 0 in the caller's own array."""
    values["top_k"][values["top_k"] >= logits.shape[1]] = 0
    return values


rowwise = partial(
    control,
    emits="index",
    trigger="requests",
    suite="row_parameters",
    batch=True,
    per_row=True,
    convention=SEQUENTIAL,
)

CONTROLS: tuple[Control, ...] = (
    rowwise(
        "rowwise_first_for_all",
        draw=drawing(_first),
        why="all rows draw with the parameters of the first",
        source="flashinfer-ai/flashinfer #4861, the class of it",
    ),
    rowwise(
        "rowwise_neighbour",
        draw=drawing(_neighbour),
        why="a row draws with the parameters of the next one",
        source="flashinfer-ai/flashinfer #5339, the class of it",
    ),
    rowwise(
        "rowwise_compacted",
        draw=drawing(_compacted),
        why="top_k and min_p are read at the place in the packed batch, not at the row",
        source="flashinfer-ai/flashinfer #5339 (fix #5340)",
    ),
    rowwise("rowwise_largest_k", draw=drawing(_largest), why="the largest top_k of the batch serves all rows"),
    rowwise(
        "rowwise_greedy_neighbour",
        draw=drawing(_greedy_batch),
        why="the row after a greedy one is drawn greedily",
        source="vllm-project/tpu-inference #1386, the class of it",
    ),
    rowwise(
        "rowwise_p_unless_all",
        draw=drawing(_unless_all),
        why="top_p is forgotten where one row of the batch has none",
        source="vllm-project/vllm #50979, the class of it: the batch chooses the path",
    ),
    rowwise(
        "rowwise_one_temperature",
        draw=drawing(_one_temperature),
        why="the mean temperature of the batch serves all rows",
    ),
    rowwise(
        "rowwise_in_place",
        draw=drawing(_in_place),
        why="the parameters of the caller are changed in place",
        source="sgl-project/sglang #15648, the class of it",
    ),
)
