"""What refuted a control lies outside of what its figure draws as allowed, and what verified lies within."""

import json
import warnings
from dataclasses import replace

import pytest

from harness.ledger.record import record
from harness.options import Options
from harness.questions.content import load_content
from harness.questions.plan import guests_plan
from harness.validation import execute
from reports.drawing.tested import deciding
from reports.figures import draw
from suites.controls import controls

QUICK, FULL = Options(), Options(tolerance=0.002, profile="full")
CONTROLS = {control.sampler.name: control for control in controls()}
REPRESENTATIVE = (
    "exp_without_max_subtraction", "alias_off_by_one", "gumbel_added_to_probs", "rng_never_advances",
    "gumbel_eps_spike", "posterior_gumbel_naive", "index_in_bfloat16", "first_draw_of_call_is_zero",
    "temperature_passed_as_eps", "relaxed_block_again", "noise_of_23_bits",
)  # fmt: skip
"""One for each kind of figure and way to be wrong; all others are dear."""
DEAR = [pytest.param(name, marks=pytest.mark.dear) for name in CONTROLS if name not in REPRESENTATIVE]


def records(name):
    """Return the records of a control's own suite on the case that triggers it, as the ledger keeps them."""
    control = CONTROLS[name]
    options = FULL if control.price else QUICK
    plan = guests_plan([control.sampler], load_content(options), options)
    own = (name, control.suite, control.trigger)
    checks = tuple(check for check in plan.checks if (check.sampler, check.suite, check.case) == own)
    used = {scenario.name for check in checks for scenario in check.scenarios}
    plan = replace(plan, checks=checks, designs={key: plan.designs[key] for key in plan.designs if key in used})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        findings = execute(plan, engine="serial", workers=1).outcome.findings
    return [json.loads(json.dumps(record(finding, 0))) for finding in findings]


@pytest.mark.parametrize("name", [*REPRESENTATIVE, *DEAR])
def test_the_figure_agrees_with_the_verdict(name):
    made = records(name)
    assert any(one["verdict"] == "refuted" for one in made)
    for one in made:
        if one["exhibit"].get("kind") == "within":
            assert (">outside<" in draw(one, "name", "f1").svg) == (one["verdict"] == "refuted"), one["check"]
        if not one["exhibit"].get("tested") or one["impossible"]:
            continue
        outside = [bool(part.outside.any()) for part in deciding(one)]
        assert outside and any(outside) == (one["verdict"] == "refuted"), one["check"]
        drawing = draw(one, "name", "f1")
        assert drawing.svg, drawing.words
        if one["exhibit"]["kind"] in ("groups", "tails"):
            assert (">outside<" in drawing.svg) == (one["verdict"] == "refuted"), one["check"]
