"""Perturbed logits are independent Gumbels, whose argmax and maximum are independent."""

from __future__ import annotations

import pickle

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from harness.errors import UsageError
from harness.laws import Gumbel, PerturbedLogits

LOGITS = np.array([0.5, -np.inf, 2.0, -1.0])
KEPT = np.array([0, 2, 3])


def drawn(size: int, seed: int = 3) -> np.ndarray:
    return LOGITS + np.random.default_rng(seed).gumbel(size=(size, LOGITS.size))


def test_log_density_is_the_sum_of_gumbels() -> None:
    g = drawn(50)
    expected = sum(Gumbel(LOGITS[j]).log_density(g[:, j]) for j in KEPT)
    np.testing.assert_allclose(PerturbedLogits(LOGITS).log_density(g), expected, rtol=1e-13)
    g[0, 1] = 0.0  # a masked category cannot have a finite value
    assert PerturbedLogits(LOGITS).log_density(g)[0] == -np.inf


@pytest.mark.parametrize("size", [2, 5_000])
def test_uniforms_are_the_marginal_cdfs(size: int) -> None:
    g = drawn(size)
    uniform = PerturbedLogits(LOGITS).rosenblatt(g)
    assert uniform.shape == (size, 3)
    for column, j in enumerate(KEPT):
        np.testing.assert_array_equal(uniform[:, column], Gumbel(LOGITS[j]).cdf(g[:, j]))


def test_draws_of_numpy_become_uniform() -> None:
    uniform = PerturbedLogits(LOGITS).rosenblatt(drawn(20_000))
    for column in uniform.T:
        assert scipy.stats.kstest(column, "uniform").pvalue > 1e-9


@given(st.floats(-6.5, 690.0))
def test_both_tails_against_mpmath(x: float) -> None:
    law, g = PerturbedLogits(np.zeros(1)), np.array([[x]])
    with mpmath.workdps(40):
        below, above = mpmath.exp(-mpmath.exp(-mpf(x))), -mpmath.expm1(-mpmath.exp(-mpf(x)))
        assert abs(mpf(law.rosenblatt(g).item()) / below - 1) < 1e-12
        assert abs(mpf(law.rosenblatt(g, complement=True).item()) / above - 1) < 1e-15


def test_shift_moves_the_law_with_its_draws() -> None:
    g = drawn(100)
    moved = PerturbedLogits(LOGITS + 64.0).rosenblatt(g + 64.0)
    np.testing.assert_allclose(moved, PerturbedLogits(LOGITS).rosenblatt(g), rtol=1e-12)


def test_masked_is_removed() -> None:
    g = drawn(100)
    removed = PerturbedLogits(LOGITS[KEPT])
    np.testing.assert_array_equal(PerturbedLogits(LOGITS).rosenblatt(g), removed.rosenblatt(g[:, KEPT]))
    np.testing.assert_array_equal(PerturbedLogits(LOGITS).log_density(g), removed.log_density(g[:, KEPT]))


def test_winner_and_maximum() -> None:
    law, g = PerturbedLogits(LOGITS), drawn(40_000)
    assert law.maximum.location == pytest.approx(np.log(np.exp(LOGITS).sum()), rel=1e-15)
    winner, maximum = g.argmax(axis=1), g.max(axis=1)
    assert scipy.stats.kstest(law.maximum.rosenblatt(maximum)[:, 0], "uniform").pvalue > 1e-9
    cells = np.floor(law.maximum.cdf(maximum) * 8).astype(int)
    table = np.array([[((winner == j) & (cells == c)).sum() for c in range(8)] for j in KEPT])
    expected = 40_000 * law.winner.mass[KEPT, None] / 8
    assert scipy.stats.chi2.sf(((table - expected) ** 2 / expected).sum(), 23) > 1e-9


def test_moments() -> None:
    law = PerturbedLogits(LOGITS)
    np.testing.assert_allclose(law.mean[KEPT], [Gumbel(LOGITS[j]).mean for j in KEPT])
    np.testing.assert_allclose(law.variance, [Gumbel().variance, 0, Gumbel().variance, Gumbel().variance])
    assert law.mean[1] == -np.inf


def test_wrong_shapes_and_pickle() -> None:
    law = PerturbedLogits(LOGITS)
    with pytest.raises(UsageError, match="shape"):
        law.rosenblatt(np.zeros((5, 3)))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(law)).logits, LOGITS)
