"""However a run is ended, nothing of it is left after ten seconds, and what was finished is resumed to the same bytes.

Workers outlived their run by minutes before they were bound to its life, and SIGTERM lost what was finished.
"""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

INTRUDERS = Path(__file__).parent / "intruders.py"
HEARS = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from harness.cli import main; main()"
COMMAND = (sys.executable, "-c", HEARS, "validate")
WORDS = ("--suite", "support", "--tolerance", "0.3", "--workers", "2")
TABLES = ("claims.csv", "checks.csv", "samplers.csv")
MARK = "GUMBEL_HARNESS_TEST_MARK"
PATIENCE = 10.0
"""Seconds after which nothing of a run may be left."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


def start(guest, out, mark, *more):
    return subprocess.Popen(
        [*COMMAND, f"{INTRUDERS}:{guest}", *WORDS, "--out", str(out), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        env={**os.environ, MARK: mark},
    )


def finish(guest, out, *more):
    running = start(guest, out, "", *more)
    said = running.communicate(timeout=120)
    assert running.returncode == 0, said


def left(mark):
    """Return the processes that inherited a mark and still run."""
    word, found = f"{MARK}={mark}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if word in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def journal_has(out, count):
    def ready(mark):
        path = out / "journal.jsonl"
        return path.exists() and path.read_bytes().count(b"\n") >= count

    return ready


def works(mark):
    """Tell whether a worker has computed for three seconds: what it begins with takes one."""
    ticks = 3 * os.sysconf("SC_CLK_TCK")
    for pid in left(mark):
        try:
            words, stat = (Path(f"/proc/{pid}/{name}").read_text() for name in ("cmdline", "stat"))
        except OSError:
            continue
        if "LokyProcess" in words and int(stat.rpartition(")")[2].split()[11]) > ticks:
            return True
    return False


def after(seconds):
    start = time.monotonic()
    return lambda mark: time.monotonic() - start >= seconds


def ended_by(number, guest, out, ready):
    """Start a run, end it by a signal once it is ready for that, and return its status; nothing of it may be left."""
    mark = uuid.uuid4().hex
    running = start(guest, out, mark)
    begun = time.monotonic()
    while running.poll() is None and not ready(mark) and time.monotonic() - begun < 60:
        time.sleep(0.02)
    running.send_signal(number)
    sent = time.monotonic()
    said = running.communicate(timeout=60)  # not before everybody has let go of its output
    while left(mark) and time.monotonic() - sent < PATIENCE:
        time.sleep(0.05)
    remaining = left(mark)
    for pid in remaining:
        os.kill(pid, signal.SIGKILL)
    assert not remaining, f"{len(remaining)} processes are left {PATIENCE:g} s after {signal.Signals(number).name}"
    assert "Traceback" not in said[1] or running.returncode < 0, said[1]
    return running.returncode


def tables(out):
    return [(out / name).read_bytes() for name in TABLES]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    finish("slow", out)
    return tables(out)


def campaign(count, seed, folder, whole):
    """End runs by signals at random moments and resume them; return what each trial ended in."""
    rng, ended = random.Random(seed), []
    for i in range(count):
        number = rng.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT))
        out = folder / str(i)
        status = ended_by(number, "slow", out, after(rng.uniform(0.0, 8.0)))
        assert status in (0, 130, -number), status  # -number: before the program was there to hear it
        if status != 0:
            finish("slow", out, *(["--resume"] if (out / "journal.jsonl").exists() else []))
        assert tables(out) == whole
        ended.append((signal.Signals(number).name, status))
    return ended


def test_a_killed_run_takes_workers_along_that_are_in_compiled_code(tmp_path):
    out = tmp_path / "out"
    assert ended_by(signal.SIGKILL, "slow_in_c", out, works) == -signal.SIGKILL


def test_a_hangup_ends_a_run_with_workers_in_compiled_code_as_ctrl_c_does(tmp_path):
    out = tmp_path / "out"
    assert ended_by(signal.SIGHUP, "slow_in_c", out, works) == 130


def test_what_was_finished_at_a_sigterm_is_kept_and_resumed_to_the_same_bytes(tmp_path, whole):
    out = tmp_path / "out"
    assert ended_by(signal.SIGTERM, "slow", out, journal_has(out, 6)) == 130
    assert (out / "checks.csv").exists() and (out / "journal.jsonl").read_bytes().count(b"\n") >= 6
    finish("slow", out, "--resume")
    assert tables(out) == whole


@pytest.mark.dear
def test_signals_at_fifty_random_moments(tmp_path, whole):
    assert len(campaign(50, 0, tmp_path, whole)) == 50
