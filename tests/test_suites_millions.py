"""Fair bits, agreements at every distance and copied runs: right to the count, within their level, seen where planted."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from harness.options import Options
from harness.questions.check import Scenario
from harness.questions.content import load_content
from harness.questions.plan import guests_plan
from harness.samplers.registry import Form, Sampler, get
from suites.calling import afford, one_call
from suites.calling.bits import halves, told
from suites.calling.copies import LEAST, chance, copied
from suites.calling.lags import counted_again, folded, folded_exposed, folded_p, folded_worst, linear
from suites.calling.one_call import OneCall
from suites.cases import case
from suites.families.millions import COINS, checks

LEVEL, BETA = 0.02, 0.1


def fair(seed, n):
    return np.random.default_rng(seed).integers(0, 2, n).astype(bool)


def of(name, n=2**17, emits="index", coordinates=1, level=1e-9):
    return OneCall(Scenario(get(name), emits, COINS[0]), (2 * n,), coordinates, level, 1e-3)


@pytest.mark.parametrize("n", [2, 7, 12, 64, 101])
def test_sums_at_every_distance_are_those_that_a_loop_adds(n):
    bits, other = fair(n, n), fair(n + 1, n)
    x, y = 2 * bits.astype(int) - 1, 2 * other.astype(int) - 1
    assert linear(bits, bits).tolist() == [(x[: n - s] * x[s:]).sum() for s in range(n)]
    assert linear(bits, other).tolist() == [(x[: n - s] * y[s:]).sum() for s in range(n)]
    circular = [(x * np.roll(x, -s)).sum() for s in range(n)]
    assert np.rint(folded(bits)).astype(int).tolist()[: n // 2 + 1] == circular[: n // 2 + 1]
    assert [counted_again(bits, s) for s in range(1, n)] == circular[1:]


@pytest.mark.parametrize("n", [9, 12])
def test_the_tail_of_a_folded_sum_is_bounded_for_every_distance_by_enumeration(n):
    x = np.array([*itertools.product((-1, 1), repeat=n)])
    for s in range(1, n // 2 + 1):
        sums = np.abs((x * np.roll(x, -s, axis=1)).sum(axis=1))
        for total in np.unique(sums):
            assert (sums >= total).mean() <= folded_p(int(total), n, s) + 1e-12


def test_few_right_series_are_refuted_and_nearly_all_that_repeat_what_is_exposed():
    n, tries = 3 * 2**11, 100
    share = folded_exposed(n, LEVEL, BETA)
    assert sum(folded_worst(fair(i, n)).p_value <= LEVEL for i in range(tries)) <= 9  # Binomial(100, 0.02): 3e-5 beyond
    missed = 0
    for i in range(tries):
        rng, bits = np.random.default_rng(i), fair(1000 + i, n)
        s = int(rng.integers(1, n // 2))
        for at in s + np.flatnonzero(rng.random(n - s) < share):
            bits[at] = bits[at - s]
        missed += folded_worst(bits).p_value > LEVEL
    assert missed <= 24  # Binomial(100, 0.1): 1e-5 beyond


@pytest.mark.parametrize(("earlier", "later"), [(0, 9_000), (77, 5_001), (1000, 1_777), (3, 3 + LEAST)])
def test_a_copy_is_found_wherever_it_stands(earlier, later):
    bits = fair(later, 10_000)
    assert copied(bits) is None
    bits[later : later + LEAST] = bits[earlier : earlier + LEAST]
    found = copied(bits)
    assert found is not None and found[1] - found[0] == later - earlier
    assert earlier <= found[0] <= earlier + LEAST


def test_copies_by_chance_are_out_of_the_question():
    assert chance(2**26) < 1e-30
    assert copied(np.zeros(500, bool)) is not None
    assert copied(fair(0, LEAST)) is None


@pytest.mark.parametrize("name", ["pair", "die", "l8", "flat-100", "dominant"])
def test_halves_are_fair_and_keep_what_they_say(name):
    p = np.exp(case(name).logits)
    p /= p.sum()
    side, over = halves(p)
    heavy = p[side].sum()
    assert heavy >= 0.5 - 1e-9 and heavy * (1 - over) == pytest.approx(0.5)
    scenario, rng = Scenario(get("direct"), "index", case(name)), np.random.default_rng(1)
    seen = told(scenario, get("direct")(case(name).logits, 40_000, rng=rng))
    one, other = seen.bits(rng)[0], seen.bits(rng)[0]
    assert abs(one.mean() - 0.5) < 0.015
    assert ((one == other).mean() * 2 - 1) == pytest.approx(seen.kept, abs=0.03)


@pytest.mark.parametrize(("name", "emits", "at"), [("gumbel-max", "gumbel", "die"), ("relaxed", "simplex", "die@2")])
def test_continuous_draws_are_told_by_cells_of_their_uniforms(name, emits, at):
    known = case(at)
    draws = get(name).form(emits).draw(known.logits, 4096, rng=np.random.default_rng(0), **known.parameters)
    seen = told(Scenario(get(name), emits, known), draws)
    assert seen.cells.shape == (6 if emits == "gumbel" else 5, 4096) and seen.kept == 1.0
    assert np.abs(np.stack([np.bincount(row, minlength=8) for row in seen.cells]) - 512).max() < 130
    draws[7] = np.nan
    assert "NaN" in told(Scenario(get(name), emits, known), draws).impossible


def test_a_right_call_is_spared_and_what_it_would_have_shown_is_said():
    evidence = of("direct")(np.random.default_rng(3))
    assert evidence.p_value > 1e-4 and evidence.n == 2**17
    assert evidence.resolution == of("direct").exposed(2**17) < 0.08


def test_too_little_memory_is_said_before_anything_is_drawn(monkeypatch):
    monkeypatch.setattr(one_call, "_available", lambda: 2.0**20)
    assert "GiB of memory, 0.0 are free" in of("direct")(np.random.default_rng(0)).missing


def test_a_call_that_would_take_more_than_a_minute_is_made_smaller_and_that_is_said(monkeypatch):
    def slow(logits, size, *, rng):
        return rng.integers(0, 2, size)

    guest = Sampler("slow", "index", {"index": Form(slow)})
    monkeypatch.setattr(afford, "MOST", 1e-9)
    call = OneCall(Scenario(guest, "index", COINS[0]), (2**18, 2**17), 1, 1e-9, 1e-3)
    assert "131,072 draws would take about" in call(np.random.default_rng(0)).missing
    monkeypatch.setattr(one_call, "too_long", lambda sampler, part, parts: "is long" if parts > 10 else "")
    evidence = call(np.random.default_rng(0))
    assert evidence.n == 2**16 and evidence.notes["not made"] == "a call of 131,072 draws is long"


def test_the_full_profile_asks_for_more_values_and_half_precision_is_not_asked():
    def drawn(logits, size, *, rng):
        return rng.integers(0, logits.size, size)

    guest = Sampler("drawn", "index", {"index": Form(drawn)})
    assert [one.name for one in checks(guest, "index", (), Options())] == [
        "millions/drawn/index/coin/millions",
        "millions/drawn/index/coin/values",
    ]
    assert not [*checks(Sampler("half", "index", {"index": Form(drawn)}, dtype="float16"), "index", (), Options())]
    planned = {}
    for options in (Options(), Options(profile="full")):
        content = replace(load_content(options), suites={"millions": checks})
        planned[options.profile] = {one.name.split("/")[-1] for one in guests_plan([guest], content, options).checks}
    assert planned == {"quick": {"millions"}, "full": {"millions", "values"}}
    for one in checks(get("top-down"), "gumbel", (), Options()):
        assert all(one.compute.exposed(one.compute.draws(values)) <= one.tolerance for values in one.compute.values)
