"""The laws of one real variable agree with mpmath to 1e-12 of their values, down to probabilities of 1e-300."""

from __future__ import annotations

import pickle

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws import Gumbel, Logistic, TruncatedGumbel

GRID = np.array([-6.53, -6.0, -3.25, -1.0, -0.125, 0.0, 0.5, 1.0, 4.0, 16.0, 37.0, 45.5, 300.0, 690.0])
PROBABILITIES = np.array([1e-300, 1e-100, 1e-17, 1e-9, 0.01, 0.3, 0.5, 0.75, 0.999, 1 - 2.0**-40, 1 - 2.0**-53])
TRUNCATED = [TruncatedGumbel(0.5, 1.25), TruncatedGumbel(-4, 2)]
LAWS = [Gumbel(), Gumbel(-3.0, 0.25), Logistic(), Logistic(2.0, 4.0), *TRUNCATED]


def relative_error(value: Floats, exact: list[mpf]) -> float:
    return max(float(abs(mpf(float(v)) / e - 1)) for v, e in zip(value, exact, strict=True))


def reference(law: object, x: float) -> tuple[mpf, mpf]:
    """CDF and survival function at the double ``x``, without rounding and no cancellation."""
    if isinstance(law, TruncatedGumbel):
        e = -mpmath.exp(mpf(law.location) - mpf(x)) * mpmath.expm1(mpf(x) - mpf(law.bound))
        return mpmath.exp(-e), -mpmath.expm1(-e)
    z = (mpf(x) - mpf(law.location)) / mpf(law.scale)  # type: ignore[attr-defined]
    if isinstance(law, Logistic):
        return 1 / (1 + mpmath.exp(-z)), 1 / (1 + mpmath.exp(z))
    return mpmath.exp(-mpmath.exp(-z)), -mpmath.expm1(-mpmath.exp(-z))


def test_gumbel_tails() -> None:
    with mpmath.workdps(40):
        exact = [reference(Gumbel(), x) for x in GRID]
        assert relative_error(Gumbel().cdf(GRID), [below for below, _ in exact]) < 1e-12
        assert relative_error(Gumbel().survival(GRID), [above for _, above in exact]) < 1e-12
        assert relative_error(Gumbel().log_cdf(GRID), [-mpmath.exp(-mpf(x)) for x in GRID]) < 1e-15
        densities = [mpmath.exp(-mpf(x) - mpmath.exp(-mpf(x))) for x in GRID]
        assert relative_error(Gumbel().density(GRID), densities) < 1e-12
        assert relative_error(Gumbel().log_density(GRID), [-mpf(x) - mpmath.exp(-mpf(x)) for x in GRID]) < 1e-15


def test_logistic_tails() -> None:
    grid = np.concatenate([-GRID[::-1], GRID])
    with mpmath.workdps(40):
        exact = [reference(Logistic(), x) for x in grid]
        assert relative_error(Logistic().cdf(grid), [below for below, _ in exact]) < 1e-14
        assert relative_error(Logistic().survival(grid), [above for _, above in exact]) < 1e-14
        logs = [-mpmath.log1p(mpmath.exp(-mpf(float(x)))) for x in grid]
        assert relative_error(Logistic().log_cdf(grid), logs) < 1e-14
        assert relative_error(Logistic().density(grid), [below * above for below, above in exact]) < 1e-12


@pytest.mark.parametrize("gap", [1e-300, 1e-18, 1e-12, 1e-3, 0.5, 3.0, 6.5])
@pytest.mark.parametrize("bound", [0.0, -4.0, 2.0, 30.0])
def test_truncated_tails(gap: float, bound: float) -> None:
    law, x = TruncatedGumbel(0.0, bound), bound - gap
    with mpmath.workdps(40):
        below, above = reference(law, x)
        conditioning = 1e-15 * float(1 - mpmath.log(below))  # E carries a few ulp and the CDF is e^-E
        assert relative_error(law.cdf([x]), [below]) < conditioning or below < 1e-300
        assert law.survival([x])[0] == above == 0 or relative_error(law.survival([x]), [above]) < 2e-15
        density = mpmath.exp(-mpf(x)) * below
        assert abs(law.log_density(x) - float(mpmath.log(density))) < 1e-15 * (3 + abs(float(mpmath.log(density))))


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_quantiles_invert_the_cdf(law: Gumbel | Logistic | TruncatedGumbel) -> None:
    with mpmath.workdps(40):
        for p in PROBABILITIES:
            x = float(law.quantile(p))
            value = reference(law, x)[0]
            step = np.spacing(abs(x)) + np.spacing(1.0) * (1 + abs(law.location))  # x is a double
            slack = float(abs(reference(law, x - 8 * step)[0] - value))
            assert abs(float(value - mpf(float(p)))) <= slack + 1e-14 * p


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_density_and_moments_by_quadrature(law: Gumbel | Logistic | TruncatedGumbel) -> None:
    nodes, weights = np.polynomial.legendre.leggauss(20)
    low = law.quantile(1e-30)
    high = law.bound if isinstance(law, TruncatedGumbel) else law.location + 70 * law.scale  # 4e-31 beyond
    edges = np.linspace(low, high, 401)
    x = (edges[:-1, None] + (nodes + 1) / 2 * np.diff(edges)[:, None]).ravel()
    mass = np.exp(law.log_density(x)) * np.tile(weights, 400) * (edges[1] - edges[0]) / 2
    assert mass.sum() == pytest.approx(1, abs=1e-12)
    assert mass @ x == pytest.approx(law.mean, abs=1e-11)
    assert law.cdf(edges[200]) == pytest.approx(mass[: 200 * 20].sum(), abs=1e-12)
    if not isinstance(law, TruncatedGumbel):
        centred = (x - law.mean) / np.sqrt(law.variance)
        assert mass @ centred**2 == pytest.approx(1, abs=1e-11)
        assert mass @ centred**3 == pytest.approx(law.skewness, abs=1e-10)


