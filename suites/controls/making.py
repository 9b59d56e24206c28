"""A control is a sampler outside the registry, with what is known of it; the helpers here are right, bugs are elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.laws import Categorical, Convention
from harness.questions.content import Control
from harness.samplers.registry import Form, Sampler, called_by
from harness.samplers.terms import terms_of

Law = Callable[[Floats], Floats]
EULER = float(np.euler_gamma)
SPREAD = float(np.pi / np.sqrt(6))
"""The standard deviation of Gumbel noise."""
OWN = "of our own"


def control(
    name: str,
    emits: str,
    draw: Callable[..., Any],
    *,
    why: str,
    source: str = OWN,
    trigger: str,
    suite: str,
    law: Law | None = None,
    price: str = "",
    batch: bool = False,
    convention: str | Convention | None = None,
    ordered: bool = True,
    rule: str = "",
    seeded: bool = False,
    per_row: bool = False,
    jacobian: Callable[..., Any] | None = None,
    threads: bool = False,
    dtype: str = "float64",
) -> Control:
    """Return the control that draws with ``draw`` in the form ``emits``, on terms as ``harness.sampler`` takes them."""
    terms = terms_of(name, emits, draw, convention, ordered, rule, seeded, per_row)
    form = Form(called_by(draw, terms), terms=terms, jacobian=jacobian)
    sampler = Sampler(name, emits, MappingProxyType({emits: form}), "control", dtype, batch=batch, threads=threads)
    return Control(sampler, why, source, trigger, suite, law, price)


def probabilities(logits: Floats) -> Floats:
    """Return the (K,) softmax."""
    return Categorical(logits).mass


def inverse(p: Floats, u: NDArray[Any]) -> Indices:
    """Return the categories at which uniforms fall in the running sum of p; rightly."""
    total = np.cumsum(p)
    index: Indices = np.minimum(np.searchsorted(total, u * total[-1], side="right"), np.flatnonzero(p > 0)[-1])
    return index


def categories(logits: Floats, size: int, rng: np.random.Generator) -> Indices:
    """Return right draws."""
    return inverse(probabilities(logits), rng.random(size))


def gumbels(rng: np.random.Generator, *shape: int) -> Floats:
    """Return right Gumbel noise."""
    noise: Floats = -np.log(rng.standard_exponential(shape))
    return noise


def winner(scores: NDArray[Any]) -> Indices:
    """Return the argmax of rows; of equal scores, and of NaN, the first."""
    index: Indices = np.argmax(scores, axis=1)
    return index


def softmax(scores: Floats) -> Floats:
    """Return the softmax of rows."""
    weights: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights


def tally(index: NDArray[Any], size: int, weights: Floats | None = None) -> Floats:
    """Return the (size,) sums of the weights, or counts, of each index."""
    total: Floats = np.bincount(index, weights=weights, minlength=size)[:size].astype(np.float64)
    return total


def winners(logits: Floats, cdf: Callable[[Floats], Floats], points: Floats) -> Floats:
    """Return the (K,) probabilities that logit + noise is the largest, for noise of a given CDF, summed over points."""
    below = cdf(points[:, None] - logits)
    middle = (below[1:] + below[:-1]) / 2
    others = np.stack([np.delete(middle, k, axis=1).prod(axis=1) for k in range(logits.size)], axis=1)
    won = (np.diff(below, axis=0) * others).sum(axis=0)
    result: Floats = won / won.sum()
    return result
