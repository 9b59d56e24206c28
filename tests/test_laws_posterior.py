"""The posterior given the winner is right as Gumbels and as uniforms, and the two are the same law."""

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
from harness.laws import Categorical, PerturbedLogits, Posterior, PosteriorUniforms

LOGITS = np.array([0.5, -np.inf, 2.0, -1.0])
KEPT = np.array([0, 2, 3])


def rejected(logits: Floats, observed: int, size: int = 60_000) -> Floats:
    """Posterior draws by rejection, which shares no formula with the law."""
    g = logits + np.random.default_rng(7).gumbel(size=(size, logits.size))
    return np.asarray(g[g.argmax(axis=1) == observed])


def from_exponentials(law: PosteriorUniforms, rows: Floats) -> Floats:
    """a = -log u of (m, K) iid Exp(1): -log u_k = alpha_k E_k, -log u_j = alpha_j E_k + E_j."""
    a: Floats = rows[:, [law.observed]] * np.exp(Categorical(law.logits).log_mass)
    others = np.arange(law.logits.size) != law.observed
    a[:, others] += rows[:, others]
    return a


@pytest.mark.parametrize("observed", [0, 2, 3])
def test_draws_by_rejection_become_independent_uniforms(observed: int) -> None:
    g = rejected(LOGITS, observed)
    uniform = Posterior(LOGITS, observed).rosenblatt(g)
    assert uniform.shape == (g.shape[0], 3)
    for column in uniform.T:
        assert scipy.stats.kstest(column, "uniform").pvalue > 1e-9
    for pair in ([0, 1], [0, 2], [1, 2]):
        cells = np.histogram2d(uniform[:, pair[0]], uniform[:, pair[1]], bins=6, range=[[0, 1]] * 2)[0]
        assert scipy.stats.chisquare(cells.ravel()).pvalue > 1e-9


def test_density_and_moments_by_quadrature() -> None:
    logits, (nodes, weights) = np.array([0.75, -0.5]), np.polynomial.legendre.leggauss(16)

    def panels(low: float, high: float, count: int) -> tuple[Floats, Floats]:
        edges = np.linspace(low, high, count + 1)
        half = np.diff(edges)[:, None] / 2
        return (edges[:-1, None] + half * (nodes + 1)).ravel(), (half * weights).ravel()

    (top, top_weights), (gap, gap_weights) = panels(-4.0, 40.0, 50), panels(0.0, 45.0, 50)
    for observed in (0, 1):
        law, g = Posterior(logits, observed), np.empty((top.size * gap.size, 2))
        g[:, observed] = np.repeat(top, gap.size)
        g[:, 1 - observed] = g[:, observed] - np.tile(gap, top.size)
        mass = np.exp(law.log_density(g)) * np.outer(top_weights, gap_weights).ravel()
        assert mass.sum() == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(mass @ g, law.mean, atol=1e-11)
        np.testing.assert_allclose(mass @ (g - law.mean) ** 2, law.variance, atol=1e-11)


def test_log_density_is_the_prior_over_the_mass() -> None:
    g = rejected(LOGITS, 3)[:20]
    expected = PerturbedLogits(LOGITS).log_density(g) - Categorical(LOGITS).log_mass[3]
    np.testing.assert_array_equal(Posterior(LOGITS, 3).log_density(g), expected)
    assert (Posterior(LOGITS, 2).log_density(g) == -np.inf).all()


def test_others_are_truncated_below_the_maximum() -> None:
    law, g = Posterior(LOGITS, 2), rejected(LOGITS, 2)[:10]
    uniform = law.rosenblatt(g)
    np.testing.assert_array_equal(uniform[:, 0], law.maximum.cdf(g[:, 2]))
    for row, values in zip(g, uniform, strict=True):
        np.testing.assert_array_equal(values[1:], [law.other(j, row[2]).cdf(row[j]) for j in (0, 3)])


@given(st.floats(1e-18, 7.0), st.floats(-6.0, 40.0), st.floats(-20.0, 20.0))
def test_both_tails_against_mpmath(gap: float, top: float, logit: float) -> None:
    law = Posterior(np.array([logit, 0.0]), 1)
    g = np.array([[top - gap, top]])
    with mpmath.workdps(40):
        x, bound = mpf(float(g[0, 0])), mpf(top)
        e = -mpmath.exp(mpf(logit) - x) * mpmath.expm1(x - bound)
        rounding = 4 + abs(logit) + abs(top) + gap  # of the exponents
        above = -mpmath.expm1(-e)
        assert abs(mpf(float(law.rosenblatt(g, complement=True)[0, 1])) - above) <= rounding * 2.0**-52 * above
        if e < 690:
            below = mpmath.exp(-e)
            assert abs(mpf(float(law.rosenblatt(g)[0, 1])) - below) <= rounding * (1 + e) * 2.0**-52 * below


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=8), st.data(), st.floats(-100, 100))
def test_properties(logits: list[float], data: st.DataObject, shift: float) -> None:
    x = np.array(logits)
    observed = data.draw(st.integers(0, x.size - 1))
    law = Posterior(x, observed)
    a = from_exponentials(PosteriorUniforms(x, observed), np.random.default_rng(8).exponential(size=(4, x.size)))
    g = Categorical(x).log_mass - np.log(a) + law.maximum.location
    g = np.minimum(g, g[:, [observed]])  # rounding may lift a loser above the maximum
    uniform, complement = law.rosenblatt(g), law.rosenblatt(g, complement=True)
    assert ((uniform >= 0) & (uniform <= 1) & (complement >= 0) & (complement <= 1)).all()
    np.testing.assert_allclose(uniform + complement, 1.0, rtol=0, atol=3e-16)
    np.testing.assert_allclose(Posterior(x + shift, observed).rosenblatt(g + shift), uniform, rtol=1e-9, atol=1e-11)


