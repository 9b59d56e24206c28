"""Parameters of a batch belong to its rows: an array (B,) for each stage, where it is off a value that changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHOLE = "top_k"
"""The stage whose values are whole numbers."""


class PerRow:
    """``function(logits, size, *, rng, ...)``, (B, K) logits and (B,) values of each stage -> (size, B) tokens.

    Called with one value, or None, it gives that to every row. A seeded function takes seeds and positions for size and rng.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)  # what it copies may be a function's own ``function``
        self.function = function

    def __call__(self, logits: Any, *arguments: Any, rng: Any = None, **stages: Any) -> Any:
        """Call the function, with arrays."""
        rows, categories = np.shape(logits)
        given = {name: for_rows(name, [value] * rows, categories) if np.ndim(value) == 0 else value
                 for name, value in stages.items()}  # fmt: skip
        return self.function(logits, *arguments, rng=rng, **given)


def for_rows(stage: str, values: list[float | None], categories: int) -> NDArray[Any]:
    """Return (B,) values of a stage: int64 of top_k, float64 of all others; off (None) is what changes nothing."""
    off = unchanging(categories)[stage]
    return np.array([off if value is None else value for value in values], np.int64 if stage == WHOLE else np.float64)


def unchanging(categories: int) -> Mapping[str, float]:
    """Return a value of each stage that leaves every law of K categories as it is.

    No logit lies further than sqrt(K) standard deviations below the largest.
    """
    return {
        "temperature": 1.0,
        "top_k": categories,
        "top_p": 1.0,
        "min_p": 0.0,
        "typical_p": 1.0,
        "epsilon": 0.0,
        "top_n_sigma": float(categories),
    }
