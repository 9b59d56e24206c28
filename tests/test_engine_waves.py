"""A wrong guest ends before its dear cases, and what shows nothing after a part of the draws is drawn no further."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from harness.engine.executors import SerialExecutor
from harness.judge import settled
from harness.ledger.record import record
from harness.ledger.states import state
from harness.methods import ChiSquare, KolmogorovSmirnov, PooledCells
from harness.methods.ks import bins_for
from harness.options import EARLY, LATE, LOOKS, Options
from harness.questions.case import Case
from harness.questions.check import Evidence
from harness.questions.content import Content
from harness.questions.plan import guests_plan
from harness.samplers.registry import Sampler, get, sampler
from harness.statistics import Counts
from harness.verdict import Verdict
from suites.cases import weights

sys.path.insert(0, str(Path(__file__).parent))
from test_engine_run import INDEX, QUICK, Journal, engine, lines, misfit, silent

DEAR = Case("dear", "a first look of many noise values", weights(*[1.0] * 16))
FAR = Case("far", "a tail of one in 200", weights(995.0, *[0.5] * 10), tolerance=0.2, pooled=0.03, asks=("tail",))
ALPHA, BETA = 2e-10, 1e-3
TAIL = np.array([0.9975, *[0.0025 / 50] * 50])
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


METHODS = {
    "cells": (PooledCells(TAIL, groups={"tail": TAIL < 0.5}), 0.005),
    "chi-square of few cells": (ChiSquare(np.array([0.5, 0.3, 0.2])), 0.1),
    "chi-square of many cells": (ChiSquare(np.full(100, 1 / 100)), 0.1),
    "ks": (KolmogorovSmirnov(bins_for(0.1), (1,)), 0.1),
    "ks of columns": (KolmogorovSmirnov(bins_for(0.1, 3), (1, 1, 2)), 0.1),
}


@pytest.mark.parametrize("name", METHODS)
def test_level_power_and_price_of_both_stages_together(name):
    """Of right draws none are refuted and most settled; of draws that are off by the tolerance few are missed."""
    method, tolerance = METHODS[name]
    level, beta, times = 1e-8, 0.02, 200
    whole = method.required(tolerance, level, LATE * beta)
    n, rng = method.stage(whole), np.random.default_rng(1)
    right = method.null(whole)
    wrong = dict(method.alternatives(right, 1.001 * tolerance))
    done = {kind: curtail(method, law, n, whole, rng, level, beta, tolerance, times) for kind, law in wrong.items()}
    refuted, early = curtail(method, right, n, whole, rng, level, beta, tolerance, times)
    assert not refuted
    assert early >= 0.6 * times and 0.3 * whole < n < 0.6 * whole
    assert wrong and all(times - found <= stats.binom.isf(1e-9, times, beta) for found, _ in done.values())
    assert all(early <= stats.binom.isf(1e-9, times, EARLY * beta) for _, early in done.values())


def curtail(method, law, n, whole, rng, level, beta, tolerance, times):
    """How often both stages together refute, and how often the first one settles."""
    refuted = early = 0
    for _ in range(times):
        first = drawn_from(law, n, rng)
        if settled(method, method.evidence(first, rng), alpha=level, beta=beta, tolerance=tolerance):
            early += 1
        else:
            second = drawn_from(law, whole - n, rng)
            both = [one.merge(other) for one, other in zip(first, second, strict=True)]
            refuted += method.evidence(both, rng).p_value <= level
    return refuted, early


def drawn_from(law, n, rng):
    """Statistics of n draws; a table of the law has its units in proportion."""
    counts = [rng.multinomial(table.units * n // law.n, table.probabilities) for table in law.tables]
    return law.build(n, counts)


def test_a_settled_test_refutes_nothing():
    method, tolerance = METHODS["cells"]
    n = method.stage(method.required(tolerance, ALPHA, LATE * BETA))
    one = np.zeros(51, np.int64)
    one[0], one[7] = n - 12, 12  # as many as are due, all in one category
    evidence = method.evidence((Counts(n, one),), np.random.default_rng(0))
    assert not settled(method, evidence, alpha=ALPHA, beta=BETA, tolerance=tolerance)
    for odd in (Evidence(p_value=1.0, n=n, broken="it broke"), Evidence(p_value=1.0, n=n, impossible="a leak")):
        assert not settled(method, odd, alpha=ALPHA, beta=BETA, tolerance=tolerance)
    assert not settled(method, Evidence(p_value=None, n=n), alpha=ALPHA, beta=BETA, tolerance=tolerance)
    assert not settled(method, Evidence(p_value=math.nan, n=n), alpha=ALPHA, beta=BETA, tolerance=tolerance)
    assert settled(method, Evidence(p_value=1.0, n=n), alpha=ALPHA, beta=BETA, tolerance=tolerance)


def test_cells_that_stand_alone_at_the_end_do_at_the_first_stage():
    zipf = 1 / np.arange(1, 400)
    for method in (ChiSquare(zipf / zipf.sum()), ChiSquare(np.array([0.6, 0.25, 0.149, 0.001])), ChiSquare(np.ones(1))):
        for n in (10, 300, 2000, 40_000):
            stage = method.stage(n)
            assert 0 < stage <= n
            assert method.pooled(stage)[1].size == method.pooled(n)[1].size


def test_looks_are_two():
    assert len(LOOKS) == 2  # a stage lies within the last one
