"""mlx-lm's sampler, called as its ``generate_step`` calls it: with log probabilities, a row for each draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework, seed_from
from harness.samplers.frameworks.mlx import array, load, located

MLX_LM = Framework("mlx_lm", "mlx-lm")
VALUES = 2**17
"""Logits of one call, about; calls have one shape, as mlx-lm compiles its stages anew for every other one."""


@MLX_LM.sampler("mlx-lm-sampler", emits="index", dtypes=("float32", "bfloat16", "float16"), convention="mlx-lm")
def make_sampler(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    min_p: float | None,
    dtype: str,
) -> Any:
    """Draw with mlx_lm.sample_utils.make_sampler; a top_k of all categories is left out, as it is refused."""
    from mlx_lm import sample_utils

    mx = load()
    mx.random.seed(seed_from(rng))
    sampler = sample_utils.make_sampler(
        temp=1.0 if temperature is None else temperature,
        top_p=top_p or 0.0,
        min_p=min_p or 0.0,
        top_k=top_k if top_k is not None and top_k < logits.size else 0,
    )
    given = located(logits, dtype)
    number = max(1, VALUES // logits.size)
    rows = mx.broadcast_to(given - mx.logsumexp(given, keepdims=True), (number, logits.size))
    made = [array(sampler(rows)) for _ in range(-(-size // number))]
    return np.concatenate([np.empty(0, np.uint32), *made])[:size]
