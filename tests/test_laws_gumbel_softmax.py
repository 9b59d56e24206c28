"""The Gumbel-softmax draws become iid uniforms, exact in both tails: against mpmath, quadrature and NumPy's draws."""

from __future__ import annotations

import pickle

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from numpy.typing import ArrayLike
from scipy import special

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws import GumbelSoftmax

ULP = 2.0**-52
THREE = np.array([0.5, -1.0, 2.0])
MASKED = np.array([0.5, -np.inf, -1.0, 2.0, -np.inf])
KEPT = np.array([0, 2, 3])


def drawn(logits: Floats, temperature: float, size: int, seed: int = 4) -> Floats:
    z = (logits + np.random.default_rng(seed).gumbel(size=(size, logits.size))) / temperature
    y = np.exp(z - z.max(axis=1, keepdims=True))
    y /= y.sum(axis=1, keepdims=True)
    return np.asarray(y)


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


def exact_uniforms(law: GumbelSoftmax, y: Floats) -> list[tuple[mpf, mpf]]:
    """T_m and 1 - T_m of one row as the note has them, in u-space."""
    u = [mpf(law.temperature) * (mpmath.log(mpf(float(v))) - mpmath.log(mpf(float(y[-1])))) for v in y]
    terms = [mpmath.exp(mpf(float(x)) - v) for x, v in zip(law.logits, u, strict=True)]
    sums = [terms[-1]]
    for term in terms[:-1]:
        sums.append(sums[-1] + term)
    logs = [m * mpmath.log1p(terms[m - 1] / sums[m - 1]) for m in range(1, len(y))]
    return [(mpmath.exp(-h), -mpmath.expm1(-h)) for h in logs]


@pytest.mark.parametrize("point", [(0.3, -2.0), (4.0, 1.0), (-6.0, 0.5), (-2.0, -9.0)])
def test_uniforms_are_the_conditional_cdfs(point: tuple[float, float]) -> None:
    law = GumbelSoftmax(THREE, 0.7)
    nodes, weights = np.polynomial.legendre.leggauss(12)

    def below(limit: float) -> tuple[Floats, Floats]:
        edges = np.linspace(-45.0, limit, 61)
        half = np.diff(edges)[:, None] / 2
        return (edges[:-1, None] + half * (nodes + 1)).ravel(), (half * weights).ravel()

    def mass(first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> float:
        u = np.stack(np.meshgrid(first[0], second[0], indexing="ij"), axis=-1).reshape(-1, 2)
        density = np.exp(log_density_u(law, u)).reshape(first[0].size, second[0].size)
        return float(first[1] @ density @ second[1])

    at = (np.array([point[0]]), np.ones(1))
    expected = [mass(below(point[0]), below(45.0)), mass(at, below(point[1])) / mass(at, below(45.0))]
    np.testing.assert_allclose(law.rosenblatt(from_u(law, [point]))[0], expected, rtol=1e-9)


@pytest.mark.parametrize("spread", [0.5, 30.0, 200.0])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 20.0])
def test_both_tails_against_mpmath(temperature: float, spread: float) -> None:
    rng = np.random.default_rng(5)
    law = GumbelSoftmax(rng.normal(size=6), temperature)
    rows = from_u(law, rng.normal(0, spread, (2000, 5)))  # far from where the law draws
    rows = rows[(rows > 1e-300).all(axis=1)][:40]
    uniform, complement = law.rosenblatt(rows), law.rosenblatt(rows, complement=True)
    m, x = np.arange(1, 6), np.abs(law.mean_u)
    bound = m + 4 + x + 2 * temperature * np.abs(np.log(rows)).max(axis=1, keepdims=True)
    smallest = 1.0
    with mpmath.workdps(40):
        for i, row in enumerate(rows):
            for j, (below, above) in enumerate(exact_uniforms(law, row)):
                smallest = min(smallest, float(above))
                assert abs(mpf(float(complement[i, j])) - above) <= bound[i, j] * ULP * above + mpf(1e-300)
                assert abs(mpf(float(uniform[i, j])) - below) <= m[j] * bound[i, j] * ULP * below + mpf(1e-300)
    assert rows.shape[0] == 40 and (smallest < 1e-90 or spread < 200)


@pytest.mark.parametrize("k", [2, 3, 7, 100])
@pytest.mark.parametrize("temperature", [0.3, 1.0, 10.0])
def test_draws_of_numpy_become_independent_uniforms(k: int, temperature: float) -> None:
    logits = np.random.default_rng(k).normal(0, 1.5, k)
    uniform = GumbelSoftmax(logits, temperature).rosenblatt(drawn(logits, temperature, 4000))
    assert uniform.shape == (4000, k - 1)
    assert scipy.stats.kstest(uniform.ravel(), "uniform").pvalue > 1e-9
    for column in uniform.T[[0, -1]]:
        assert scipy.stats.kstest(column, "uniform").pvalue > 1e-9
    if k > 2:
        cells = np.histogram2d(uniform[:, 0], uniform[:, 1], bins=8, range=[[0, 1]] * 2)[0]
        assert scipy.stats.chisquare(cells.ravel()).pvalue > 1e-9


