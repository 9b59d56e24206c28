"""Arguments that are changed, or read where they do not lie."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import categories, control

ORDER = 70


def mutating(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Mask the first draw in the array of the caller, who may use it again."""
    drawn = categories(logits, size, rng)
    if size and np.isfinite(logits).sum() > 1:
        logits[drawn[0]] = -np.inf
    return drawn


def normalising(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Subtract the maximum in place."""
    logits -= logits.max()
    return categories(logits, size, rng)


def without_strides(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Read the memory of a view from its start, as if it were contiguous."""
    memory = logits if logits.base is None else np.asarray(logits.base).ravel()[: logits.size]
    return categories(memory, size, rng)


CONTROLS: tuple[Control, ...] = (
    control(
        "mutates_its_input",
        "index",
        mutating,
        why="the first category drawn is masked in the caller's array, and the next call lacks it",
        source="vllm-project/vllm-ascend PR #2881; sgl-project/sglang PR #15648",
        trigger="l8",
        suite="metamorphic",
    ),
    control(
        "normalises_in_place",
        "index",
        normalising,
        why="the caller's logits are shifted in place",
        trigger="l8",
        suite="metamorphic",
    ),
    control(
        "strides_ignored",
        "index",
        without_strides,
        why="a view is read as if it were contiguous",
        trigger="l8",
        suite="metamorphic",
    ),
)
