"""Every p-value function against mpmath, from the centre to 1e-300, and the designs against scipy's noncentral law."""

import math

import mpmath as mp
import numpy as np
import pytest
from scipy import stats
from scipy.special import kolmogorov

from harness.methods import design
from harness.methods.tails import (
    binomial_at_least,
    binomial_at_most,
    binomial_two_sided,
    chi_square_survival,
    massart,
    massart_distance,
)

EXACT = 1e-9
LAWS = [(50, 0.02), (50, 0.5), (300, 0.999), (1000, 0.3), (10**5, 1e-4), (10**6, 0.25), (10**9, 3e-9)]
DEPTHS = (0, 1, 3, 6.5, 12, 21, 36)
"""Standard deviations from the mean: 21 is about 1e-100, 36 about 1e-280."""


def exact_at_least(k, n, p):
    """The tail from k up by its terms, each the last one times a ratio, to 50 digits."""
    with mp.workdps(50):
        p = mp.mpf(p)
        log = mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1) + k * mp.log(p) + (n - k) * mp.log1p(-p)
        term, total = mp.exp(log), mp.mpf(0)
        while k <= n and term > total * mp.mpf(10) ** -20:
            total += term
            term *= (n - k) / mp.mpf(k + 1) * p / (1 - p)
            k += 1
        return total


def points(n, p):
    """Counts at some depths on the upper side, where these exist."""
    spread = math.sqrt(n * p * (1 - p))
    return sorted({min(n, max(1, math.ceil(n * p + depth * spread + depth**2 / 6))) for depth in DEPTHS})


@pytest.mark.parametrize(("n", "p"), LAWS)
def test_binomial_tails_hold_their_digits(n, p):
    for k in points(n, p):
        exact = exact_at_least(k, n, p)
        if exact < mp.mpf("1e-305"):
            continue
        allowed = 1e-11 if exact < 0.01 else max(EXACT, 1e-16 * n)  # the centre decides nothing
        assert float(binomial_at_least(k, n, p) / exact - 1) == pytest.approx(0, abs=allowed), (k, mp.nstr(exact))
        assert float(binomial_at_most(k - 1, n, p) - (1 - exact)) == pytest.approx(0, abs=max(EXACT, 1e-16 * n))


@pytest.mark.parametrize(("n", "p"), [(50, 0.5), (1000, 0.75), (10**6, 0.25)])
def test_lower_tails_mirror_upper_ones(n, p):
    """With p and 1 - p both exact in binary the misses have the same law."""
    for k in points(n, 1 - p):
        exact = exact_at_least(k, n, 1 - p)
        if exact > mp.mpf("1e-305"):
            assert float(binomial_at_most(n - k, n, p) / exact - 1) == pytest.approx(0, abs=EXACT)


def test_the_points_reach_beyond_1e_100():
    deepest = [min(float(exact_at_least(k, n, p)) for k in points(n, p)) for n, p in LAWS]
    assert sum(p < 1e-100 for p in deepest) >= 4


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("n", [0, 1, 7])
def test_edges_of_the_binomial(n, p):
    law = stats.binom(n, p)
    for k in range(-2, n + 3):
        assert float(binomial_at_most(k, n, p)) == pytest.approx(law.cdf(k), abs=1e-15)
        assert float(binomial_at_least(k, n, p)) == pytest.approx(law.sf(k - 1), abs=1e-15)


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (20, 0.1), (50, 0.5), (200, 0.01)])
@pytest.mark.parametrize("level", [0.3, 0.05, 1e-3, 1e-8])
def test_the_two_sided_binomial_keeps_its_level_exactly(n, p, level):
    k = np.arange(n + 1)
    rejected = binomial_two_sided(k, n, p) <= level
    assert stats.binom.pmf(k, n, p)[rejected].sum() <= level


def exact_survival(x, dof):
    """The regularised upper incomplete gamma function by its continued fraction (modified Lentz), to 40 digits."""
    with mp.workdps(40):
        a, x = mp.mpf(dof) / 2, mp.mpf(x) / 2
        b = x + 1 - a
        c, d = mp.mpf(10) ** 60, 1 / b
        fraction, i, step = d, 0, mp.mpf(0)
        while abs(step - 1) > mp.mpf(10) ** -25:
            i += 1
            b += 2
            d = 1 / (b - i * (i - a) * d)
            c = b - i * (i - a) / c
            step = c * d
            fraction *= step
        return fraction * mp.exp(a * mp.log(x) - x - mp.loggamma(a))


@pytest.mark.parametrize("dof", [1, 2, 5, 99, 1023, 128_255])
def test_chi_square_tails_hold_their_digits(dof):
    seen = []
    for depth in (0.7, 2, 4, 7, 12, 22, 32):
        x = dof + depth * math.sqrt(2 * dof) + depth**2
        exact = exact_survival(x, dof)
        assert float(chi_square_survival(x, dof) / exact - 1) == pytest.approx(0, abs=EXACT), (x, mp.nstr(exact))
        seen.append(exact)
    assert seen[-2] < 1e-100


