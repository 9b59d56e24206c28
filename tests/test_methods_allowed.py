"""What is drawn as allowed is what the p-value allows: one count further and the check is refuted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.methods import (
    ChiSquare,
    DyadicTails,
    Homogeneity,
    KolmogorovSmirnov,
    Mean,
    PairTables,
    PooledCells,
    Tables,
)
from harness.methods.allowed import bounded, cells, farthest
from harness.methods.tails import binomial_two_sided
from harness.statistics import Counts, Moments, UniformBins

LEVELS = (0.05, 2.4e-10)
RNG = np.random.default_rng


def outside(exhibit):
    """Tell whether a number of a part that decides lies outside what its level allows."""
    return any(
        not low <= seen <= high
        for part in exhibit["tested"]
        if part["decides"]
        for seen, low, high in zip(part["observed"], part["low"], part["high"], strict=True)
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.floats(0, 1)), min_size=1, max_size=5),
    st.sampled_from(LEVELS),
    st.integers(1, 1000),
)
def test_a_binomial_range_ends_where_the_exact_p_value_reaches_the_level(pairs, alpha, tests):
    n, p = (np.array(column, np.float64) for column in zip(*pairs, strict=True))
    part = cells(str, np.zeros(n.size), n, p, tests=tests)
    (made,) = bounded({"tested": [part]}, alpha)["tested"]
    low, high = np.array(made["low"]), np.array(made["high"])
    assert (low >= 0).all() and (high <= n).all() and (low <= high).all()
    assert (binomial_two_sided(low, n, p) * tests > alpha).all()
    assert (binomial_two_sided(high, n, p) * tests > alpha).all()
    assert ((low == 0) | (binomial_two_sided(low - 1, n, p) * tests <= alpha)).all()
    assert ((high == n) | (binomial_two_sided(high + 1, n, p) * tests <= alpha)).all()


@pytest.mark.parametrize("alpha", LEVELS)
def test_a_hypergeometric_range_is_scipys(alpha):
    pooled, drawn, size = np.array([3, 50, 700, 1247]), 1000, 2000
    part = {"law": "hypergeometric", "decides": False, "observed": [1, 20, 300, 600], "pooled": pooled.tolist(),
            "sizes": [drawn, size], "tests": 4}  # fmt: skip
    (made,) = bounded({"tested": [part]}, alpha)["tested"]
    law = stats.hypergeom(size, pooled, drawn)
    for low, high, at in zip(made["low"], made["high"], range(4), strict=True):
        one = stats.hypergeom(size, pooled[at], drawn)
        assert 2 * one.cdf(low) > alpha / 4 and 2 * one.sf(high - 1) > alpha / 4
        assert low == 0 or 2 * one.cdf(low - 1) <= alpha / 4
        assert high == min(pooled[at], drawn) or 2 * one.sf(high) <= alpha / 4
    np.testing.assert_allclose(made["expected"], law.mean())


def _counts(p, n, seed):
    return Counts(n, RNG(seed).multinomial(n, np.ravel(p)).reshape(np.shape(p)))


P = np.array([0.4, 0.3, 0.2, 0.0999, 0.0001])
SHIFTED = np.array([0.4, 0.3, 0.19, 0.1098, 0.0002])


@pytest.mark.parametrize("method", [ChiSquare(P), PooledCells(P)], ids=["chi-square", "groups"])
@pytest.mark.parametrize("law", [P, SHIFTED], ids=["right", "wrong"])
@pytest.mark.parametrize("n", [300, 30_000, 3_000_000])
def test_counts_are_outside_if_and_only_if_they_refute(method, law, n):
    _agree(method, lambda seed: (_counts(law, n, seed),))


@pytest.mark.parametrize("law", [P, SHIFTED], ids=["right", "wrong"])
@pytest.mark.parametrize("n", [300, 300_000])
def test_two_samples_are_outside_if_and_only_if_they_refute(law, n):
    _agree(Homogeneity(P), lambda seed: (_counts(P, n, seed), _counts(law, n, seed + 100)))


@pytest.mark.parametrize("off", [0.0, 0.01, 0.05])
def test_a_mean_is_outside_if_and_only_if_it_refutes(off):
    def statistics(seed):
        return (Moments.of(RNG(seed).exponential(size=(4000, 1)) + off),)

    _agree(Mean(1.0, 1.0, 1.0), statistics)


@pytest.mark.parametrize("power", [1.0, 1.02, 1.3])
@pytest.mark.parametrize("method", [KolmogorovSmirnov(64, (1, 1)), DyadicTails(64, (1, 1))], ids=["ks", "tails"])
def test_uniforms_are_outside_if_and_only_if_they_refute(method, power):
    def statistics(seed):
        u = RNG(seed).random((20_000, 2)) ** np.array([1.0, power])
        return (UniformBins.of(u, 64, lambda rows: 1 - u[rows]),)

    seen = _agree(method, statistics)
    assert power < 1.3 or True in seen


@pytest.mark.parametrize("off", [0.0, 0.03])
def test_pairs_are_outside_if_and_only_if_they_refute(off):
    table = np.full((4, 4), 1 / 16) + off * np.diag([1, 1, -1, -1])

    def statistics(seed):
        one, other = (_counts(shares, 6000, seed).counts for shares in (table, np.full((4, 4), 1 / 16)))
        return (Counts(6000, np.stack([one, other])),)

    _agree(PairTables(4, (1, 1)), statistics)


@pytest.mark.parametrize("off", [0.0, 0.03])
def test_one_of_many_tables_is_outside_if_and_only_if_it_refutes(off):
    even = np.full((4, 4), 1 / 16)
    wrong = even + off * np.diag([1, 1, -1, -1])

    def statistics(seed):
        laws = [even, wrong, even]
        return (Counts(6000, np.stack([_counts(law, 6000, 10 * seed + i).counts for i, law in enumerate(laws)])),)

    _agree(Tables(even, ("a", "b", "c")), statistics)


def _agree(method, statistics):
    """Every exhibit at every level is outside if and only if its p-value is at most the level."""
    seen: set[bool] = set()
    for seed in range(4):
        evidence = method.evidence(statistics(seed), RNG(seed))
        for alpha in (0.5, *LEVELS):
            refuted = evidence.p_value <= alpha
            assert outside(bounded(evidence.exhibit, alpha)) == refuted, (seed, alpha, evidence.p_value)
            seen.add(refuted)
    return seen


def test_an_impossible_category_is_outside():
    method = ChiSquare(np.array([0.5, 0.5, 0.0]))
    evidence = method.evidence((Counts(100, np.array([50, 49, 1])),), RNG(0))
    assert evidence.impossible
    assert outside(bounded(evidence.exhibit, 1e-9))


def test_of_many_cells_the_farthest_are_kept():
    assert farthest(np.array([0.0, 5.0, 1.0, 7.0]), 2) == [1, 3]
    p = np.full(1000, 1e-3)
    observed = np.full(1000, 1000)
    observed[777] += 400
    part = cells(str, observed, 10**6, p)
    assert part["of"] == 1000 and len(part["name"]) == 100 and "777" in part["name"]


def test_an_exhibit_without_tested_numbers_stays_as_it_is():
    assert bounded({"kind": "curves"}, 0.01) == {"kind": "curves"}
