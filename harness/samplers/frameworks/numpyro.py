"""numpyro's samplers; their noise is jax's, so what they show is no second witness of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework
from harness.samplers.frameworks.jax import WIDE, blocks, bound

NUMPYRO = Framework("numpyro", "numpyro")


def _categorical(key: Any, logits: Any, number: int) -> Any:
    from numpyro import distributions

    return distributions.Categorical(logits=logits).sample(key, (number,))


def _gumbel(key: Any, logits: Any, number: int) -> Any:
    import jax
    from numpyro import distributions

    law = distributions.Gumbel(jax.numpy.zeros_like(logits), jax.numpy.ones_like(logits))
    return logits + law.sample(key, (number,))


@NUMPYRO.sampler("numpyro-categorical", emits="index", dtypes=WIDE)
def categorical(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with numpyro.distributions.Categorical."""
    return blocks(bound(_categorical), logits, size, rng, dtype)


@NUMPYRO.sampler("numpyro-gumbel", emits="gumbel", dtypes=WIDE)
def gumbel(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw logits plus numpyro.distributions.Gumbel(0, 1)."""
    return blocks(bound(_gumbel), logits, size, rng, dtype)