@pytest.mark.parametrize("excess", [-800.0, -30.0, -6.2, 0.0, 6.2, 6.3, 40.0, 700.0])
def test_truncated_mean(excess: float) -> None:
    with mpmath.workdps(40):
        c = mpmath.exp(mpf(excess))
        exact = -mpmath.exp(c) * mpmath.e1(c) if excess < 20 else -1 / c
    assert TruncatedGumbel(excess, 0.0).mean == pytest.approx(float(exact), rel=1e-13, abs=0)


def test_scipy_agrees() -> None:
    x = np.linspace(-5, 60, 200)
    gumbels, logistics = (Gumbel(1.5, 2), scipy.stats.gumbel_r(1.5, 2)), (Logistic(-1, 3), scipy.stats.logistic(-1, 3))
    for ours, theirs in (gumbels, logistics):
        np.testing.assert_allclose(ours.log_density(x), theirs.logpdf(x), rtol=1e-12)
        np.testing.assert_allclose(ours.cdf(x), theirs.cdf(x), rtol=1e-12)
        np.testing.assert_allclose(ours.survival(x), theirs.sf(x), rtol=1e-12)
        mean, variance, skewness = (float(moment) for moment in theirs.stats("mvs"))
        assert (ours.mean, ours.variance, ours.skewness) == pytest.approx((mean, variance, skewness), rel=1e-12)


@given(st.floats(-1e300, 1e300) | st.sampled_from([-np.inf, np.inf]), st.sampled_from(LAWS))
def test_uniforms_and_complements_sum_to_one(x: float, law: Gumbel | Logistic | TruncatedGumbel) -> None:
    inside = min(x, law.bound) if isinstance(law, TruncatedGumbel) else x
    uniform, complement = law.rosenblatt([inside]), law.rosenblatt([inside], complement=True)
    assert uniform.shape == complement.shape == (1, 1)
    assert uniform[0, 0] == law.cdf(inside) and complement[0, 0] == law.survival(inside)
    assert uniform + complement == pytest.approx(1, abs=1e-15)
    assert law.log_density(inside) < 1 if np.isfinite(inside) else law.log_density(inside) == -np.inf


def test_draws_of_numpy_become_uniform() -> None:
    rng = np.random.default_rng(1)
    for law, draws in ((Gumbel(3, 2), rng.gumbel(3, 2, 20_000)), (Logistic(-1, 0.5), rng.logistic(-1, 0.5, 20_000))):
        assert scipy.stats.kstest(law.rosenblatt(draws)[:, 0], "uniform").pvalue > 1e-9
    draws = rng.gumbel(0, 1, 50_000)
    kept = draws[draws < 0.75]
    assert scipy.stats.kstest(TruncatedGumbel(0, 0.75).rosenblatt(kept)[:, 0], "uniform").pvalue > 1e-9


def test_above_the_bound_is_impossible() -> None:
    law = TruncatedGumbel(0, 1)
    assert law.rosenblatt([2.0]) == np.inf and law.rosenblatt([2.0], complement=True) == -np.inf
    assert law.cdf(2.0) == 1 and law.survival(2.0) == 0 and law.log_density(2.0) == -np.inf


@pytest.mark.parametrize("parameters", [(np.nan, 1.0), (np.inf, 1.0), (0.0, 0.0), (0.0, -1.0), (0.0, np.inf)])
def test_bad_parameters(parameters: tuple[float, float]) -> None:
    for law in (Gumbel, Logistic):
        with pytest.raises(UsageError):
            law(*parameters)


def test_truncation_needs_a_finite_bound() -> None:
    with pytest.raises(UsageError, match="bound"):
        TruncatedGumbel(0.0, np.inf)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_pickles(law: Gumbel | Logistic | TruncatedGumbel) -> None:
    assert pickle.loads(pickle.dumps(law)).cdf(0.25) == law.cdf(0.25)
