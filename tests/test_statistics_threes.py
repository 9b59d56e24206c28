"""Every three of many coordinates is counted by its parity, as often as a plain sum of halves says."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from harness.methods import Tables
from harness.statistics import Counts, Threes
from harness.statistics.threes import MOST

ALPHA, BETA, SURE = 2.2e-10, 1e-3, 1e-6
RNG = np.random.default_rng


@pytest.mark.parametrize("draws", [0, 1, 63, 64, 65, 1000])
@pytest.mark.parametrize("dimension", [11, 20])
def test_parities_are_those_of_sums(dimension, draws):
    halves = RNG(draws).integers(0, 2, (dimension, draws), dtype=np.uint8)
    threes = Threes.of(dimension)
    listed = sorted(itertools.combinations(range(dimension), 3), key=lambda one: one[::-1])
    odd = [int((halves[list(one)].sum(axis=0) % 2).sum()) for one in listed]
    assert threes.tables(halves).tolist() == [[draws - one, one] for one in odd]
    assert threes[0] == "parity of coordinates 0, 1, 2" and len(threes) == math.comb(dimension, 3)


@pytest.mark.parametrize("dimension", [11, 100, 117, 118, 300, 5000])
def test_all_threes_are_seen_or_groups_that_touch_every_coordinate(dimension):
    threes = Threes.of(dimension, 7)
    assert sorted(itertools.chain.from_iterable(threes.groups)) == list(range(dimension))
    assert all(len(group) >= 3 and list(group) == sorted(group) for group in threes.groups)
    assert (threes.share == 1) == (dimension <= 117)
    assert (len(threes) <= MOST and len(threes) > MOST / 20) or dimension == 11


def test_groups_follow_from_the_seed_and_no_three_of_them_is_counted_twice():
    one, same, other = (Threes.of(200, seed) for seed in (1, 1, 2))
    assert one == same != other
    labels = [one[i] for i in range(len(one))]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("places", [(0, 1, 2), (3, 20, 39)])
def test_an_exclusive_or_of_three_of_forty_coordinates_is_seen_where_designed_and_named(places):
    """Total variation 0.1: of three halves an even number lies above in 0.6 of the draws; all else is even."""
    threes = Threes.of(40)
    method = Tables(np.full(2, 0.5), threes)
    n, rng = method.required(0.1, ALPHA, BETA), RNG(3)
    missed = 0
    for _ in range(20):
        halves = rng.integers(0, 2, (40, n), dtype=np.uint8)
        odd = (halves[list(places)].sum(axis=0) % 2 == 1) & (rng.random(n) < 0.2)
        halves[places[1], odd] ^= 1
        found = method.evidence((Counts(n, threes.tables(halves)),), rng)
        missed += found.p_value > ALPHA
        assert found.p_value > ALPHA or found.notes["table"] == f"parity of coordinates {', '.join(map(str, places))}"
    assert missed <= stats.binom.isf(SURE, 20, BETA)


def test_independent_coordinates_alarm_no_more_often_than_their_level():
    threes = Threes.of(30)
    method, rng = Tables(np.full(2, 0.5), threes), RNG(4)
    p_values = []
    for _ in range(200):
        counts = threes.tables(rng.integers(0, 2, (30, 500), dtype=np.uint8))
        p_values.append(method.evidence((Counts(500, counts),), rng).p_value)
    for level in (0.2, 0.05):
        assert sum(p <= level for p in p_values) <= stats.binom.isf(SURE, 200, level)
    assert min(p_values) < 0.2
