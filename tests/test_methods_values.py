"""What methods report beside their p-values is what its formula says: effects, allowed ranges, distances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from harness.methods import ChiSquare, Mean, Tables
from harness.methods.allowed import bounded, total
from harness.methods.cells import shift
from harness.statistics import Counts

RNG = np.random.default_rng
DIE = np.array([0.05, 0.05, 0.1, 0.13, 0.27, 0.4])


def test_pearsons_statistic_beside_the_scores_is_scipys():
    counts = np.array([40, 61, 110, 120, 260, 409])
    evidence = ChiSquare(DIE).evidence((Counts(1000, counts),), RNG(0))
    assert evidence.notes["pearson"] == pytest.approx(stats.chisquare(counts, 1000 * DIE).statistic, rel=1e-12)


def test_the_effect_of_many_counts_is_their_total_variation():
    shifted = DIE + np.array([0.05, -0.02, -0.03, 0.0, 0.04, -0.04])
    evidence = ChiSquare(DIE).evidence((Counts(10**6, np.rint(10**6 * shifted).astype(int)),), RNG(0))
    assert evidence.effect == pytest.approx(0.09, rel=1e-3)


@pytest.mark.parametrize(("deviation", "scale"), [(0.3, 0.7), (2.5, 0.1), (1.0, 1.0)])
def test_bernsteins_distance_is_where_his_bound_reaches_the_level(deviation, scale):
    method = Mean(0.4, deviation, scale)
    for n in (10, 1000, 10**6):
        for level in (0.05, 1e-9):
            assert method._bound(method._distance(n, level), n) == pytest.approx(level, rel=1e-9)


@pytest.mark.parametrize("tests", [1, 7])
def test_the_range_of_a_chi_square_is_its_quantile_at_the_split_level(tests):
    (part,) = bounded({"tested": [total(10.0, 5, tests=tests)]}, 1e-4)["tested"]
    assert part["low"] == [0.0] and part["high"] == pytest.approx([stats.chi2.isf(1e-4 / tests, 5)], rel=1e-9)


def told_apart(n, p, level, beta, up):
    """The least shift in one direction at which the exact two-sided test of p misses with probability beta."""
    k = np.arange(n + 1)
    if up:
        critical = int(k[stats.binom.sf(k - 1, n, p) <= level / 2].min(initial=n + 1))
        if critical > n:
            return 1 - p
        return optimize.brentq(lambda d: stats.binom.sf(critical - 1, n, p + d) - 1 + beta, 0, 1 - p)
    critical = int(k[stats.binom.cdf(k, n, p) <= level / 2].max(initial=-1))
    return p if critical < 0 else optimize.brentq(lambda d: stats.binom.cdf(critical, n, p - d) - 1 + beta, 0, p)


@pytest.mark.parametrize(("n", "p"), [(10, 0.3), (20, 0.5), (500, 0.02), (500, 0.97), (4000, 0.3)])
@pytest.mark.parametrize(("level", "beta"), [(0.05, 0.1), (1e-9, 1e-3)])
def test_a_shift_is_where_both_exact_powers_are_reached(n, p, level, beta):
    due = max(told_apart(n, p, level, beta, up) for up in (True, False))
    assert shift(n, p, level, beta) == pytest.approx(due, abs=1e-9)


def test_no_units_say_nothing():
    even = np.full((2, 2), 0.25)
    evidence = Tables(even, ("a", "b")).evidence((Counts(0, np.zeros((2, 2, 2), int)),), RNG(0))
    assert evidence.p_value == 1.0 and evidence.effect == 0.0
