"""Every control is refuted by the family of checks that it names, on the case that triggers it."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.content import load_content
from harness.questions.plan import Plan, guests_plan
from harness.statistics import Counts
from harness.validation import execute
from harness.verdict import Verdict
from suites.cases import case
from suites.controls import controls
from suites.controls.sets import NOT_EXPRESSED
from suites.families.millions import COINS
from suites.families.row_parameters import REQUESTS
from suites.families.sweep import POINTS
from tests.test_controls_between import SWEPT, WHERE

QUICK = Options()
OWN = {POINTS.name, REQUESTS.name, *(coin.name for coin in COINS)}
"""Cases of one family alone."""
CONTROLS = {control.sampler.name: control for control in controls()}
DEAR = {"gumbel_uniform_23bit", *(name for name in WHERE if name not in SWEPT)}
"""Controls that take the quick profile more than half a minute, and most whole sweeps (`test_controls_between.py`)."""
CHEAP = [name for name, control in CONTROLS.items() if not control.price and name not in DEAR]
ZOO = [
    "cdf_left_u_zero",
    "exp_race_zero_noise",
    "gumbel_eps_spike",
    "exp_without_max_subtraction",
    "half_uniform_reaches_one",
    "leftover_mass_to_last",
    "gumbel_added_to_probs",
    "gumbel_wrong_sign",
    "temperature_passed_as_eps",
    "alias_branches_swapped",
    "alias_off_by_one",
    "alias_stops_early",
    "topk_keeps_ties",
    "spec_residual_softmaxed",
    "gumbel_uniform_23bit",
    "exp_race_fp32_floor",
    "gumbel_in_bfloat16",
    "index_in_bfloat16",
    "modulo_bias_column",
    "one_uniform_for_all_rows",
    "rng_never_advances",
    "philox_offset_overlap",
    "first_draw_of_call_is_zero",
    "seed_ignored_unless_row_zero",
    "mutates_its_input",
    "wor_same_uniform_each_round",
    "wor_dedupe_then_uniform_refill",
    "posterior_gumbel_naive",
    "gumbel_softmax_nan",
    "gumbel_low_tail_cut",
]


def narrowed(name: str, options: Options) -> Plan:
    """Return the checks of a control's own suite on its own case, at the level of the whole plan."""
    control = CONTROLS[name]
    plan = guests_plan([control.sampler], load_content(options), options)
    checks = tuple(
        check
        for check in plan.checks
        if (check.sampler, check.suite, check.case) == (name, control.suite, control.trigger)
    )
    used = {scenario.name for check in checks for scenario in check.scenarios}
    return replace(plan, checks=checks, designs={key: plan.designs[key] for key in plan.designs if key in used})


def refuted(name: str, options: Options) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        findings = execute(narrowed(name, options), engine="serial", workers=1).outcome.findings
    assert not any(finding.evidence.broken for finding in findings)
    return [finding.check.name for finding in findings if finding.verdict is Verdict.REFUTED]


@pytest.mark.parametrize("name", CHEAP)
def test_refuted_in_the_quick_profile(name):
    assert refuted(name, QUICK)


@pytest.mark.dear
@pytest.mark.parametrize("name", sorted(DEAR))
def test_dear_ones_are_refuted_in_the_quick_profile(name):
    assert refuted(name, QUICK)


@pytest.mark.dear
@pytest.mark.parametrize("name", [name for name, control in CONTROLS.items() if control.price])
def test_those_with_a_price_are_refuted_in_the_full_profile(name):
    assert refuted(name, Options(tolerance=0.002, profile="full"))


def test_all_thirty_bugs_are_held_or_excused():
    assert len(ZOO) == 30
    assert {*ZOO} <= {*CONTROLS, *NOT_EXPRESSED}


def test_at_most_three_are_too_dear():
    assert sum(bool(control.price) for control in CONTROLS.values()) <= 3


def test_each_kind_of_output_has_four_of_its_own():
    kinds = {"simplex": "relaxed_", "gumbel": "posterior_"}
    for emits, prefix in kinds.items():
        assert sum(name.startswith(prefix) for name in CONTROLS) > 4
        assert all(CONTROLS[name].sampler.emits == emits for name in CONTROLS if name.startswith(prefix))
    assert sum(name.startswith("noise_") for name in CONTROLS) > 4


def test_names_and_cases_and_reasons():
    assert len(CONTROLS) == len(controls())
    for control in CONTROLS.values():
        assert control.trigger in OWN or case(control.trigger).name == control.trigger
        assert control.why and control.source and control.suite
        assert control.sampler.family == "control"


@pytest.mark.parametrize("name", [name for name, control in CONTROLS.items() if control.law is not None])
def test_written_laws_are_those_of_the_draws(name):
    control = CONTROLS[name]
    law, logits, rng = control.law, case(control.trigger).logits, np.random.default_rng(5)
    given = np.tile(logits, (4, 1)) if control.sampler.batch else logits.copy()
    wanted = 200 if logits.size > 10_000 else 20_000
    draws = np.concatenate([np.ravel(control.sampler(given.copy(), 50, rng=rng)) for _ in range(wanted // 50)])
    p = law(logits)
    assert p.shape == logits.shape and (p >= 0).all() and p.sum() <= 1 + 1e-9
    if name in {"rng_never_advances", "generator_ignored", "one_uniform_for_all_rows"}:
        return  # whose draws are no sample of their law
    inside = draws[(draws >= 0) & (draws < logits.size)]
    assert inside.size / draws.size == pytest.approx(p.sum(), abs=0.01)
    counts = Counts.of(inside, p.shape)
    evidence = ChiSquare(p / p.sum()).evidence((counts,), rng)
    assert not evidence.impossible
    assert evidence.p_value > 1e-4
