"""The judge's truth table, every combination of what evidence can say; verdicts have no truth value."""

import itertools
import math

import pytest

from harness.judge import judge
from harness.questions.check import Evidence
from harness.verdict import Verdict, combine

ALPHA, TOLERANCE = 1e-3, 0.01
P_VALUES = {None: False, 0.0: True, ALPHA / 2: True, ALPHA: True, ALPHA * 1.01: False, 1.0: False}
STRANGE = (math.nan, -0.1, 1.1, math.inf)
DETECTABLE = {0.0: True, TOLERANCE: True, TOLERANCE * 1.01: False, math.inf: False, math.nan: False}
WORDS = ("", "a sentence")


def expected(broken, missing, impossible, n, p_value, detectable):
    if broken or missing:
        return Verdict.INCONCLUSIVE
    if impossible:
        return Verdict.REFUTED
    if n == 0 or p_value in STRANGE or (p_value is not None and math.isnan(p_value)):
        return Verdict.INCONCLUSIVE
    if P_VALUES[p_value]:
        return Verdict.REFUTED
    return Verdict.VERIFIED if DETECTABLE[detectable] else Verdict.INCONCLUSIVE


TABLE = list(itertools.product(WORDS, WORDS, WORDS, (0, 1), (*P_VALUES, *STRANGE), DETECTABLE))


@pytest.mark.parametrize("p_value", [*P_VALUES, *STRANGE])
def test_truth_table(p_value):
    for broken, missing, impossible, n, p, detectable in TABLE:
        if p is not p_value:
            continue
        evidence = Evidence(p_value=p, n=n, impossible=impossible, broken=broken, missing=missing)
        verdict, reason = judge(evidence, alpha=ALPHA, tolerance=TOLERANCE, detectable=detectable)
        assert verdict is expected(broken, missing, impossible, n, p, detectable), evidence
        assert reason


def test_a_broken_check_says_what_broke_even_if_it_also_saw_the_impossible():
    evidence = Evidence(n=5, impossible="saw it", broken="raised ValueError")
    assert judge(evidence, alpha=0.1, tolerance=1, detectable=0) == (Verdict.INCONCLUSIVE, "raised ValueError")


def test_an_effect_that_is_no_number_changes_no_verdict():
    evidence = Evidence(n=5, p_value=0.5, effect=math.nan, statistic=math.nan)
    assert judge(evidence, alpha=0.1, tolerance=1, detectable=0)[0] is Verdict.VERIFIED


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_has_no_truth_value(verdict):
    with pytest.raises(TypeError, match="no truth value"):
        bool(verdict)


@pytest.mark.parametrize("verdicts", list(itertools.product(Verdict, repeat=3)))
def test_the_gravest_verdict_wins_in_any_order(verdicts):
    grave = [Verdict.VERIFIED, Verdict.INCONCLUSIVE, Verdict.REFUTED]
    assert combine(verdicts) is grave[max(grave.index(verdict) for verdict in verdicts)]


def test_no_verdict_at_all_is_inconclusive():
    assert combine([]) is Verdict.INCONCLUSIVE
