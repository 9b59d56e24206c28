"""mlx's samplers on the CPU, each with logits rounded to its dtype."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework, seed_from

MLX = Framework("mlx", "mlx")
ALL = ("float32", "bfloat16", "float16")


@lru_cache(maxsize=1)
def load() -> Any:
    """Return mlx.core."""
    import mlx.core

    return mlx.core


def located(logits: Floats, dtype: str) -> Any:
    """Return the logits rounded to ``dtype``; mlx casts float64 by way of float32, which holds all smaller types."""
    mx = load()
    return mx.array(logits.astype(np.float32)).astype(getattr(mx, dtype))


def array(made: Any) -> Any:
    """Return an array's values; NumPy has no bfloat16, whose values all are float32 values."""
    mx = load()
    return np.array(made.astype(mx.float32) if made.dtype == mx.bfloat16 else made)


@MLX.sampler("mlx-categorical", emits="index", dtypes=ALL)
def categorical(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with mlx.core.random.categorical, many draws of one row."""
    random = load().random
    return array(random.categorical(located(logits, dtype), num_samples=size, key=random.key(seed_from(rng))))


@MLX.sampler("mlx-categorical-rows", emits="index", dtypes=("float32",))
def rows(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with mlx.core.random.categorical, one draw of each of many rows, from the global state; in float32."""
    mx = load()
    mx.random.seed(seed_from(rng))
    return array(mx.random.categorical(mx.broadcast_to(located(logits, "float32"), (size, logits.size))))


@MLX.sampler("mlx-gumbel", emits="gumbel", dtypes=ALL)
def gumbel(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw logits plus mlx.core.random.gumbel."""
    mx, given = load(), located(logits, dtype)
    return array(given + mx.random.gumbel((size, logits.size), given.dtype, key=mx.random.key(seed_from(rng))))
