"""A control is refuted by the plan of its sampler, a right sampler is spared, and the tables say so."""

from __future__ import annotations

import os
from types import MappingProxyType

import numpy as np
import pytest

from harness.engine.executors import SerialExecutor, open_engine
from harness.options import Options
from harness.questions.case import Case
from harness.questions.content import Content, Control
from harness.samplers.registry import Form, Sampler
from harness.selftest import controls, runs
from harness.selftest.controls import Kill, Shot
from harness.selftest.right import variants
from harness.selftest.tasks import Task, do
from harness.verdict import Verdict
from suites.cases import case
from suites.families import chi_square, support

OPTIONS = Options(tolerance=0.05)


def made(name: str, draw) -> Control:
    return Control(Sampler(name, "index", MappingProxyType({"index": Form(draw)})), "wrong on purpose", "this test")


def uniform(logits, size, *, rng):
    return rng.integers(0, logits.size, size)


def outside(logits, size, *, rng):
    return np.full(size, logits.size)


def right(logits, size, *, rng):
    p = np.exp(logits - logits.max())
    return rng.choice(logits.size, size, p=p / p.sum())


def of(*cases: Case) -> Content:
    return Content(cases, lambda _: (), {"support": support.checks, "chi_square": chi_square.checks}, tuple)


@pytest.fixture
def content() -> Content:
    return of(case("die"), case("masked-last"))


def test_a_wrong_sampler_is_refuted_with_few_draws():
    kill = controls.kill(made("toy-uniform", uniform), OPTIONS, of(case("die")))
    assert kill.verdict is Verdict.REFUTED
    assert kill.first.check.startswith("chi_square/toy-uniform/index/")
    assert kill.first.n < 5000


def test_an_impossible_draw_refutes_before_any_p_value(content):
    kill = controls.kill(made("toy-outside", outside), OPTIONS, content)
    assert kill.first.family == "support"
    assert kill.first.p_value == 0


def test_a_right_sampler_survives_and_is_named(content):
    control = made("toy-right", right)
    kill = controls.kill(control, OPTIONS, content)
    assert kill.verdict is Verdict.VERIFIED
    assert controls.survivors([control], [kill]) == ["toy-right"]


def test_a_control_with_a_price_may_survive():
    control = Control(made("dear", right).sampler, "needs 1e12 draws", "this test", price="1e12 draws")
    kill = Kill("dear", (Shot("a/b", "a", Verdict.INCONCLUSIVE, 10, 1.0),), Verdict.INCONCLUSIVE)
    assert controls.survivors([control], [kill]) == []
    (row,) = controls.rows([control], [kill])
    assert row["why"].endswith("(price: 1e12 draws)")
    assert (row["refuted_by"], row["n"], row["verdict"]) == ("", None, "inconclusive")


def test_what_has_a_price_is_paid_for_by_the_full_profile_alone(monkeypatch, content):
    paid = []
    monkeypatch.setattr(controls, "_shots", lambda plan: paid.append(plan) or [])
    dear = Control(made("dear", right).sampler, "dear", "this test", trigger="die", suite="chi_square", price="all")
    controls.kill(dear, OPTIONS, content)
    assert len(paid) == 1
    controls.kill(dear, Options(tolerance=0.05, profile="full"), content)
    assert len(paid) == 3
    assert paid[-1].options.tolerance == 0.002
    assert {(check.suite, check.case) for check in paid[-1].checks} == {("chi_square", "die")}
    assert paid[-1].alpha == paid[-2].alpha


def test_first_is_by_draws_then_evidence():
    shots = [
        Shot("late", "a", Verdict.REFUTED, 100, 0.0),
        Shot("weak", "a", Verdict.REFUTED, 10, 1e-11),
        Shot("strong", "b", Verdict.REFUTED, 10, 1e-30),
        Shot("none", "b", Verdict.VERIFIED, 1, 1e-50),
    ]
    assert controls.first(shots).check == "strong"
    assert controls.first(shots[3:]) is None


def test_columns_are_those_of_the_contract():
    control = made("toy-uniform", uniform)
    kill = controls.kill(control, OPTIONS, of(case("die")))
    (row,) = controls.rows([control], [kill])
    assert tuple(row) == ("control", "source", "why", "sampler_output", "refuted_by", "n", "verdict")
    assert row["sampler_output"] == "index"
    families = {row["family"]: row for row in controls.matrix([kill])}
    assert families["chi_square"]["refuted"] > 0
    assert controls.idle([kill]) == ["support"]


@pytest.mark.parametrize("sampler", variants(), ids=lambda sampler: sampler.name)
def test_right_variants_return_what_is_due(sampler):
    from harness.draws.bind import bind
    from harness.draws.sift import sift
    from harness.questions.check import Scenario

    name = {"index": "masked-last", "simplex": "masked@1", "gumbel": "masked|2"}[sampler.emits]
    scenario = Scenario(sampler, sampler.emits, case(name))
    _, found = sift(bind(scenario)(500, np.random.default_rng(4)), scenario)
    assert found.impossible == 0


def test_rates_of_complete_runs():
    clean, hit = runs.Refuted(0.2, 1, (), ()), runs.Refuted(0.2, 2, ("a/b: p",), ())
    strict = runs.Refuted(1e-6, 3, ("a/b: p",), ())
    raised, exact = runs.rows([clean, hit, clean, strict])
    assert (raised["observed"], raised["replicates"], raised["ok"]) == (1 / 3, 3, True)
    assert (exact["nominal"], exact["ok"]) == (1e-6, False)


def test_tasks_come_back_in_their_own_order():
    tasks = [Task(str(i), pow, (i, 2), cost=-i) for i in range(5)]
    assert do(tasks, SerialExecutor, 2, silent).results == [0, 1, 4, 9, 16]


def silent(what, done, total):
    pass


def test_progress_is_the_share_of_the_cost_and_the_dearest_comes_first():
    told = []
    tasks = [Task("cheap", pow, (1, 2), cost=1), Task("dear", pow, (2, 2), cost=3)]
    do(tasks, SerialExecutor, 1, lambda what, done, total: told.append((what, done / total)))
    assert told == [("dear", 0.75), ("cheap", 1.0)]


def test_a_task_that_raises_is_told_and_the_rest_goes_on():
    tasks = [Task("bad", divmod, (1, 0), cost=2), Task("good", pow, (2, 2))]
    done = do(tasks, SerialExecutor, 1, silent)
    assert done.results == [None, 4]
    assert list(done.broken) == ["bad"]
    assert done.broken["bad"].startswith("ZeroDivisionError: ")
    assert not done.interrupted


def interrupted():
    raise KeyboardInterrupt


def test_an_interruption_keeps_results():
    tasks = [Task("first", pow, (2, 2), cost=3), Task("stop", interrupted, (), cost=2), Task("never", pow, (3, 2))]
    done = do(tasks, SerialExecutor, 1, silent)
    assert done.results == [4, None, None]
    assert done.interrupted


def die():
    os._exit(7)


def test_a_task_that_kills_its_worker_is_told_and_the_rest_goes_on():
    tasks = [Task("deadly", die, (), cost=2), *(Task(str(i), pow, (i, 2)) for i in range(4))]
    with open_engine("loky", 1) as executor:
        done = do(tasks, executor, 1, silent)
    assert done.results == [None, 0, 1, 4, 9]
    assert list(done.broken) == ["deadly"]