def exact_kolmogorov(n, d):
    """P(sup |F_n - F| >= d) of n uniforms: Durbin's matrix, in rational arithmetic (Marsaglia, Tsang, Wang 2003)."""
    t = mp.mpf(n) * d
    k = int(mp.ceil(t))
    h, m = k - t, 2 * k - 1
    matrix = mp.matrix(m, m)
    for i in range(m):
        for j in range(m):
            matrix[i, j] = 1 if i - j + 1 >= 0 else 0
    for i in range(m):
        matrix[i, 0] -= h ** (i + 1)
        matrix[m - 1, i] -= h ** (m - i)
    matrix[m - 1, 0] += (2 * h - 1) ** m if 2 * h - 1 > 0 else 0
    for i in range(m):
        for j in range(m):
            if i - j + 1 > 0:
                matrix[i, j] /= mp.factorial(i - j + 1)
    power = matrix**n
    return 1 - power[k - 1, k - 1] * mp.factorial(n) / mp.mpf(n) ** n


@pytest.mark.parametrize(("n", "d"), [(5, 0.3), (10, 0.45), (20, 0.35), (40, 0.25), (40, 0.45)])
def test_massart_bounds_the_exact_law_of_the_distance(n, d):
    with mp.workdps(60):
        exact = exact_kolmogorov(n, mp.mpf(d))
    assert float(exact) == pytest.approx(stats.kstwo.sf(d, n), rel=1e-6)
    assert exact <= massart(d, n)


@pytest.mark.parametrize("level", [1e-3, 1e-10, 1e-100])
def test_massart_is_tight_in_the_limit_deep_in_the_tail(level):
    n = 10**8
    d = massart_distance(n, level)
    assert massart(d, n) == pytest.approx(level, rel=1e-9)
    assert 0.99 * level <= kolmogorov(math.sqrt(n) * d) <= level * (1 + 1e-9)


def test_massart_at_its_edges():
    assert massart(0.0, 10) == 1.0
    assert massart_distance(0, 0.1) == math.inf


@pytest.mark.parametrize("dof", [1, 2, 5, 9, 99, 999, 9999, 128_255])
@pytest.mark.parametrize("alpha", [0.05, 1e-3, 2.2e-10, 1e-60])
@pytest.mark.parametrize("beta", [0.2, 1e-3, 1e-9])
def test_noncentrality_solves_for_the_power(dof, alpha, beta):
    found = design.noncentrality(dof, alpha, beta)
    critical = stats.chi2.isf(alpha, dof)
    assert stats.ncx2.cdf(critical, dof, found) == pytest.approx(beta, rel=1e-7)


@pytest.mark.parametrize(("dof", "expected"), [(1, 87), (5, 102), (9, 111), (99, 201), (999, 485), (128_255, 4734)])
def test_noncentrality_is_of_the_size_that_the_design_names(dof, expected):
    assert design.noncentrality(dof, 1e-9, 1e-3) == pytest.approx(expected, rel=0.03)


def test_one_degree_of_freedom_is_a_two_sided_normal_test():
    for alpha, beta in [(0.05, 0.1), (1e-9, 1e-3), (1e-60, 1e-12)]:
        shift = -stats.norm.ppf(alpha / 2) - stats.norm.ppf(beta)
        assert design.noncentrality(1, alpha, beta) == pytest.approx(shift**2, rel=1e-3)


def test_an_n_and_its_detectable_variation_invert_each_other():
    n = design.chi_square_draws(5, 0.01, 1e-9, 1e-3)
    assert design.chi_square_detectable(5, n, 1e-9, 1e-3) <= 0.01 < design.chi_square_detectable(5, n - 1, 1e-9, 1e-3)
    assert design.chi_square_detectable(5, 0, 1e-9, 1e-3) == math.inf


def exact_hypergeometric(k, total, marked, drawn):
    """The tail from k up of the marked among the drawn, term by term."""
    with mp.workdps(50):

        def log_ways(n, m):
            return mp.loggamma(n + 1) - mp.loggamma(m + 1) - mp.loggamma(n - m + 1)

        log = log_ways(marked, k) + log_ways(total - marked, drawn - k) - log_ways(total, drawn)
        term, tail = mp.exp(log), mp.mpf(0)
        while k <= min(marked, drawn) and term > tail * mp.mpf(10) ** -20:
            tail += term
            term *= mp.mpf((marked - k) * (drawn - k)) / ((k + 1) * (total - marked - drawn + k + 1))
            k += 1
        return tail


@pytest.mark.parametrize(
    ("total", "marked", "drawn"),
    [(400, 50, 200), (6000, 300, 3000), (434_000, 160_000, 217_000), (600_000, 900, 300_000)],
)
def test_hypergeometric_tails_hold_their_digits(total, marked, drawn):
    spread = math.sqrt(marked * (drawn / total) * (1 - drawn / total) * (1 - marked / total))
    for depth in (0, 3, 6.5, 12, 21):
        k = min(marked, math.ceil(marked * drawn / total + depth * spread))
        exact = exact_hypergeometric(k, total, marked, drawn)
        assert float(stats.hypergeom.sf(k - 1, total, marked, drawn) / exact - 1) == pytest.approx(0, abs=EXACT)
        assert float(stats.hypergeom.cdf(marked - k, total, marked, total - drawn) / exact - 1) == pytest.approx(
            0, abs=EXACT
        )
