"""A guest shares nothing that it could change, nobody but the user ends a run, and nothing outlives it.

Seen to fail on the tree before: SystemExit from ``prepare`` (status 0), and a guest that patches NumPy (an innocent sampler
refuted). The others repeat faults that were reported of that tree; they were not run on it.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from harness.engine import payloads
from harness.engine import run as engine
from harness.engine.executors import SerialExecutor, open_engine
from harness.engine.journal import Journal
from harness.engine.limits import Limits
from harness.engine.pool import silent
from harness.engine.run import run_here
from harness.interrupts import Interrupted, contained, interruptible
from harness.ledger.record import record
from harness.options import Options
from harness.questions.case import Case
from harness.questions.content import Content
from harness.questions.plan import guests_plan
from harness.quiet import prints_aside
from harness.samplers.registry import get
from harness.samplers.targets import resolve
from harness.verdict import Verdict
from suites.cases import weights
from suites.families import chi_square, support

INTRUDERS = Path(__file__).parent / "intruders.py"
PAIR = Case("pair", "odds", weights(0.75, 0.25))
CONTENT = Content((PAIR,), (), {"support": support.checks, "chi_square": chi_square.checks}, tuple)
OPTIONS = Options(0.1, alpha=1e-6, beta=1e-2)
ENGINES = ("here", "serial", "loky")


def plan_for(*names, options=OPTIONS):
    return guests_plan([resolve(f"{INTRUDERS}:{name}") for name in names], CONTENT, options)


def outcome(plan, name="serial", workers=1):
    opened = contextlib.nullcontext(SerialExecutor) if name == "here" else open_engine(name, workers)
    with opened as executor:
        return engine.run(plan, executor, workers, Journal(), silent)


def lines(found, sampler):
    return [json.dumps(record(one, 0), allow_nan=False) for one in found.findings if one.check.sampler == sampler]


RAISED = {
    "raised_in_call": "raised KeyboardInterrupt",
    "raised_in_array": "raised SystemExit: 0",
    "raised_in_prepare": "raised SystemExit: 0",
    "raised_in_fill": "raised GeneratorExit",
    "speechless": "raised Speechless: its message cannot be read",
}


@pytest.mark.parametrize("name", ENGINES)
def test_what_ends_programs_is_a_fault_of_who_raises_it_and_the_others_are_judged(name):
    with interruptible():
        found = outcome(plan_for("innocent", *RAISED), name)
    assert not found.interrupted
    for guest, said in RAISED.items():
        mine = [one for one in found.findings if one.check.sampler.removeprefix("again_") in (guest, guest[10:])]
        assert mine and all(one.verdict is Verdict.INCONCLUSIVE and said in one.reason for one in mine), guest
    assert {one.verdict for one in found.findings if one.check.sampler == "innocent"} == {Verdict.VERIFIED}


def test_ctrl_c_is_told_from_a_keyboard_interrupt_that_a_sampler_raises():
    with interruptible():
        with pytest.raises(Interrupted), contained():
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(RuntimeError, match="raised KeyboardInterrupt"), contained():
            raise KeyboardInterrupt
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt), contained():  # nobody listens: it may be the user's
        raise KeyboardInterrupt


def test_a_signal_that_the_program_has_a_use_for_is_left_to_it(monkeypatch):
    heard = []
    before = signal.signal(signal.SIGHUP, lambda number, frame: heard.append(number))
    try:
        with interruptible(("SIGHUP",)):
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [signal.SIGHUP]


@pytest.mark.parametrize("name", ["serial", "loky"])
def test_a_guest_that_patches_numpy_changes_no_byte_of_another(name):
    """With one worker for all, the innocent one was refuted."""
    alone = lines(outcome(plan_for("innocent"), "serial"), "innocent")
    beside = outcome(plan_for("innocent", "patches_numpy"), name)
    assert lines(beside, "innocent") == alone
    assert np.argmax is not None and np.bincount is not None


def test_trusted_code_and_each_guest_have_processes_of_their_own():
    with open_engine("loky", 2) as executor:
        futures = [(guest, executor().submit(os.getpid, guest=guest)) for guest in ("", "a", "b") * 8]
        seen = {(guest, future.result()) for guest, future in futures}
        assert len({pid for _, pid in seen}) == len(seen) and {guest for guest, _ in seen} == {"", "a", "b"}
    assert os.getpid() not in {pid for _, pid in seen}


def test_a_run_without_guests_starts_as_many_processes_as_it_has_workers():
    with open_engine("loky", 2) as executor:
        pids = {executor().submit(os.getpid).result() for _ in range(6)}
        assert len(executor()._all) <= 2 and len(pids) <= 2


@pytest.mark.parametrize("name", ["serial", "loky"])
def test_what_swallows_every_exception_ends(monkeypatch, name):
    """Hung for ever with the serial engine."""
    monkeypatch.setattr(payloads, "TIME_LIMIT", 0.3)
    monkeypatch.setattr(payloads, "Limits", partial(Limits, grace=0.3))
    found = outcome(plan_for("swallows_everything"), name)
    assert all("killed the process" in one.reason for one in found.findings)


def test_threads_that_redirect_leave_standard_output_as_it_was():
    before, inside = sys.stdout, threading.Barrier(3)

    def redirect(order):
        with prints_aside():
            inside.wait(10)
            time.sleep(0.02 * order)

    threads = [threading.Thread(target=redirect, args=(order,)) for order in (2, 0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.stdout is before


COMMAND = (sys.executable, "-c", "from harness.cli import main; main()", "validate")
QUICK = ("--suite", "support", "--tolerance", "0.3", "--workers", "2")


def start(out, *names, more=(), env=None):
    words = [*COMMAND, *(f"{INTRUDERS}:{name}" for name in names), *QUICK, "--out", str(out), *more]
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True, env=env
    )


STARTERS = ("leaves_a_thread", "forks_and_returns", "forks_and_sleeps", "interrupts_main")


def test_a_run_ends_with_its_summary_whatever_guests_have_started(tmp_path):
    """A thread or a process that a guest left, or a thread that a user's file left in the program itself, kept it."""
    running = start(tmp_path, *STARTERS, "innocent", env={**os.environ, "LEAVE_A_THREAD_AT_IMPORT": "1"})
    said, errors = running.communicate(timeout=300)
    assert running.returncode == 0, said + errors
    assert said.rstrip().endswith("report.html") and "a thread at import" in errors