@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=8),
    st.floats(0.5, 100),
    st.integers(0, 2**32),
    st.floats(-500, 500),
)
def test_properties(logits: list[float], temperature: float, seed: int, shift: float) -> None:
    x = np.array(logits)
    y, law = drawn(x, temperature, 5, seed), GumbelSoftmax(x, temperature)
    uniform, complement = law.rosenblatt(y), law.rosenblatt(y, complement=True)
    assert uniform.shape == complement.shape == (5, x.size - 1)
    assert ((uniform >= 0) & (uniform <= 1) & (complement >= 0) & (complement <= 1)).all()
    np.testing.assert_allclose(uniform + complement, 1.0, rtol=0, atol=3e-16)
    moved = GumbelSoftmax(x + shift, temperature)
    np.testing.assert_allclose(moved.rosenblatt(y), uniform, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(moved.log_density(y), law.log_density(y), rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("size", [1, 2, 3, 40])
def test_masked_is_removed(size: int) -> None:
    y = drawn(MASKED, 0.8, size)
    law, removed = GumbelSoftmax(MASKED, 0.8), GumbelSoftmax(MASKED[KEPT], 0.8)
    np.testing.assert_array_equal(law.rosenblatt(y), removed.rosenblatt(y[:, KEPT]))
    np.testing.assert_array_equal(law.log_density(y), removed.log_density(y[:, KEPT]))
    np.testing.assert_allclose(from_u(law, law.to_u(y)), y, rtol=1e-13)
    y[0, 1] = 1e-9
    assert law.log_density(y)[0] == -np.inf


@pytest.mark.parametrize("complement", [False, True])
def test_a_row_does_not_depend_on_the_rows_beside_it(complement: bool) -> None:
    logits = np.random.default_rng(6).normal(size=40)
    y, law = drawn(logits, 0.5, 200), GumbelSoftmax(logits, 0.5)
    tall = law.rosenblatt(y, complement=complement)  # category by category; the short pieces go row by row
    for start in (0, 17, 199):
        piece = slice(start, start + 3)
        np.testing.assert_array_equal(law.rosenblatt(y[piece], complement=complement), tall[piece])


def test_zeros_are_read_as_the_smallest_normal_double() -> None:
    law = GumbelSoftmax(np.zeros(4), 1.0)
    y = np.array([[0.0, 0.5, 0.0, 0.5], [0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]])
    for uniform in (law.rosenblatt(y), 1 - law.rosenblatt(y, complement=True)):
        np.testing.assert_allclose(uniform[:3], [[0, 1, 1 / 8], [1, 1, 1 / 8], [0, 1 / 4, 8 / 27]], atol=1e-11)
    assert (law.log_density(y) == -np.inf).all()
    assert np.isfinite(GumbelSoftmax(np.zeros(4), 1e-3).rosenblatt(y)).all()


@pytest.mark.filterwarnings("error")
def test_nan_and_infinity_give_no_warning() -> None:
    uniform = GumbelSoftmax(np.zeros(3), 1.0).rosenblatt([[np.nan, 0.5, 0.5], [np.inf, 0.0, np.inf]])
    assert np.isnan(uniform[:, 0]).all()


def test_marginals_and_moments_of_u() -> None:
    law = GumbelSoftmax(MASKED, 0.4)
    u = law.to_u(drawn(MASKED, 0.4, 40_000))
    for column, category in enumerate(KEPT[:-1]):
        marginal = law.marginal(int(category))
        assert scipy.stats.kstest(marginal.cdf(u[:, column]), "uniform").pvalue > 1e-9
        assert marginal.mean == law.mean_u[column]
        assert marginal.variance == pytest.approx(np.pi**2 / 3)
    assert np.pi**2 / 6 == pytest.approx(np.cov(u.T)[0, 1], abs=0.12)  # the shared Gumbel of r; six standard errors
    for category in (1, 3, 9):
        with pytest.raises(UsageError, match="coordinate"):
            law.marginal(category)


def test_one_category_and_pickle() -> None:
    law = pickle.loads(pickle.dumps(GumbelSoftmax(np.array([-np.inf, 2.0]), 1.0)))
    assert law.rosenblatt([[0.0, 1.0]]).shape == (1, 0) and law.log_density([[0.0, 1.0]]) == 0
    np.testing.assert_array_equal(from_u(law, np.zeros((2, 0))), [[0.0, 1.0]] * 2)
    with pytest.raises(UsageError, match="temperature"):
        GumbelSoftmax(THREE, 0.0)
    with pytest.raises(UsageError, match="shape"):
        GumbelSoftmax(THREE, 1.0).rosenblatt([[0.5, 0.5]])
