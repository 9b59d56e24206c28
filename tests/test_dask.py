"""Whoever does the work, the bytes are the same: a local cluster, one started by hand, and one whose worker is killed."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from harness.engine.executors import open_engine
from harness.engine.limits import Limits, enforced
from harness.errors import SamplerFault, UsageError
from harness.options import Options
from harness.questions.plan import select
from harness.validation import execute, make_plan

distributed = pytest.importorskip("distributed")

MORTAL = """
import os, signal
import numpy as np
import harness

@harness.sampler("mortal", emits="index")
def mortal(logits, size, *, rng):
    if not os.path.exists({mark!r}):
        open({mark!r}, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    p = np.exp(logits - logits.max())
    return rng.choice(p.size, size=size, p=p / p.sum())
"""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """A scheduler and two workers with a nanny each, started as a user would; the address."""
    folder = tmp_path_factory.mktemp("dask")
    known, dask = folder / "scheduler.json", [sys.executable, "-m", "dask"]
    where = ["--scheduler-file", str(known)]
    log = open(folder / "log", "wb")  # noqa: SIM115 (closed below)
    options = {"stdout": log, "stderr": log, "cwd": folder, "env": {**os.environ, "GUMBEL_HARNESS_WORKER": "1"}}
    started = [
        subprocess.Popen(
            [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *where], **options
        )
    ]
    address = _address(known)
    worker = [*dask, "worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
    started.append(subprocess.Popen(worker, **options))
    yield address
    for process in reversed(started):
        process.terminate()
        process.wait(timeout=30)
    log.close()


def _address(known):
    for _ in range(600):
        if known.exists() and known.read_text().strip():
            return json.loads(known.read_text())["address"]
        time.sleep(0.1)
    raise TimeoutError("no scheduler")


def _bytes(plan, engine, **more):
    return json.dumps(execute(plan, engine=engine, **more).records)


@pytest.fixture(scope="module")
def plan():
    return select(make_plan(["direct"], Options(seed=5)), suites=("chi_square",))


def _wait_for(address, workers):
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


def test_a_cluster_started_by_hand_gives_the_bytes_of_serial(scheduler, plan):
    _wait_for(scheduler, 2)
    assert _bytes(plan, "dask", scheduler=scheduler) == _bytes(plan, "serial")


def test_a_sampler_from_a_file_travels_and_a_killed_worker_is_survived(scheduler, tmp_path):
    file, mark = tmp_path / "mortal.py", tmp_path / "mark"
    file.write_text(MORTAL.format(mark=str(mark)))
    plan = select(make_plan([f"{file}:mortal"], Options(0.05)), suites=("homogeneity",))
    there = _bytes(plan, "dask", scheduler=scheduler)
    assert mark.exists(), "no worker was killed"
    assert there == _bytes(plan, "serial")


def test_without_an_address_a_local_cluster_is_started(plan):
    assert _bytes(plan, "dask", workers=1) == _bytes(plan, "serial")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense"])
def test_an_address_that_does_not_answer_is_named(address):
    with pytest.raises(UsageError, match="no Dask scheduler answers at"), open_engine("dask", 1, address):
        pass


def test_without_the_package_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install distributed"), open_engine("dask", 1):
        pass


def test_an_address_is_for_dask_alone():
    with pytest.raises(UsageError, match="--engine dask"), open_engine("loky", 1, "tcp://127.0.0.1:9"):
        pass


def test_the_time_limit_holds_in_threads_that_no_signal_reaches():
    faults = []

    def hang():
        try:
            with enforced(Limits(0.2)):
                while True:
                    time.sleep(0.01)
        except SamplerFault as fault:
            faults.append(str(fault))

    thread = threading.Thread(target=hang)
    thread.start()
    thread.join(20)
    assert faults == ["hung: no result within 0.2 s for one shard"]


def test_a_thread_that_is_in_time_is_left_alone():
    def work():
        with enforced(Limits(0.05)):
            pass
        time.sleep(0.2)
        done.append(True)

    done = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert done


def test_a_worker_without_the_package_is_told_and_not_waited_for(tmp_path):
    """The run hung."""
    known = tmp_path / "scheduler.json"
    bare = "import sys; sys.modules['harness'] = None; from dask.__main__ import main; main()"
    where = ["--scheduler-file", str(known), "--no-dashboard"]
    with open(tmp_path / "log", "wb") as log:
        options = {"stdout": log, "stderr": log, "cwd": tmp_path}
        started = [
            subprocess.Popen([sys.executable, "-m", "dask", "scheduler", "--port", "0", *where], **options),
        ]
        address = _address(known)
        worker = ["worker", address, "--no-nanny", "--nworkers", "1", "--no-dashboard"]
        started.append(subprocess.Popen([sys.executable, "-c", bare, *worker], **options))
        try:
            _wait_for(address, 1)
            with (
                pytest.raises(UsageError, match="has no gumbel-harness; install version"),
                open_engine("dask", 1, address),
            ):
                pass
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait(timeout=60)


def test_guests_have_processes_of_their_own_on_a_cluster_too(scheduler):
    _wait_for(scheduler, 2)
    with open_engine("dask", 2, scheduler) as executor:
        pids = {(guest, executor().submit(os.getpid, guest=guest).result()) for guest in ("a", "b", "a", "b")}
        ours = {executor().submit(os.getpid).result() for _ in range(4)}
    assert not ours & {pid for _, pid in pids}
    assert not {pid for guest, pid in pids if guest == "a"} & {pid for guest, pid in pids if guest == "b"}


SLOW = """
import time
import numpy as np

def slow(logits, size, *, rng):
    time.sleep(0.05)
    return np.argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)
"""


@pytest.mark.dear
def test_a_scheduler_that_is_killed_ends_the_run_in_a_sentence(tmp_path):
    """It ended with a sentence that asked to report this, below the tracebacks of Dask's own log."""
    known, dask = tmp_path / "scheduler.json", [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    where = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = [*dask, "scheduler", "--port", "0", "--scheduler-file", str(known), *where]
    started = [subprocess.Popen(scheduler, **quiet)]
    address = _address(known)
    started.append(subprocess.Popen([*dask, "worker", address, "--nworkers", "1", "--nthreads", "1", *where], **quiet))
    (tmp_path / "slow.py").write_text(SLOW)
    words = ["validate", "slow.py:slow", "--tolerance", "0.3", "--suite", "support", "--out", "run"]
    main = [
        sys.executable,
        "-c",
        "from harness.cli import main; main()",
        *words,
        "--engine",
        "dask",
        "--scheduler",
        address,
    ]
    running = subprocess.Popen(main, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    journal = tmp_path / "run" / "journal.jsonl"
    try:
        while running.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= 3):
            time.sleep(0.05)
        assert running.poll() is None, running.communicate()
        started[0].kill()
        said, errors = running.communicate(timeout=150)
        assert running.returncode == 3 and "Dask scheduler: it is gone; what was finished is kept" in errors
        assert "Traceback" not in said + errors
    finally:
        running.kill()
        for process in reversed(started):
            process.kill()
            process.wait()


def test_the_environment_is_as_it_was_when_a_local_cluster_has_gone(plan, monkeypatch):
    """Dask's nanny left the mark of a worker in the user's process, which a guest that hangs then ended."""
    monkeypatch.delenv("GUMBEL_HARNESS_WORKER", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    before = dict(os.environ)
    execute(plan, engine="dask", workers=1)
    assert dict(os.environ) == before
