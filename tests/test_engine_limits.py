"""What passes a limit, dies or is cut off costs its own records at most, and as little time as it can."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from harness.engine import drawn, limits, payloads, pool
from harness.engine import run as engine
from harness.engine.executors import open_engine
from harness.engine.limits import WORKER, Limits, enforced
from harness.engine.shards import ShardResult
from harness.errors import Expired, SamplerFault
from harness.interrupts import contained
from harness.questions.check import Scenario
from harness.samplers.targets import resolve
from harness.verdict import Verdict
from suites.calling.caller import Caller
from suites.families import metamorphic

sys.path.insert(0, str(Path(__file__).parent))
from test_engine_run import INDEX, MISFITS, SOFT, Journal, lines, outcome, plan_for

COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")
CHEAP = ("--tolerance", "0.1")


@pytest.fixture(scope="module")
def plan():
    return plan_for("right", "hot", "soft")


@pytest.fixture(scope="module")
def records(plan):
    return lines(outcome(plan))


def of(found, name):
    return [finding for finding in found.findings if finding.check.sampler == name]


def test_what_grows_beyond_the_memory_limit_is_blamed_in_words_and_leaves_others_alone(monkeypatch, records):
    monkeypatch.setattr(pool, "MEMORY", 2**28)
    journal = Journal()
    found = outcome(plan_for("right", "hoards", "soft", cases=(*INDEX[:1], *SOFT)), "loky", 2, journal)
    assert {finding.verdict for finding in of(found, "hoards")} == {Verdict.INCONCLUSIVE}
    assert all("it took more than 0.25 GiB" in finding.reason for finding in of(found, "hoards"))
    kept = set(records)
    assert all(line in kept for line in lines(found) if '"sampler": "hoards"' not in line)


class Hostile(Exception):
    def __bool__(self):
        raise SystemExit

    @property
    def __cause__(self):
        raise SystemExit


def test_the_end_of_the_time_is_told_even_by_code_that_wraps_what_it_catches():
    def wrapping(error):
        with contained():
            try:
                raise error
            except Exception as caught:
                raise ValueError("of its own") from caught

    with pytest.raises(SamplerFault, match=r"hung: no result within 900 s"), enforced(Limits(900.0)):
        wrapping(Expired())
    for other in (KeyError(), Hostile()):
        with pytest.raises(SamplerFault, match=r"raised ValueError: of its own"), enforced(Limits(900.0)):
            wrapping(other)


def test_what_stays_within_the_memory_limit_is_judged():
    assert {finding.verdict for finding in of(outcome(plan_for("right", cases=INDEX), "loky", 1), "right")} == {
        Verdict.VERIFIED
    }


@pytest.mark.parametrize(("grows", "ends"), [(3000, True), (500, False)])
def test_growth_is_measured_from_the_beginning_of_a_shard(monkeypatch, grows, ends):
    sizes, ended = iter([10_000, 10_000 + grows]), []
    monkeypatch.setattr(limits, "_resident", lambda: next(sizes, 10_000))
    monkeypatch.setattr(os, "_exit", ended.append)
    with limits._within_memory(1000):
        time.sleep(0.25)
    assert ended == ([limits.TOO_MUCH] if ends else [])


@pytest.mark.parametrize("name", ["hangs", "dies"])
def test_the_probe_of_a_sampler_that_hangs_or_dies_is_all_that_is_tried_of_it(monkeypatch, name):
    monkeypatch.setattr(payloads, "TIME_LIMIT", 1.0)
    monkeypatch.setattr(payloads, "Limits", partial(Limits, grace=0.5))
    plan, journal = plan_for("right", name, cases=INDEX), Journal()
    found = outcome(plan, "loky", 2, journal)
    tried = [key for key in journal.results if key.startswith(f"{name}/")]
    assert len([design for design in plan.designs if design.startswith(f"{name}/")]) == 2
    assert len(tried) == 1 and tried[0].endswith("#-1.0")
    assert all(finding.evidence.broken for finding in of(found, name))


def test_a_fault_that_is_no_hang_in_the_probe_is_met_again_in_every_case():
    """Where one case is refused, another may be drawn."""
    plan, journal = plan_for("raises", cases=INDEX), Journal()
    outcome(plan, journal=journal)
    assert {key.split("#")[0] for key in journal.results if "#0." in key} == {*plan.designs}


def test_built_in_samplers_have_no_probe_and_no_limit(plan):
    assert {probe.scenario.split("/")[0] for probe in drawn.probes(plan).values()} == {"right", "hot", "soft"}
    assert payloads.limits(None) == Limits() and Limits().seconds == 0


def test_the_time_limit_ends_what_sleeps_and_puts_the_alarm_back(monkeypatch):
    monkeypatch.delenv(WORKER, raising=False)
    before, start = signal.getsignal(signal.SIGALRM), time.monotonic()
    with pytest.raises(SamplerFault, match=r"hung: no result within 0\.2 s"), enforced(Limits(0.2)):
        time.sleep(30)
    assert time.monotonic() - start < 10
    assert signal.getsignal(signal.SIGALRM) is before and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    with enforced(Limits(0.2)):
        pass
    time.sleep(0.3)


def test_the_time_limit_is_for_a_shard_not_for_the_run(monkeypatch):
    monkeypatch.setattr(payloads, "TIME_LIMIT", 0.0)
    assert {finding.verdict for finding in of(outcome(plan_for("right", cases=INDEX)), "right")} == {Verdict.VERIFIED}


def test_a_worker_that_is_killed_from_outside_is_replaced_and_no_record_changes(plan, records):
    killed, journal = [], Journal()
    with open_engine("loky", 2) as executor:

        def kill(what, done, total, left):
            if done == 3 and len(killed) < 2:
                killed.append(next(iter(executor()._all)).pid)
                os.kill(killed[-1], signal.SIGKILL)

        assert lines(engine.run(plan, executor, 2, journal, kill)) == records
    assert len(killed) == 2
    assert not any(result.fault for result in journal.results.values() if isinstance(result, ShardResult))


def start(*words):
    return subprocess.Popen(
        [*COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True
    )


def call(*words):
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("to", [os.kill, os.killpg], ids=["the program alone", "the terminal's whole group"])
def test_ctrl_c_with_workers_says_nothing_but_130_and_is_resumed_to_the_same_bytes(tmp_path, to):
    words = ("validate", f"{MISFITS}:right", *CHEAP, "--suite", "chi_square", "--workers", 2)
    running = start(*words, "--out", tmp_path / "cut")
    journal = tmp_path / "cut" / "journal.jsonl"
    for _ in range(1200):
        if journal.exists() and journal.read_bytes().count(b"\n") >= 8:
            break
        time.sleep(0.05)
    to(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert len(pd.read_csv(tmp_path / "cut" / "checks.csv")) > 0
    assert call(*words, "--out", tmp_path / "cut", "--resume").returncode == 0
    assert call(*words, "--out", tmp_path / "whole").returncode == 0
    for table in ("claims.csv", "checks.csv", "samplers.csv"):
        assert (tmp_path / "cut" / table).read_bytes() == (tmp_path / "whole" / table).read_bytes()


@pytest.mark.parametrize("kind", ["serial", "loky"])
def test_prints_go_to_standard_error(tmp_path, kind):
    names = ["prints"] + ["prints_from_compiled_code"] * (kind == "loky")
    words = (*(f"{MISFITS}:{name}" for name in names), *CHEAP, "--suite", "support", "--engine", kind)
    done = call("validate", *words, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "noise" not in done.stdout and done.stdout.rstrip().endswith("report.html")
    assert "noise on standard output" in done.stderr and "noise at import" in done.stderr


STARTING = """
import operator, os, signal
from harness.engine.worker import Worker, environment
import cloudpickle
for _ in range(2):
    worker = Worker("", environment())
    os.kill(worker.pid, signal.SIGINT)
    print(worker.do(cloudpickle.dumps((operator.add, (20, 1)))), signal.pthread_sigmask(signal.SIG_BLOCK, []))
    worker.end()
