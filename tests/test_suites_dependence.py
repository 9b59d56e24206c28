"""Draws in twos, in threes and in blocks: counted rightly, within their level when right, exposed where they say."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from harness.methods.tails import binomial_two_sided
from harness.options import Options
from harness.questions.check import Scenario
from harness.samplers.registry import Form, Sampler, get
from suites.calling import dependence
from suites.calling.asked import Asked
from suites.calling.bits import CELLS
from suites.calling.dependence import one_call
from suites.calling.lags import signs
from suites.calling.scatter import _scored, scatter, variance_exposed
from suites.calling.threes import _extreme, _threes, couples, threes
from suites.calling.twos import distances
from suites.cases import case
from suites.families.dependence import QUESTIONS, checks

EVEN = np.full(CELLS, 1 / CELLS)
LEVEL, BETA = 0.01, 0.1


def fair(seed, *shape):
    return np.random.default_rng(seed).random(shape) < 0.5


def asked(name, emits, at):
    return {one.name.rsplit("/", 1)[1]: one for one in checks(get(name), emits, (case(at),), Options())}


def test_the_pair_that_deviates_most_is_that_of_a_loop():
    bits = fair(1, 3, 400)
    found = distances(bits)
    x = 2 * bits.astype(int) - 1
    sums = {
        (i, j, s): (x[i, : 400 - s] * x[j, s:]).sum() / np.sqrt(400 - s)
        for i, j in itertools.product(range(3), repeat=2)
        for s in range(1, 400 - 256)
    }
    worst = max(sums, key=lambda key: abs(sums[key]))
    assert (found.i, found.j, found.apart) == worst
    assert found.effect == pytest.approx(abs(sums[worst]) / np.sqrt(400 - worst[2]))


def test_the_three_that_deviate_most_are_those_of_a_loop():
    x = signs(fair(2, 300))
    total, a, b = _extreme(_threes(x, 12, 280))
    sums = {
        (i, j): float((x[:280] * x[i : 280 + i] * x[j : 280 + j]).sum()) for i in range(1, 13) for j in range(i + 1, 13)
    }
    assert len(sums) == couples(12) and abs(total) == max(abs(one) for one in sums.values())
    assert sums[a, b] == total


def test_right_bits_are_refuted_no_more_often_than_the_level():
    tries = 200
    alarms = sum(distances(fair(seed, 2, 400)).p_value <= 0.02 for seed in range(tries))
    assert alarms <= 13  # Binomial(200, 0.02): 6e-5 beyond


@pytest.mark.parametrize("length", [16, 64, 0])
def test_scores_of_right_blocks_scatter_as_chi_square_and_stratified_ones_do_not(length):
    tries, outside = 60, 0
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        total, dof = _scored(rng.integers(0, CELLS, 640), length, 20, EVEN, rng)
        outside += not 0.01 < stats.chi2(dof).cdf(total) < 0.99
    assert outside <= 8  # Binomial(60, 0.02): 3e-6 beyond
    rng = np.random.default_rng(0)
    total, dof = _scored(np.arange(640) % CELLS, length, 20, EVEN, rng)
    assert total < dof / 4


def test_what_is_exposed_is_found_with_the_stated_probability():
    draws = Asked(Scenario(get("direct"), "index", case("die")), np.full(6, 1 / 6), 1, LEVEL, BETA)
    tests, n, missed = couples(8), 400, 0
    share = draws.exposed(n, tests)
    for seed in range(100):
        rng, bits = np.random.default_rng(seed), fair(1000 + seed, n + 8)
        for i in 5 + np.flatnonzero(rng.random(n + 3) < share):
            bits[i] = bits[i - 5] ^ bits[i - 3]
        total, _, _ = _extreme(_threes(signs(bits), 8, n))

        missed += float(binomial_two_sided((n + total) / 2, n, 0.5)) * tests > LEVEL
    assert missed <= 24  # Binomial(100, 0.1): 1e-5 beyond
    assert variance_exposed(1300, LEVEL, BETA) < variance_exposed(650, LEVEL, BETA)


RIGHT = [("direct", "index", "die"), ("relaxed", "simplex", "die@2"), ("top-down", "gumbel", "die|5")]


@pytest.mark.parametrize(("name", "emits", "where"), RIGHT)
def test_right_samplers_are_spared_and_their_tolerance_is_reached(name, emits, where, monkeypatch):
    """Of so many calls fewer are made here: 65,536 take twenty seconds."""
    monkeypatch.setattr(dependence, "RETURN", 2**10)
    spared(name, emits, where, seeds=3)


@pytest.mark.dear
@pytest.mark.parametrize(("name", "emits", "where"), RIGHT)
def test_right_samplers_are_spared_in_all_calls(name, emits, where):
    spared(name, emits, where, seeds=1)


def spared(name, emits, where, seeds):
    for what, check in asked(name, emits, where).items():
        for seed in range(seeds):
            evidence = check.compute(np.random.default_rng([seed, len(what)]))
            assert evidence.p_value > 1e-5 and not evidence.impossible
            assert evidence.resolution <= check.tolerance == QUESTIONS[what].tolerance


def test_a_draw_that_no_law_makes_is_told_and_half_precision_is_not_asked():
    def broken(logits, size, *, rng, temperature):
        rows = np.full((size, logits.size), 1 / logits.size)
        rows[3] = np.nan
        return rows

    guest = Sampler("broken", "simplex", {"simplex": Form(broken)})
    draws = Asked(Scenario(guest, "simplex", case("die@2")), EVEN, 5, LEVEL, BETA)
    for compute in (one_call, threes, scatter):
        assert "NaN" in compute(draws, np.random.default_rng(0)).impossible
    half = Sampler("half", "simplex", {"simplex": Form(broken)}, dtype="bfloat16")
    assert not [*checks(half, "simplex", (case("die@2"),), Options())]
