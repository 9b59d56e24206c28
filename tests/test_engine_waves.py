"""A wrong guest ends before its dear cases, and a far tail that is where it should be is drawn no further."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from harness.engine.executors import SerialExecutor
from harness.ledger.record import record
from harness.ledger.states import state
from harness.methods.curtailed import EARLY, CurtailedCells
from harness.options import LOOKS, Options
from harness.questions.case import Case
from harness.questions.content import Content
from harness.questions.plan import guests_plan, select
from harness.samplers.registry import Sampler, get, sampler
from harness.statistics import Counts
from harness.verdict import Verdict
from suites.cases import weights

sys.path.insert(0, str(Path(__file__).parent))
from test_engine_run import INDEX, QUICK, Journal, engine, lines, misfit, silent

DEAR = Case("dear", "a first look of many noise values", weights(*[1.0] * 16))
FAR = Case("far", "a tail of one in 200", weights(995.0, *[0.5] * 10), tolerance=0.2, pooled=0.03, asks=("tail",))
ALPHA, BETA = 2e-10, 1e-3
SOME = {name: QUICK[name] for name in ("support", "chi_square", "tail", "seeded") if name in QUICK}


def run(plan, *, waves, journal=None):
    return engine.run(plan, SerialExecutor, 1, journal or Journal(), silent, waves=waves)


def plan_of(samplers, cases, tolerance=0.01):
    return guests_plan(samplers, Content(cases, lambda _: (), SOME, tuple), Options(tolerance))


@pytest.fixture(autouse=True)
def few_are_cheap(monkeypatch):
    monkeypatch.setattr(engine, "CHEAP", 4000.0)


@pytest.fixture(scope="module")
def guests():
    return plan_of([misfit("hot"), misfit("right")], (INDEX[0], DEAR), 0.02)


def drawn(outcome, name):
    return [row["scenario"] for row in outcome.timings if row["scenario"].startswith(f"{name}/")]


def test_a_wrong_guest_ends_before_its_dear_cases(guests):
    outcome = run(guests, waves=True)
    assert set(drawn(outcome, "hot")) == {"hot/index/pair"}
    assert set(drawn(outcome, "right")) == {"right/index/pair", "right/index/dear"}
    found = {one.check.name: one for one in outcome.findings}
    dear = found["chi_square/hot/index/dear"]
    assert dear.verdict is Verdict.INCONCLUSIVE and "chi_square/hot/index/pair was refuted" in dear.reason
    assert state(record(dear, 0)) == "stopped early"
    assert {one.verdict for one in outcome.findings if one.check.sampler == "right"} == {Verdict.VERIFIED}


def test_what_waves_leave_is_what_it_is_without_them(guests):
    with_waves, without = run(guests, waves=True), run(guests, waves=False)
    same = [one for one in with_waves.findings if "hot/index/dear" not in one.check.name and one.check.inputs]
    others = {one.check.name: one for one in without.findings}
    assert [record(one, 0) for one in same] == [record(others[one.check.name], 0) for one in same]


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_waves_resume_to_the_same_records(tmp_path, guests, share):
    path = tmp_path / "journal.jsonl"
    whole = Journal(path, {"seed": 0})
    records = lines(run(guests, waves=True, journal=whole))
    whole.close()
    content = path.read_bytes()
    path.write_bytes(content[: round(share * len(content))])
    again = Journal(path, {"seed": 0}, resume=True)
    assert lines(run(guests, waves=True, journal=again)) == records
    again.close()


def without_a_tail(logits, size, *, rng):
    return np.zeros(size, np.intp)


def heavy(logits, size, *, rng):
    return np.where(rng.random(size) < 0.015, rng.integers(1, logits.size, size), 0)


def tail_of(made: Sampler):
    plan = plan_of([made], (FAR,))
    (finding,) = [one for one in run(plan, waves=False).findings if one.check.suite == "tail"]
    (design,) = [design for name, design in plan.designs.items() if name == f"{made.name}/index/far"]
    return finding, design


def test_a_right_tail_is_settled_at_its_stage():
    finding, design = tail_of(sampler("right-tail", emits="index")(get("direct").form("index").draw))
    assert 0 < design.stage < 0.4 * design.n
    assert finding.verdict is Verdict.VERIFIED and finding.evidence.n == design.stage


@pytest.mark.parametrize("wrong", [without_a_tail, heavy])
def test_a_wrong_tail_is_drawn_and_refuted(wrong):
    finding, design = tail_of(sampler(wrong.__name__, emits="index")(wrong))
    assert finding.verdict is Verdict.REFUTED and finding.evidence.n <= design.n


def test_another_check_of_the_scenario_alone_is_drawn_as_far_as_beside_the_tail():
    plan = plan_of([sampler("heavy", emits="index")(heavy)], (FAR,))
    whole = {one.check.name: record(one, 0) for one in run(plan, waves=False).findings}
    (name,) = [check.name for check in plan.checks if check.suite == "support"]
    (alone,) = run(select(plan, checks=[name]), waves=False).findings
    assert alone.evidence.n == plan.designs["heavy/index/far"].n
    assert record(alone, 0) == whole[name]


@pytest.fixture(scope="module")
def method():
    p = np.array([0.9975, *[0.0025 / 50] * 50])
    return CurtailedCells(p, groups={"tail": p < 0.5}, aim=0.005)


def test_a_deviation_that_the_whole_test_exposes_seldom_settles(method):
    whole = method.required(method.aim, ALPHA, BETA)
    n = method.stage(whole)
    ((low, high),) = method._windows(n, whole, ALPHA, BETA)
    settled = [stats.binom.cdf(high, n, p) - stats.binom.cdf(low - 1, n, p) for p in (0.0025, 0.0075, 0.0)]
    assert settled[0] > 0.8
    assert max(settled[1:]) <= EARLY * BETA


def test_power_and_level_of_both_stages_together(method):
    """Up to three times the tail: missed with probability beta at most, a right one refuted at most at the level."""
    level, beta = 1e-3, 0.02
    whole = method.required(method.aim, level, beta)
    n, rng = method.stage(whole), np.random.default_rng(1)
    refuted = {1.0: 0, 3.0: 0}
    for factor in refuted:
        p = np.array([1 - 0.0025 * factor, *[0.0025 * factor / 50] * 50])
        for _ in range(400):
            first = rng.multinomial(n, p)
            if not method.settled((Counts(n, first),), level, beta, rng):
                counts = Counts(whole, first + rng.multinomial(whole - n, p))
                refuted[factor] += method.evidence((counts,), rng).p_value <= level
    assert refuted[1.0] <= stats.binom.isf(1e-9, 400, level)
    assert 400 - refuted[3.0] <= stats.binom.isf(1e-9, 400, beta)


def test_what_is_exposed_at_the_stage_is_what_all_of_it_exposes(method):
    whole = method.required(method.aim, ALPHA, BETA)
    exposed = [method.detectable(n, ALPHA, BETA) for n in (method.stage(whole) - 1, method.stage(whole), whole)]
    assert exposed[0] > method.aim >= exposed[1] == exposed[2]


def test_a_settled_test_refutes_nothing(method):
    whole = method.required(method.aim, ALPHA, BETA)
    n = method.stage(whole)
    one = np.zeros(51, np.int64)
    one[0], one[7] = n - 12, 12  # as many as are due, all in one category
    assert not method.settled((Counts(n, one),), ALPHA, BETA, np.random.default_rng(0))


def test_looks_are_two():
    assert len(LOOKS) == 2  # a stage lies within the last one