"""


def test_ctrl_c_does_not_reach_a_worker_that_is_just_starting_nor_the_trackers_started_before_it():
    done = subprocess.run([sys.executable, "-c", STARTING], capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("21 set()\n" * 2, "")


REMARKS = {
    "reseeds": "reseeds NumPy's global generator: who draws from it next repeats himself",
    "draws_globally": "reseeds NumPy's global generator: who draws from it next repeats himself",
    "consumes": "draws from NumPy's global generator",
    "right": "",
}


@pytest.mark.parametrize("name", REMARKS)
def test_the_global_generators_are_put_back(name):
    caller = Caller(Scenario(resolve(f"{MISFITS}:{name}"), "index", INDEX[0]))
    kept = [list(get()[1]) for get, _, _ in metamorphic.GLOBALS.values()]
    assert metamorphic.meddling(caller, 3) == REMARKS[name]
    assert [list(get()[1]) for get, _, _ in metamorphic.GLOBALS.values()] == kept


def test_meddling_with_the_global_generator_is_remarked_and_refutes_nobody(tmp_path):
    targets = [f"{MISFITS}:{name}" for name in REMARKS]
    done = call("validate", *targets, *CHEAP, "--suite", "metamorphic", "--engine", "serial", "--out", tmp_path)
    assert done.returncode == 0, done.stdout
    for name, words in REMARKS.items():
        assert (f"remark: {name} {words}" in done.stdout) == bool(words)
    assert "remark reseeds" in (tmp_path / "report.html").read_text().replace("&#39;", "'")
