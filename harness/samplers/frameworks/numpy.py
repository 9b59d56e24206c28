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


STEP = 1e-100
"""Of a complex-step derivative: its square vanishes beside anything, so that Im f(x + ih) / h is exact to rounding."""


def relaxed_slopes(logits: Floats, size: int, *, temperature: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the rows of numpy-relaxed with their derivatives by complex steps, one logit after another."""
    perturbed = logits + rng.gumbel(size=(size, logits.size))
    moved = perturbed[:, None, :] + 1j * STEP * np.eye(logits.size)
    slopes = np.imag(_softmax(moved / temperature)) / STEP
    return _softmax(perturbed / temperature), slopes.transpose(0, 2, 1)


@NUMPY.sampler("numpy-relaxed", emits="simplex", jacobian=relaxed_slopes)
def relaxed(logits: Floats, size: int, *, temperature: float, rng: np.random.Generator) -> Any:
    """Draw softmax((logits + Generator.gumbel) / temperature)."""
    return _softmax((logits + rng.gumbel(size=(size, logits.size))) / temperature)


def _softmax(scores: Any) -> Any:
    """Return the softmax of the last axis, of complex scores too; of equal largest ones any may be subtracted."""
    weights = np.exp(scores - np.max(scores.real, axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


@NUMPY.sampler("numpy-choice-without", emits="ranking")
def without_replacement(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Any:
    """Draw with Generator.choice, replace=False: one call a ranking."""
    p = probabilities(logits)
    return np.array([rng.choice(logits.size, k, replace=False, p=p) for _ in range(size)], np.intp).reshape(size, k)
