"""What methods report beside their p-values is what its formula says: effects, allowed ranges, distances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.methods import ChiSquare, Mean
from harness.methods.allowed import bounded, total
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
