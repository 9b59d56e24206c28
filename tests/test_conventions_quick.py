"""Seven conventions, seven samplers: the quick plan verifies each under its own name and refutes it under the others."""

import pytest

from harness.engine.executors import SerialExecutor
from harness.engine.journal import Journal
from harness.engine.run import run
from harness.laws import NAMED
from harness.options import Options
from harness.questions.plan import select
from harness.validation import make_plan
from harness.verdict import Verdict
from suites.cases.truncated import TRUNCATED
from tests.right_truncated import ENGINES, declared, four

ALL = frozenset(case.name for case in TRUNCATED)
APART = frozenset(name for name in ALL if name.startswith("apart"))


def judged(name, convention, cases):
    """Findings of the quick plan's own checks of counts, at its tolerance of 0.01 and its level."""
    function = ENGINES[name] if name == convention else four(ENGINES[name])
    plan = make_plan([declared(function, convention, f"{name}-as-{convention}")], Options())
    assert (plan.options.tolerance, plan.options.alpha) == (0.01, 1e-6)
    wanted = [
        check.name
        for check in plan.checks
        if check.case in cases and check.suite in ("support", "thresholds", "chi_square", "endpoints")
    ]
    outcome = run(select(plan, checks=wanted), SerialExecutor, 1, Journal(), lambda *told: None)
    assert len(outcome.findings) == len(wanted) > 0
    return {found.check.name: found for found in outcome.findings}


@pytest.mark.dear
@pytest.mark.parametrize("name", NAMED)
def test_a_sampler_is_verified_under_its_own_name_in_every_truncated_case(name):
    found = judged(name, name, ALL)
    assert {one.verdict for one in found.values()} == {Verdict.VERIFIED}
    assert any(check.startswith("thresholds/") for check in found)


@pytest.mark.dear
@pytest.mark.parametrize("other", NAMED)
@pytest.mark.parametrize("name", NAMED)
def test_a_sampler_is_refuted_under_every_other_name(name, other):
    found = judged(name, other, APART)
    bad = {check: one for check, one in found.items() if one.verdict is Verdict.REFUTED}
    assert bool(bad) == (name != other)
    assert not bad or any(
        name in one.evidence.notes.get("conventions that fit", "").split(", ") for one in bad.values()
    )
