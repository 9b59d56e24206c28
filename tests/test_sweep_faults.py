"""A sampler that breaks at every point is broken in the sweep's eyes, never refuted and never verified."""

from pathlib import Path

import numpy as np
import pytest

from harness.options import Options
from harness.samplers.targets import resolve
from harness.validation import validate
from harness.verdict import Verdict
from suites.families.sweep import checks

MISFITS = Path(__file__).parent / "misfits.py"


@pytest.mark.parametrize(
    ("name", "words"), [("raises", "no draws today"), ("mutates", "changed the logits"), ("floats", "integers are due")]
)
def test_what_breaks_everywhere_is_broken_and_has_no_p_value_of_zero(name, words):
    (check,) = checks(resolve(f"{MISFITS}:{name}"), "index", (), Options(tolerance=0.25))
    evidence = check.compute(np.random.default_rng(0))
    assert words in evidence.broken
    assert not evidence.impossible
    assert evidence.p_value == 1.0


def test_the_verdict_of_what_breaks_is_inconclusive():
    validation = validate(f"{MISFITS}:raises", suites=["sweep"], tolerance=0.25, engine="serial")
    assert validation.verdict is Verdict.INCONCLUSIVE