SCRIPT = """
import os, sys, threading, harness

def run(engine):
    return harness.validate("direct", tolerance=0.3, suites=("support",), engine=engine, workers=1).verdict.value

if sys.argv[1] == "forked":
    print(run("loky"), flush=True)
    child = os.fork()
    if not child:
        print(run("loky"), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
else:
    before, said = sys.stdout, []
    threads = [threading.Thread(target=lambda: said.append(run("serial"))) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert sys.stdout is before
    print(*said, sep="\\n")
"""


@pytest.mark.parametrize(("what", "count"), [("forked", 2), ("threads", 3)])
def test_runs_in_a_forked_child_and_in_threads_side_by_side(what, count):
    """A forked child of a process that had used workers waited for ever; threads left standard output redirected."""
    done = subprocess.run([sys.executable, "-c", SCRIPT, what], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["verified"] * count


def test_a_fill_belongs_to_one_thread_and_threads_with_their_own_draw_the_same():
    logits = np.log([0.1, 0.2, 0.3, 0.4])
    for emits in ("index", "gumbel"):
        form, drawn = get("gumbel-max").form(emits), {}

        def draw(number, form=form, emits=emits, drawn=drawn):
            out = np.empty(20_000, np.intp) if emits == "index" else np.empty((20_000, 4))
            form.prepare(logits)(out, np.random.default_rng(number))
            drawn[number] = out

        threads = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        beside, drawn = drawn, {}
        for number in range(4):
            draw(number, drawn=drawn)
            assert np.array_equal(drawn[number], beside[number])


def test_an_interruption_of_a_run_in_this_process_goes_on_to_the_caller():
    """A test or a control that was interrupted counted as finished, and the next one began."""

    def presses(logits, size, *, rng):
        signal.raise_signal(signal.SIGINT)

    plan = guests_plan([resolve(presses)], CONTENT, OPTIONS)
    with pytest.raises(Interrupted):
        run_here(plan)
