"""Rules are compared at one false-alarm rate, whatever they state, and what counts cannot show is never a verdict."""

from __future__ import annotations

import numpy as np
import pytest

from harness.methods.tails import binomial_at_least, binomial_at_most
from harness.selftest import draws_to_verdict as verdicts
from harness.selftest.controls import Kill, Shot
from harness.selftest.others import Rule, ours
from harness.verdict import Verdict
from reports.verdicts import duration
from reports.verdicts import verdicts as table
from suites import peers
from suites.cases import case
from suites.controls import controls

DIE = np.array([0.05, 0.05, 0.1, 0.13, 0.27, 0.4])
NAMED = {control.sampler.name: control for control in controls()}
RULES = peers.rules()


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(verdicts, "SIZES", (16, 256, 4096))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_calibrated_rule_has_the_common_rate(rule):
    rng, trials = np.random.default_rng(4), 4000
    decide = verdicts.calibrated(rule, 1000, DIE, 10_000, rng)
    alarms = sum(decide(counts, rng) for counts in rng.multinomial(1000, DIE, size=trials))
    # The threshold is itself a quantile of 10,000 tables, which is why the rate is given some room.
    assert binomial_at_most(alarms, trials, 0.7 * verdicts.RATE) > 1e-4
    assert binomial_at_least(alarms, trials, 1.3 * verdicts.RATE) > 1e-4 or alarms < 1.3 * verdicts.RATE * trials


def test_ours_needs_no_calibration_and_keeps_the_rate():
    rng, trials = np.random.default_rng(4), 3000
    decide = verdicts.calibrated(ours(verdicts.RATE / 2), 1000, DIE, 0, rng)
    alarms = sum(decide(counts, rng) for counts in rng.multinomial(1000, DIE, size=trials))
    assert binomial_at_least(alarms, trials, verdicts.RATE) > 1e-6


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_rejects_where_its_score_says_so(rule):
    rng = np.random.default_rng(8)
    drawn = [rng.multinomial(5000, q) for q in (DIE, DIE[::-1], np.full(6, 1 / 6)) for _ in range(20)]
    scores = np.array([rule.score(counts, DIE) for counts in drawn])
    rejected = np.array([rule.rejects(counts, DIE, rng) for counts in drawn])
    assert rejected.any() and not rejected.all()
    assert scores[rejected].min() > scores[~rejected].max()


def test_what_raises_never_rejects():
    def raises(counts, p):
        raise AssertionError("too sparse")

    rule = Rule("raises", "here", None, lambda counts, p, rng: True, raises)
    decide = verdicts.calibrated(rule, 100, DIE, 50, np.random.default_rng(0))
    assert not decide(np.full(6, 100), np.random.default_rng(0))


def test_a_category_that_never_comes_is_invisible_to_a_table_of_the_values_seen(small):
    ((on, held),) = verdicts.groups([NAMED["category_never_drawn"]], [case("die")])
    rows = {row["rule"]: row for row in verdicts.measure(on, held, RULES, "quick", 0)}
    assert all(tuple(row) == verdicts.COLUMNS for row in rows.values())
    assert rows["PyTorch discrete"]["n"] is None
    assert rows["PyTorch discrete"]["seconds"] is None
    assert rows["gumbel-harness"]["n"] in (16, 256)
    assert rows["gumbel-harness"]["seconds"] > 256 * rows["gumbel-harness"]["seconds_a_draw"] / 16
    assert {row["rate"] for row in rows.values()} == {verdicts.RATE}


def test_what_is_wrong_together_is_really_drawn_and_counts_do_not_show_it(small):
    ((on, held),) = verdicts.groups([NAMED["sticky_draws"]], [case("die")])
    rows = verdicts.measure(on, held, RULES, "quick", 0)
    assert [row["n"] for row in rows] == [None] * len(rows)
    ((on, held),) = verdicts.groups([NAMED["period_of_127"]], [case("die")])
    found = verdicts.tables(held[0], on, held[0].law, 4096, 40, np.random.default_rng(0))
    assert len(found) == verdicts.FEW
    assert (found.sum(axis=1) == 4096).all()
    assert found.std(axis=0)[-1] > 2 * np.sqrt(4096 * 0.4 * 0.6)


def test_the_plan_has_a_row_for_every_control_it_met():
    control = NAMED["temperature_not_one"]
    kill = Kill("temperature_not_one", (Shot("a/b", "a", Verdict.REFUTED, 640, 1e-20),), Verdict.REFUTED, 1.5)
    spared = Kill("temperature_not_one", (), Verdict.VERIFIED, 3.0)
    rows = list(verdicts.of_plan([control, control], [kill, spared], 1e-10))
    assert [(row["n"], row["seconds"], row["case"]) for row in rows] == [(640, 1.5, "l8"), (None, 3.0, "l8")]


def test_the_table_puts_ours_first_and_leaves_out_what_was_not_asked():
    rows = [
        {"control": "a", "case": "die", "rule": "theirs", "n": "256", "seconds": "2e-05", "rate": 0.01, "power": 0.95},
        {"control": "a", "case": "die", "rule": verdicts.PLAN, "n": "64", "seconds": "1.25", "rate": 1e-9, "power": ""},
        {"control": "b", "case": "l8", "rule": verdicts.PLAN, "n": "", "seconds": "3", "rate": 1e-9, "power": ""},
    ]
    made = table(rows)
    assert made.rules == [verdicts.PLAN, "theirs"]
    assert made.rows[0] == ("a", "die", [("64, 1.2 s", True), ("256, 20 µs", True)])
    assert made.rows[1] == ("b", "l8", [("not caught", False), ("", False)])
    assert "at a level of 10⁻⁹ a check" in made.sentence and "at a rate of 0.01," in made.sentence


@pytest.mark.parametrize(
    ("seconds", "words"),
    [("", ""), ("12.4", "12 s"), ("0.034", "34 ms"), ("0.76", "760 ms"), ("1.2e-05", "12 µs"), (None, "")],
)
def test_durations(seconds, words):
    assert duration(seconds) == words
