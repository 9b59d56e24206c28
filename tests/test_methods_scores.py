"""Normal scores are exact: every outcome is enumerated and the spread integrated, down to levels of 1e-6 and below."""

import itertools
import math

import numpy as np
import pytest
from scipy import special, stats

from harness.methods.homogeneity import _scores
from harness.methods.scores import log_bound, normal_scores
from harness.methods.tails import chi_square_survival

LEVELS = (0.05, 0.01, 1e-3, 1e-6, 1e-9)


class Spread:
    """A generator whose uniforms are all the same number."""

    def __init__(self, value):
        self.value = value

    def random(self, size):
        return np.full(size, self.value)


def share_below(scores_at, i, z):
    """The share of spreads at which score i is at most z; scores are monotone in the spread, bisection finds where."""
    ends = scores_at(1e-300)[i], scores_at(1 - 2.0**-53)[i]
    rising = ends[0] < ends[1]
    if not min(ends) < z < max(ends):
        return float(max(ends) <= z)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (scores_at(middle)[i] <= z) == rising else (low, middle)
    return low if rising else 1 - low


def multinomial(counts, p):
    n = sum(counts)
    ways = math.factorial(n) // math.prod(map(math.factorial, counts))
    return ways * math.prod(mass**count for mass, count in zip(p, counts, strict=True))


@pytest.mark.parametrize("p", [(0.98, 0.02), (0.02, 0.98), (0.5, 0.5), (1 - 1e-7, 1e-7)])
@pytest.mark.parametrize("level", LEVELS)
def test_the_score_of_two_categories_is_exactly_normal_on_either_side(p, level):
    n, masses = 50, np.array(p)
    for side in (-1, 1):
        z, total = side * -special.ndtri(level), 0.0
        for k in range(n + 1):
            counts = np.array([k, n - k])
            below = share_below(lambda s, c=counts: normal_scores(c, masses, Spread(s)), 0, z)
            total += multinomial((k, n - k), p) * (1 - below if side > 0 else below)
        assert total == pytest.approx(level, rel=1e-6, abs=1e-14)


@pytest.mark.parametrize("corner", [(0.3, -0.4), (-3.0, 2.0), (-4.9, 0.0), (-3.5, -3.5)])
def test_two_scores_of_three_categories_are_exactly_independent_normals(corner):
    n, p = 15, (0.03, 0.9, 0.07)
    masses, total = np.array(p), 0.0
    for a, b in itertools.product(range(n + 1), repeat=2):
        if a + b <= n:
            counts = np.array([a, b, n - a - b])

            def scores_at(s, counts=counts):
                return normal_scores(counts, masses, Spread(s))

            inside = share_below(scores_at, 0, corner[0]) * share_below(scores_at, 1, corner[1])
            total += multinomial(tuple(counts.tolist()), p) * inside
    assert total == pytest.approx(special.ndtr(corner[0]) * special.ndtr(corner[1]), rel=1e-6)


@pytest.mark.parametrize("totals", [(12, 30), (3, 39), (21, 21)])
@pytest.mark.parametrize("level", LEVELS[:4])
def test_the_score_of_two_samples_is_exactly_normal_given_their_totals(totals, level):
    first, z, total = 20, special.ndtri(level), 0.0
    for k in range(max(0, first - totals[1]), min(first, totals[0]) + 1):
        one = np.array([k, first - k])
        two = np.array(totals) - one
        weight = math.comb(totals[0], k) * math.comb(totals[1], first - k) / math.comb(sum(totals), first)
        total += weight * share_below(lambda s, a=one, b=two: _scores(a, b, Spread(s)), 0, z)
    assert total == pytest.approx(level, rel=1e-6)


@pytest.mark.parametrize(("expected", "level", "times"), [(5, 1e-9, 50), (100, 1e-9, 2), (1, 1e-6, 50)])
def test_in_contrast_pearson_rejects_rare_cells_many_times_too_often(expected, level, times):
    n = 10**5
    p, k = expected / n, np.arange(2000)
    pearson = (k - expected) ** 2 / expected / (1 - p)
    assert stats.binom.pmf(k, n, p)[chi_square_survival(pearson, 1) <= level].sum() > times * level


@pytest.mark.parametrize("gap", [1e-3, 1e-9, 1e-30, 1e-200])
def test_a_category_almost_sure_leaves_the_others_their_digits(gap):
    """One draw in the rare category has probability n x gap, which 1 - p would round away."""
    scores = normal_scores(np.array([999, 1]), np.array([1 - gap, gap]), Spread(0.0))
    assert special.ndtr(scores[0]) == pytest.approx(-math.expm1(1000 * math.log1p(-gap)), rel=1e-9)


def test_scores_grow_beyond_where_tails_underflow():
    half, counts = np.array([0.5, 0.5]), range(50_000, 100_001, 500)
    far = [normal_scores(np.array([k, 10**5 - k]), half, Spread(0.5))[0] for k in counts]
    assert np.all(np.diff(far) > 0) and np.all(np.isfinite(far)) and far[-1] > 300


def test_the_bound_is_above_the_tail_and_close_in_logarithm():
    n, p, k = 1000.0, 0.3, np.arange(310.0, 700.0, 30.0)
    exact = stats.binom.logsf(k - 1, n, p)
    bound = log_bound(k, np.full_like(k, n), np.full_like(k, p))
    assert np.all(bound >= exact) and np.all(bound - exact < 8)


def test_no_category_may_be_alone_and_none_are_left_over():
    assert normal_scores(np.array([7]), np.array([1.0]), Spread(0.5)).size == 0
    assert np.isfinite(normal_scores(np.array([7, 0, 0]), np.array([0.2, 0.3, 0.5]), Spread(0.5))).all()
    assert np.isfinite(normal_scores(np.zeros(3, int), np.array([0.2, 0.3, 0.5]), Spread(0.5))).all()
