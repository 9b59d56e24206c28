"""What a method requires suffices at that n and every greater one, is not wasteful, and falls as the error rates rise."""

import math

import numpy as np
import pytest

from harness.methods import (
    ChiSquare,
    DyadicTails,
    Homogeneity,
    KolmogorovSmirnov,
    Mean,
    PairTables,
    PooledCells,
    SupportMethod,
    Tables,
)
from harness.methods.ks import bins_for
from harness.statistics import Blocks, Threes

DIE = np.array([0.05, 0.05, 0.1, 0.13, 0.27, 0.4])
ZIPF = (1 / np.arange(1, 201)) / (1 / np.arange(1, 201)).sum()
FLAT = np.full(1638, 1 / 1638)
DOMINANT = np.array([0.9994, 1e-4, 2e-4, 3e-4])
RARE = np.array([1 - 2e-9, 2e-9])
MASKED = np.array([0.0, 0.3, 0.0, 0.7])

METHODS = {
    "chi-square die": ChiSquare(DIE),
    "chi-square zipf": ChiSquare(ZIPF),
    "chi-square flat": ChiSquare(FLAT),
    "chi-square dominant": ChiSquare(DOMINANT),
    "chi-square rare": ChiSquare(RARE),
    "chi-square masked": ChiSquare(MASKED),
    "lag table": ChiSquare(np.outer(DIE, DIE), draws_per_unit=2),
    "pooled die": PooledCells(DIE),
    "pooled zipf": PooledCells(ZIPF),
    "pooled dominant": PooledCells(DOMINANT),
    "pooled rare": PooledCells(RARE),
    "ks": KolmogorovSmirnov(bins_for(0.01), (1, 1, 3)),
    "tails": DyadicTails(64, (1, 2)),
    "tails 4096": DyadicTails(4096, (1,)),
    "homogeneity die": Homogeneity(DIE),
    "homogeneity masked": Homogeneity(MASKED),
    "homogeneity flat": Homogeneity(FLAT),
    "mean": Mean(1.0, 1.0, 1.0),
    "pairs": PairTables(4, (3, 2)),
    "one pair": PairTables(4, (1, 0)),
    "tables": Tables(np.full((4, 4), 1 / 16), tuple("abc"), draws_per_unit=2),
    "triples": Tables(np.full((2, 2, 2), 1 / 8), blocks=Blocks.of(8, 2, 3)),
    "parities": Tables(np.full(2, 0.5), Threes.of(11), draws_per_unit=2),
    "support": SupportMethod(),
}
RATES = [(0.2, 1e-2, 1e-1), (0.05, 1e-4, 1e-3), (0.01, 2.2e-10, 1e-3), (0.01, 1e-50, 1e-9)]
WHOLE_CELLS = {"chi-square flat", "homogeneity flat"}
"""Here a coarse tolerance asks for less than the five a cell that it takes to tell any cell from another."""
SAWTOOTH = {"pooled", "tails"}
"""Exact binomials have whole critical counts: what n exposes falls but for steps of 1 / n, of a share of a mass by that."""


def steps(name, n):
    method = METHODS[name]
    share = 1 / (method.bins * min(method.repeats)) if isinstance(method, DyadicTails) else 1.0
    return 1 / (n * share) if name.split()[0] in SAWTOOTH else 1e-12


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("rates", RATES)
def test_what_is_required_suffices_there_and_beyond(name, rates):
    method, (tolerance, alpha, beta) = METHODS[name], rates
    n = method.required(tolerance, alpha, beta)
    assert n >= 1 and n == int(n)
    for more in (n, n + 1, n + 2, n + 7, *(math.ceil(n * factor) for factor in (1.01, 1.1, 1.5, 2, 10, 100))):
        assert method.detectable(more, alpha, beta) <= tolerance * (1 + 1e-12), more


@pytest.mark.parametrize("name", sorted(METHODS.keys() - WHOLE_CELLS))
@pytest.mark.parametrize("rates", RATES)
def test_what_is_required_is_not_twice_what_suffices(name, rates):
    method, (tolerance, alpha, beta) = METHODS[name], rates
    n = method.required(tolerance, alpha, beta)
    assert n <= 16 or method.detectable(math.floor(n / 2.1), alpha, beta) > tolerance
    assert method.detectable(n, alpha, beta) > 0.5 * tolerance or n <= 16


