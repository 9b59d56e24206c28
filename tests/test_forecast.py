"""A budget leads to the finest tolerance that fits, and to a command that repeats the run to the byte."""

import json
import math
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.validate import with_tolerance
from harness.console.budget import told
from harness.engine import forecast
from harness.engine.executors import SerialExecutor
from harness.engine.forecast import Rates, expected, finest, measure, values
from harness.engine.shards import ShardResult
from harness.options import Options
from harness.questions.plan import select
from harness.validation import make_plan

GUESTS = Path(__file__).parent / "guests.py"
COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")


def plan(tolerance):
    return select(make_plan(["direct"], Options(tolerance)), suites=["chi_square"])


def made_of(rates):
    return Rates({}, {("direct", "index"): rates}, computed=1.0)


def test_the_expected_time_is_that_of_draws_and_computations_over_the_workers_a_tail_being_settled_at_its_stage():
    coarse = plan(0.1)
    draws = sum(design.expected * values(design.scenario) for design in coarse.designs.values())
    assert expected(coarse, made_of(2e-9), 2) == pytest.approx((1.0 + 2e-9 * draws) / 2)


def test_what_was_timed_counts_before_what_is_typical():
    coarse = plan(0.1)
    name, design = next(iter(coarse.designs.items()))
    assert Rates({name: 0.5}, {("direct", "index"): 1e-9}).of(design) == 0.5 * design.expected
    assert 0 < design.stage < design.expected < design.n


@pytest.mark.parametrize("budget", [1.0])
def test_the_finest_tolerance_that_fits_is_found(budget):
    rates = made_of(2e-8)
    chosen, seconds = finest(plan, rates, 2, budget)
    finer = plan(chosen.options.tolerance / forecast.STEP)
    assert seconds == expected(chosen, rates, 2) <= budget < expected(finer, rates, 2)


def test_where_nothing_fits_the_coarsest_is_returned():
    chosen, seconds = finest(plan, made_of(1.0), 1, 0.1)
    assert chosen.options.tolerance == forecast.COARSEST
    assert seconds > 0.1


def test_measured_rates_are_positive_and_a_broken_sampler_is_left_out():
    both = select(make_plan(["direct", f"{GUESTS}:raises"], Options(0.5)), suites=["chi_square"])
    rates = measure(both, SerialExecutor, 1)
    assert rates.draws
    assert all(name.startswith("direct/") and seconds > 0 for name, seconds in rates.draws.items())


def test_a_sampler_that_hangs_costs_the_forecast_one_limit(monkeypatch):
    monkeypatch.setattr(forecast, "SLOW", 0.5)
    tried = []
    monkeypatch.setattr(forecast, "run_shard", lambda *arguments: tried.append(1) or ShardResult({}, 0.5, fault="hung"))
    hung = select(make_plan([f"{GUESTS}:right"], Options(0.5)), suites=["chi_square"])
    assert measure(hung, SerialExecutor, 1).draws == {}
    assert len(tried) == 1 + forecast.REPEATS


def test_a_long_run_is_told_after_its_first_look_with_what_a_minute_would_buy(capsys):
    fine = plan(0.01)
    name = max(fine.designs, key=lambda name: fine.designs[name].n)
    told(fine, plan, 2, {name: 1e-9})
    assert capsys.readouterr().err == ""
    for seconds, left, fits in (
        (250, "about 2 min", "--budget 60 would check to"),
        (9e4, "about 12.5 h", "--tolerance 0.5, the coarsest"),
    ):
        told(fine, plan, 2, {name: seconds / fine.designs[name].expected})
        words = capsys.readouterr().err
        assert f"{left} of drawing left" in words
        assert name in words
        assert fits in words


def test_what_was_not_drawn_yet_is_told_at_the_best_pace_seen(capsys, monkeypatch):
    fine = plan(0.01)
    monkeypatch.setattr(forecast, "finest", lambda *arguments: (fine, 1.0))
    pace = {name: 1e-3 * values(design.scenario) for name, design in fine.designs.items()}
    told(fine, plan, 2, pace)
    words = capsys.readouterr().err
    known, slow = sorted(pace, key=lambda name: fine.designs[name].n * pace[name])[:2]  # of which hangs least
    told(fine, plan, 2, {**dict.fromkeys(pace, math.nan), known: pace[known], slow: 2 * pace[slow]})
    assert words.split("(")[0] == capsys.readouterr().err.split("(")[0] != ""


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("validate mine.py --budget 5 --seed 1", "validate mine.py --tolerance=0.1 --seed 1"),
        ("validate --budget=5 mine.py", "validate --tolerance=0.1 mine.py"),
        ("validate mine.py --seed 1", "validate mine.py --seed 1"),
    ],
)
def test_a_command_with_a_budget_is_told_with_its_tolerance(words, due):
    assert shlex.join(with_tolerance(words.split(), 0.1)) == due


def test_a_run_with_a_budget_is_repeated_to_the_byte_by_the_command_it_names(tmp_path):
    target, out = f"{GUESTS}:right", tmp_path / "one"
    words = ("validate", target, "--budget", "2", "--suite", "chi_square", "--engine", "serial")
    done = subprocess.run([*COMMAND, *words, "--out", str(out)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "of drawing" in done.stderr
    command = shlex.split(json.loads((out / "manifest.json").read_text())["command"])
    assert "--budget" not in command
    again = [str(tmp_path / "two") if word == str(out) else word for word in command[1:]]
    subprocess.run([*COMMAND, *again], capture_output=True, text=True, timeout=300, check=True)
    assert (out / "checks.csv").read_bytes() == (tmp_path / "two/checks.csv").read_bytes()


def test_a_budget_chooses_the_tolerance_and_takes_none(tmp_path):
    words = ("validate", "direct", "--budget", "2", "--tolerance", "0.1", "--out", str(tmp_path / "run"))
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert re.search("--budget chooses the tolerance", done.stderr)
