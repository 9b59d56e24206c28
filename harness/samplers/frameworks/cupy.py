"""CuPy's samplers on an NVIDIA GPU, in float64 as they are called."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework, seed_from

CUPY = Framework("cupy", "cupy")
ON = ("cuda",)


@lru_cache(maxsize=1)
def load() -> Any:
    """Return cupy."""
    import cupy

    return cupy


def _shares(logits: Floats) -> Any:
    cupy = load()
    weights = cupy.exp(cupy.asarray(np.ascontiguousarray(logits - logits.max())))
    return weights / weights.sum()


@CUPY.sampler("cupy-choice", emits="index", devices=ON)
def choice(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with RandomState.choice, with replacement."""
    random = load().random.RandomState(seed_from(rng))
    return load().asnumpy(random.choice(logits.size, size, replace=True, p=_shares(logits)))


@CUPY.sampler("cupy-gumbel", emits="gumbel", dtypes=("float64", "float32"), devices=ON)
def gumbel(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw logits plus RandomState.gumbel, both in one type."""
    cupy = load()
    noise = cupy.random.RandomState(seed_from(rng)).gumbel(size=(size, logits.size), dtype=dtype)
    return cupy.asnumpy(cupy.asarray(logits.astype(dtype)) + noise)