@pytest.mark.parametrize("name", METHODS)
def test_more_draws_and_looser_rates_expose_less(name):
    method = METHODS[name]
    base = method.required(0.03, 1e-6, 1e-3)
    for n in (base, 3 * base):
        found = method.detectable(n, 1e-6, 1e-3)
        assert found >= method.detectable(n, 1e-4, 1e-3) - 1e-12
        assert found >= method.detectable(n, 1e-6, 1e-1) - 1e-12
        assert found >= method.detectable(4 * n, 1e-6, 1e-3) - steps(name, n)


@pytest.mark.parametrize("name", METHODS)
def test_a_finer_tolerance_requires_more(name):
    sizes = [METHODS[name].required(tolerance, 1e-6, 1e-3) for tolerance in (0.3, 0.1, 0.03, 0.01)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("name", METHODS)
def test_without_draws_nothing_is_exposed(name):
    assert METHODS[name].detectable(0, 1e-6, 1e-3) > 0.5


@pytest.mark.parametrize("n", [1, 100, 211_584])
@pytest.mark.parametrize("method", [ChiSquare(FLAT), Homogeneity(FLAT)], ids=lambda method: method.name)
def test_cells_that_are_all_pooled_expose_nothing(n, method):
    pooled = 5 / n > FLAT[0]
    assert (method.detectable(n, 1e-6, 1e-3) == math.inf) == pooled


@pytest.mark.parametrize("method", [ChiSquare, PooledCells, Homogeneity], ids=lambda method: method.__name__)
@pytest.mark.parametrize("p", [np.ones(1), np.array([0.0, 1.0, 0.0])], ids=["alone", "masked"])
def test_where_one_category_is_possible_one_draw_tells_all(method, p):
    made = method(p)
    assert made.required(0.01, 1e-9, 1e-3) == 1
    assert made.detectable(1, 1e-9, 1e-3) == 0.0


def test_the_die_costs_what_the_design_says():
    assert ChiSquare(DIE).required(0.01, 1e-9, 1e-3) == pytest.approx(2.5e5, rel=0.01)
    assert KolmogorovSmirnov(bins_for(0.01), (1,)).required(0.01, 1e-9, 1e-3) == pytest.approx(2.7e5, rel=0.07)


@pytest.mark.parametrize(("tolerance", "columns"), [(0.01, 1), (0.01, 8), (0.02, 99), (0.002, 128)])
def test_coordinates_apart_cost_draws_and_no_memory_without_end(tolerance, columns):
    bins, eight = bins_for(tolerance, columns), bins_for(tolerance)
    assert bins * columns <= max(2 * 8 * eight, 16 * columns / tolerance) and 1 / bins <= tolerance / 8
    method = KolmogorovSmirnov(bins, (1,) * columns)
    n = method.required(tolerance, 1e-9, 1e-3)
    assert method.detectable(n, 1e-9, 1e-3) <= tolerance
    assert n <= 1.6 * KolmogorovSmirnov(eight, (1,)).required(tolerance, 1e-9, 1e-3)


def test_units_say_what_they_speak_of():
    assert KolmogorovSmirnov(64, (1, 1)).unit == "KS distance"
    assert KolmogorovSmirnov(64, (13, 12)).unit == "KS distance of the mean of 13 coordinates"
    assert PairTables(4, (1, 1)).unit == "total variation"
    assert PairTables(4, (4, 3)).unit == "total variation of the mean of 4 pairs"
    assert DyadicTails(64, (1,)).unit == "relative change of a mass of 2^-6"
    assert DyadicTails(4096, (125,)).unit == "relative change of a mass of 2^-12 of the mean of 125 coordinates"


def test_support_sees_a_rate_with_probability_one_minus_beta():
    n = SupportMethod().required(0.01, 1e-6, 1e-3)
    assert (1 - 0.01) ** n <= 1e-3 < (1 - 0.01) ** (n - 1)
    assert (1 - SupportMethod().detectable(n, 1e-6, 1e-3)) ** n == pytest.approx(1e-3)


@pytest.mark.parametrize("tolerance", [0.5, 0.1, 0.01, 0.002, 1e-4])
def test_a_bin_is_at_most_a_fortieth_of_the_tolerance(tolerance):
    bins = bins_for(tolerance)
    assert bins & (bins - 1) == 0 and 1 / bins <= tolerance / 40
