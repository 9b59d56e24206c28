"""Samplers that do what the posterior post says, word for word; they serve claims only and are not registered.

[1] The posterior document: inverse transform, Bayes' rule, and the recipe at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.laws.log_space import log_softmax
from harness.questions.check import Check
from harness.samplers.registry import Form, Sampler, get


def to_gumbel(u: Floats) -> Floats:
    """The inverse transform of [1]: -log(-log u); infinite at u = 0 and u = 1."""
    with np.errstate(divide="ignore"):
        noise: Floats = -np.log(-np.log(u))
    return noise


def to_uniform(epsilon: Floats) -> Floats:
    """The Gumbel distribution function of [1]: exp(-exp(-epsilon))."""
    u: Floats = np.exp(-np.exp(-epsilon))
    return u


def recipe(v: Floats, alpha: Floats, k: int) -> Floats:
    """The last display of [1]: u_k = v_k^alpha_k, all others u_j = v_k^alpha_j v_j, for v (n, K)."""
    winner = v[:, [k]]
    u: Floats = winner**alpha * v
    u[:, k] = winner[:, 0] ** alpha[k]
    return u


def recipe_through_winner(v: Floats, alpha: Floats, k: int) -> Floats:
    """The same with u_j = u_k^(alpha_j / alpha_k) v_j, the form from which the last one follows."""
    winner = v[:, k] ** alpha[k]
    u: Floats = winner[:, np.newaxis] ** (alpha / alpha[k]) * v
    u[:, k] = winner
    return u


def _inverse_transform(logits: Floats, size: int, *, rng: Any = None) -> Floats:
    return logits + to_gumbel(np.random.default_rng(rng).random((size, logits.size)))


def _recipe(logits: Floats, size: int, *, rng: Any = None, observed: int) -> Floats:
    v = np.random.default_rng(rng).random((size, logits.size))
    return logits + to_gumbel(recipe(v, np.exp(log_softmax(logits)), observed))


def _rejection(logits: Floats, size: int, *, rng: Any = None, observed: int) -> Floats:
    """Draw from the cube until enough draws have the observed category as their argmax."""
    generator, kept, found = np.random.default_rng(rng), [], 0
    while found < size:
        rows = _inverse_transform(logits, max(size, 1024), rng=generator)
        kept.append(rows[np.argmax(rows, axis=1) == observed])
        found += len(kept[-1])
    return np.concatenate(kept)[:size]


def _bayes(logits: Floats, size: int, *, rng: Any = None) -> Floats:
    """Draw k from Cat(alpha), then all noise from its posterior given k."""
    generator = np.random.default_rng(rng)
    index = np.asarray(get("direct").form("index").draw(logits, size, rng=generator))
    rows = np.empty((size, logits.size))
    for k in np.unique(index):
        at = np.flatnonzero(index == k)
        rows[at] = get("top-down").form("gumbel").draw(logits, at.size, rng=generator, observed=int(k))
    return rows


def claimant(name: str, draw: Callable[..., Any]) -> Sampler:
    """Return an unregistered sampler of perturbed logits."""
    return Sampler(name, "gumbel", {"gumbel": Form(draw)}, family="claim")


INVERSE_TRANSFORM = claimant("inverse-transform", _inverse_transform)
RECIPE = claimant("posterior-recipe", _recipe)
REJECTION = claimant("posterior-by-rejection", _rejection)
BAYES = claimant("category-then-posterior", _bayes)


def for_claim(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return a suite's checks as a claim's: no sampler answers for them."""
    return tuple(replace(check, judges=False) for check in checks)
