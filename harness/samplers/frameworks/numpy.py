"""NumPy's samplers: Generator.choice, Generator.multinomial, and the Gumbel-max idiom, all in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.builtin.weights import probabilities
from harness.samplers.frameworks.framework import Framework

NUMPY = Framework("numpy")


@NUMPY.sampler("numpy-choice", emits="index", cost="draw")
def choice(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with Generator.choice."""
    return rng.choice(logits.size, size=size, p=probabilities(logits))


@NUMPY.sampler("numpy-multinomial", emits="index")
def multinomial(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with Generator.multinomial, one trial a row."""
    return rng.multinomial(1, probabilities(logits), size=size).argmax(axis=1)


@NUMPY.sampler("numpy-gumbel", emits="index")
def gumbel_max(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw the argmax of logits plus Generator.gumbel."""
    return gumbel(logits, size, rng=rng).argmax(axis=1)


@NUMPY.sampler("numpy-gumbel", emits="gumbel")
def gumbel(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw logits plus Generator.gumbel."""
    return logits + rng.gumbel(size=(size, logits.size))


@NUMPY.sampler("numpy-choice-without", emits="ranking")
def without_replacement(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Any:
    """Draw with Generator.choice, replace=False: one call a ranking."""
    p = probabilities(logits)
    return np.array([rng.choice(logits.size, k, replace=False, p=p) for _ in range(size)]).reshape(size, k)
