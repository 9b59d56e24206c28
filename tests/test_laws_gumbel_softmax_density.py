"""The Gumbel-softmax density agrees with mpmath term by term, and integrates to one on the simplex and in u-space."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.typing import ArrayLike
from scipy import special

from harness.arrays import Floats
from harness.laws import GumbelSoftmax

ULP = 2.0**-52
THREE = np.array([0.5, -1.0, 2.0])


def from_u(law: GumbelSoftmax, u: ArrayLike) -> Floats:
    """The point of the simplex of u ([1] eqs (9)-(11)), masked coordinates 0."""
    rows = np.column_stack([np.asarray(u) / law.temperature, np.zeros(len(np.asarray(u)))])
    y = np.zeros((len(rows), law.logits.size))
    y[:, law.categories] = special.softmax(rows, axis=1)
    return y


def log_density_u(law: GumbelSoftmax, u: Floats) -> Floats:
    """The log density of u, eq. (8) of the note."""
    weights = law.logits[law.categories] - np.column_stack([u, np.zeros(len(u))])
    d = special.gammaln(weights.shape[1]) + weights.sum(axis=1)
    return np.asarray(d - weights.shape[1] * special.logsumexp(weights, axis=1))


def grid(reach: float, step: float, dimensions: int) -> Floats:
    axes = np.meshgrid(*[np.arange(-reach, reach, step)] * dimensions)
    return np.stack(axes, axis=-1).reshape(-1, dimensions)


@pytest.mark.parametrize("temperature", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("k", [2, 3, 10, 50])
def test_log_density_against_mpmath(k: int, temperature: float) -> None:
    logits = np.random.default_rng(k).normal(0, 2, k)
    law = GumbelSoftmax(logits, temperature)
    rows = from_u(law, np.random.default_rng(4).normal(0, 3, (5, k - 1)))
    with mpmath.workdps(50):
        for y, value in zip(rows, law.log_density(rows), strict=True):
            t = mpf(temperature)
            parts = [(mpf(float(v)), mpmath.exp(mpf(float(x)))) for v, x in zip(y, logits, strict=True)]
            exact = mpmath.loggamma(k) + (k - 1) * mpmath.log(t)
            exact -= k * mpmath.log(mpmath.fsum(pi / v**t for v, pi in parts))
            exact += mpmath.fsum(mpmath.log(pi / v ** (t + 1)) for v, pi in parts)
            scale = sum((1 + temperature) * abs(np.log(y)) + abs(logits)) + k * np.log(k)
            assert abs(float(exact) - value) < 4 * ULP * scale


@pytest.mark.parametrize("temperature", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("k", [2, 3])
def test_density_integrates_to_one(k: int, temperature: float) -> None:
    law = GumbelSoftmax(THREE[:k], temperature)
    reach, step = 30 / temperature + 4, 0.25 / max(temperature, 0.5)
    s = grid(reach, step, k - 1)  # the trapezoid rule is exponentially exact for decaying analytic functions
    y = from_u(GumbelSoftmax(np.zeros(k), 1.0), s)  # any chart of the simplex; its volume element is prod y
    total = np.exp(law.log_density(y) + np.log(y).sum(axis=1)).sum() * step ** (k - 1)
    assert total == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("k", [2, 3])
def test_density_of_u_integrates_to_one(k: int) -> None:
    total = np.exp(log_density_u(GumbelSoftmax(THREE[:k], 1.0), grid(34, 0.25, k - 1))).sum() * 0.25 ** (k - 1)
    assert total == pytest.approx(1, abs=1e-9)
