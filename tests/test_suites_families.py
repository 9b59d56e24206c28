"""Every family of checks has refuted a control: one that never refuted anything proves nothing."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from harness.options import Options
from harness.questions.check import Evidence, Scenario
from harness.questions.content import load_content
from harness.questions.plan import guests_plan, narrowed
from harness.samplers.registry import Sampler, get
from harness.validation import execute
from harness.verdict import Verdict
from suites.cases import case
from suites.controls import controls
from suites.families import calls, endpoints, metamorphic, noise

CONTROLS = {control.sampler.name: control.sampler for control in controls()}
REFUTED = (
    "support/half_uniform_reaches_one/index/masked-last",
    "endpoints/cdf_left_u_zero/index/masked-first",
    "endpoints/gumbel_eps_spike/index/abyss",
    "metamorphic/mutates_its_input/index/l8/unchanged-input",
    "metamorphic/seed_ignored_unless_row_zero/index/l8/same-seed",
    "metamorphic/generator_ignored/index/l8/other-seed",
    "metamorphic/strides_ignored/index/l8/memory",
    "chi_square/alias_stops_early/index/round",
    "chi_square/index_in_bfloat16/index/flat-512/cells",
    "ks/noise_normal/gumbel/die",
    "ks/noise_clipped/gumbel/die/tails",
    "ks/relaxed_one_of_many/simplex/zipf-100@1",
    "ks/noise_jointly_wrong/gumbel/die/joint",
    "density_integral/relaxed_normal_noise/simplex/three@1",
    "independence/sticky_draws/index/die/lag-1",
    "independence/sticky_by_two/index/die/lag-2",
    "independence/rows_share_antidiagonals/index/die/lag-3",
    "independence/rows_repeat_the_step/index/die/lag-4",
    "independence/rows_share_diagonals/index/die/lag-5",
    "independence/noise_dependent/gumbel/die/coordinates",
    "independence/noise_dependent/gumbel/die/winner-maximum",
    "independence/winner_tells/gumbel/l8/winner-coordinates",
    "independence/posterior_nonadjacent/gumbel/shift|3/coordinates",
    "independence/posterior_three_way/gumbel/die|5/triples",
    "independence/posterior_coordinate_repeats/gumbel/die|5/coordinate-lags",
    "independence/relaxed_three_way/simplex/die@2/triples",
    "independence/relaxed_three_way_apart/simplex/zipf-100@1/parities",
    "independence/posterior_three_way_apart/gumbel/zipf-100|7/parities",
    "independence/posterior_maximum_used_twice/gumbel/die|5/lag-1",
    "rows/row_zero_for_all_rows/index/l8/own-logits",
    "rows/row_zero_for_all_rows/index/l8/composition",
    "calls/first_draw_of_call_is_zero/index/die/positions",
    "calls/philox_offset_overlap/index/die/overlap",
    "calls/period_of_127/index/die/lags",
    "calls/systematic_draws/index/die/fit",
    "noise/noise_of_23_bits/gumbel/die/distinct",
    "homogeneity/gumbel_added_to_probs/index/l8",
)


def findings(control, kept):
    """Do some checks of a control's plan, at the levels and sizes of the whole."""
    options = Options()
    plan = guests_plan([CONTROLS[control]], load_content(options), options)
    one = narrowed(plan, (check for check in plan.checks if kept(check.name)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return execute(one, engine="serial", workers=1).outcome.findings


@pytest.mark.parametrize("name", REFUTED)
def test_each_family_refutes_a_control(name):
    (finding,) = findings(name.split("/")[1], lambda check: check == name)
    assert finding.verdict is Verdict.REFUTED


def test_that_the_winner_tells_is_seen_by_its_own_check_alone():
    found = findings("winner_tells", lambda check: "/winner_tells/gumbel/l8" in check and "calls/" not in check)
    refuted = [one.check.name for one in found if one.verdict is Verdict.REFUTED]
    assert refuted == ["independence/winner_tells/gumbel/l8/winner-coordinates"]


def p_values(suite, name, emits, case_name, repeats):
    found = suite.checks(get(name), emits, (case(case_name),), Options())
    return {check.name: [check.compute(np.random.default_rng(seed)) for seed in range(repeats)] for check in found}


@pytest.mark.parametrize("suite", [endpoints, metamorphic, calls, noise])
def test_right_samplers_pass_many_times(suite):
    for sampler, emits, name in (
        ("direct", "index", "die"),
        ("top-down", "gumbel", "die|5"),
        ("direct", "index", "l8"),
    ):
        for found in p_values(suite, sampler, emits, name, 3).values():
            assert all(not one.impossible and (one.p_value is None or one.p_value > 1e-6) for one in found)


def test_what_happens_once_in_2_to_the_53_is_noted_and_refutes_nobody():
    def left(logits, size, *, rng):
        return np.searchsorted(np.cumsum(np.exp(logits) / np.exp(logits).sum()), rng.random(size)).clip(max=3)

    sampler = replace(CONTROLS["cdf_left_u_zero"], forms={"index": type(get("direct").form("index"))(left)})
    evidence: Evidence = endpoints.impossible(
        Scenario(sampler, "index", case("masked-first")), np.random.default_rng(0)
    )
    assert not evidence.impossible
    assert "once in 2^53 words" in evidence.notes


def test_draws_in_half_precision_differ_from_seed_to_seed_and_one_that_ignores_its_seed_is_seen():
    def half(logits, size, *, rng, temperature):
        scores = (logits + rng.gumbel(size=(size, logits.size))) / temperature
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float16)

    def deaf(logits, size, *, rng, temperature):
        return half(logits, size, rng=np.random.default_rng(1), temperature=temperature)

    form = type(get("direct").form("index"))
    for draw, words in ((half, ""), (deaf, "another seed gave the same draws")):
        sampler = Sampler("half", "simplex", {"simplex": form(draw)}, dtype="float16")
        caller = metamorphic.Caller(Scenario(sampler, "simplex", case("die@2")))
        assert metamorphic.other_seed(caller, 5) == words
