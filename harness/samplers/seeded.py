"""A seeded sampler has no generator: a token is a function of a row, its seed and its position, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEEDS = 2**63
"""Seeds are whole numbers below this."""
VALUES = 2**20
"""Logits handed over in one call: rows of several positions stand side by side."""


class Seeded:
    """``function(logits, seeds, positions)``, (B, K), (B,) and (B,) -> (B,) tokens, called so or as a batch sampler.

    As a batch sampler, ``(logits, size, rng=...)``, it gives every row of the batch a fresh seed and draws ``size``
    positions of each: (size, B). Parameters are arrays (B,).
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)  # what it copies may be a function's own ``function``
        self.function = function

    def __call__(self, logits: Any, *arguments: Any, rng: Any = None, **parameters: Any) -> Any:
        """Call the function as it is or, with a generator, draw."""
        if rng is None:
            return self.function(logits, *arguments, **parameters)
        (size,) = arguments
        return self._drawn(logits, size, rng, parameters)

    def _drawn(
        self, logits: NDArray[np.float64], size: int, rng: np.random.Generator, parameters: Mapping[str, NDArray[Any]]
    ) -> Any:
        rows, categories = logits.shape
        block = max(1, VALUES // (rows * categories))
        seeds = np.asarray(rng.integers(0, SEEDS, rows), np.int64)
        starts = range(0, size, block)
        steps = [np.arange(at, min(at + block, size), dtype=np.int64) for at in starts]
        made = [self._steps(logits, seeds, one, parameters) for one in steps]
        if any(one.ndim != 1 or one.size % rows for one in made):
            return made[0]  # not one token a row: it is judged by its shape
        return np.concatenate(made).reshape(-1, rows)

    def _steps(
        self,
        logits: NDArray[np.float64],
        seeds: NDArray[np.int64],
        steps: NDArray[np.int64],
        parameters: Mapping[str, NDArray[Any]],
    ) -> NDArray[Any]:
        given = {name: np.tile(values, steps.size) for name, values in parameters.items()}
        rows = np.tile(logits, (steps.size, 1))
        return np.asarray(self.function(rows, np.tile(seeds, steps.size), np.repeat(steps, len(logits)), **given))
