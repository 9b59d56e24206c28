"""Right samplers, however they are written, are refuted by no suite and left undecided by none."""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from harness.options import Options
from harness.questions.content import load_content
from harness.questions.plan import guests_plan
from harness.validation import execute
from harness.verdict import Verdict

sys.path.insert(0, str(Path(__file__).parent))
from right_samplers import RIGHT

MOST = 300
"""Categories of the cases that are tried: beyond, time goes into the noise, not into the question."""


@pytest.mark.parametrize("sampler", RIGHT, ids=lambda sampler: sampler.name)
def test_right_samplers_are_verified(sampler):
    options = Options(tolerance=0.05, seed=3)
    plan = guests_plan([sampler], load_content(options), options)
    checks = tuple(check for check in plan.checks if check.about.case.logits.size <= MOST)
    used = {scenario.name for check in checks for scenario in check.scenarios}
    small = replace(plan, checks=checks, designs={key: plan.designs[key] for key in plan.designs if key in used})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        findings = execute(small, engine="serial", workers=1).outcome.findings
    assert len(findings) > 60
    wrong = [(finding.check.name, finding.reason) for finding in findings if finding.verdict is not Verdict.VERIFIED]
    assert not wrong