def test_masked_is_removed() -> None:
    g = rejected(LOGITS, 2)[:100]
    law, removed = Posterior(LOGITS, 2), Posterior(LOGITS[KEPT], 1)
    np.testing.assert_array_equal(law.rosenblatt(g), removed.rosenblatt(g[:, KEPT]))
    np.testing.assert_array_equal(law.rosenblatt(g[:2]), removed.rosenblatt(g[:2, KEPT]))
    np.testing.assert_array_equal(law.mean[KEPT], removed.mean)
    assert law.mean[1] == -np.inf and law.variance[1] == 0


def test_impossible_draws_and_ties() -> None:
    law = Posterior(np.array([-50.0, 0.0, 1.0]), 1)
    g = np.array([[1.0, 1.0, 2.0], [-900.0, 800.0, 900.0]])
    np.testing.assert_array_equal(law.rosenblatt(g)[:, 1:], [[1, np.inf], [0, np.inf]])
    np.testing.assert_array_equal(law.rosenblatt(g, complement=True)[:, 1:], [[0, -np.inf], [1, -np.inf]])


@pytest.mark.filterwarnings("error")
def test_broken_draws_stay_outside_the_unit_interval_without_a_warning() -> None:
    g = np.array([[np.inf, np.inf], [-np.inf, -np.inf], [np.nan, 0.0], [0.0, np.nan]])
    for law in (Posterior(np.zeros(2), 0), PosteriorUniforms(np.zeros(2), 0)):
        uniform = law.rosenblatt(g)
        assert not ((uniform >= 0) & (uniform <= 1)).all(axis=1).any()


def test_a_certain_winner_keeps_its_moments() -> None:
    law = Posterior(np.array([0.0, -800.0]), 1)  # the loser had probability 1 within rounding
    assert law.mean[0] == pytest.approx(law.maximum.mean - 1, abs=1e-12)
    assert law.variance[0] == pytest.approx(np.pi**2 / 6 - 1, abs=1e-12)


def test_uniforms_and_gumbels_are_the_same_law() -> None:
    logits, observed = Categorical(LOGITS).log_mass, 2
    g = rejected(logits, observed)[:500]
    a = np.ones_like(g)
    a[:, KEPT] = np.exp(logits[KEPT] - g[:, KEPT])  # -log u = e^-(g - log alpha)
    expected = Posterior(logits, observed).rosenblatt(g)
    np.testing.assert_allclose(PosteriorUniforms(LOGITS, observed).rosenblatt(a), expected, rtol=1e-11)
    assert PosteriorUniforms(LOGITS, observed).log_density(a) == pytest.approx(-logits[observed])
    assert (PosteriorUniforms(LOGITS, 0).log_density(a) == -np.inf).all()


@pytest.mark.parametrize("alpha", [1e-6, 0.25, 1 - 1e-6])
def test_uniforms_of_the_document(alpha: float) -> None:
    law = PosteriorUniforms(np.log([alpha, 1 - alpha]), 0)
    e = np.random.default_rng(9).exponential(size=(200, 2)) * np.array([1.0, 1e-9])
    a = from_exponentials(law, e)
    np.testing.assert_allclose(law.rosenblatt(a)[:, 0], np.exp(-e[:, 0]), rtol=1e-14)
    error = np.abs(law.rosenblatt(a, complement=True)[:, 1] + np.expm1(-e[:, 1]))
    rounding = 2.0**-52 * (4 - np.log(alpha) - np.log1p(-alpha))  # of alpha_j E_k and of its bound
    assert (error <= rounding * (1 - alpha) * e[:, 0] + 1e-15 * e[:, 1]).all()
    np.testing.assert_allclose(law.bound(a[:, 0])[:, 0], (1 - alpha) * e[:, 0], rtol=1e-14)


def test_moments_of_the_uniforms() -> None:
    law = PosteriorUniforms(LOGITS, 0)
    u = np.exp(-from_exponentials(law, np.random.default_rng(10).exponential(size=(100_000, 4))))
    np.testing.assert_allclose(u.mean(axis=0), law.mean, atol=6 * 0.3 / np.sqrt(1e5))
    np.testing.assert_allclose(u.var(axis=0), law.variance, atol=6 * 0.1 / np.sqrt(1e5))


def test_draws_off_the_set_are_impossible() -> None:
    law = PosteriorUniforms(np.zeros(2), 0)
    a = np.array([[1.0, 0.5], [-1.0, 0.5], [1.0, 1.0 - 2.0**-52]])
    assert (law.rosenblatt(a)[[0, 1], [1, 0]] == np.inf).all()
    assert (law.rosenblatt(a, complement=True)[[0, 1], [1, 0]] == -np.inf).all()
    assert law.rosenblatt(a)[2, 1] == 1  # short of its bound by rounding alone
    np.testing.assert_array_equal(law.log_density(a), [-np.inf, -np.inf, np.log(2)])


@pytest.mark.parametrize("law", [Posterior, PosteriorUniforms])
def test_parameters_and_pickle(law: type[Posterior] | type[PosteriorUniforms]) -> None:
    with pytest.raises(UsageError, match="probability zero"):
        law(LOGITS, 1)
    with pytest.raises(UsageError, match="outside"):
        law(LOGITS, 4)
    with pytest.raises(UsageError, match="shape"):
        law(LOGITS, 0).rosenblatt(np.zeros((2, 3)))
    copy = pickle.loads(pickle.dumps(law(LOGITS, 0)))
    assert copy.observed == 0 and copy.rosenblatt(np.ones((1, 4))).shape == (1, 3)
    assert law(np.zeros(1), 0).rosenblatt(np.ones((5, 1))).shape == (5, 1)
