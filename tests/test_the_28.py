"""The 28 faults that were found by attack, by their numbers, each through the command or the public names alone.

So they run on any tree: docs/reliability.md says which of them were seen to fail on the tree before they were mended.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.dear, pytest.mark.skipif(os.name != "posix", reason="signals and links")]
MAIN = "from harness.cli import main; main()"
CHEAP = ("--tolerance", "0.3", "--suite", "support")
SERIAL = (*CHEAP, "--engine", "serial")
RIGHT = """
import os, sys, time, threading
import numpy as np
import harness

def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)

@harness.sampler("mine", emits="index")
def mine(logits, size, *, rng):
    BODY
    return right(logits, size, rng=rng)
"""
SLOW = "time.sleep(0.02)"


def write(folder, body="pass", after="", name="mine.py"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(RIGHT.replace("BODY", body) + after)
    return path


def call(folder, *words, code=MAIN, **more):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        **more,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def validate(folder, *words, **more):
    return call(folder, "validate", *words, "--out", "run", **more)


def table(folder, name="samplers.csv"):
    return (folder / "run" / name).read_text()


def begun(folder, *words, lines=4, env=None):
    """Start a run and return it once its journal has some lines."""
    words = [sys.executable, "-c", MAIN, "validate", *words, "--out", "run"]
    running = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    journal = folder / "run" / "journal.jsonl"
    while running.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= lines):
        time.sleep(0.02)
    assert running.poll() is None, "the run was over before it could be ended"
    return running


def ended(folder, *words, by=signal.SIGKILL):
    running = begun(folder, *words)
    running.send_signal(by)
    return running.wait(60)


def test_01_a_file_that_exits_is_no_run(tmp_path):
    write(tmp_path, after="sys.exit(0)\n")
    assert validate(tmp_path, "mine.py:mine", *SERIAL).returncode == 2


def test_02_an_exit_from_what_is_returned_is_a_fault(tmp_path):
    body = "return type('Draws', (), {'__array__': lambda *a, **k: sys.exit(0)})()"
    write(tmp_path, body)
    assert validate(tmp_path, "mine.py:mine", *SERIAL).returncode == 3
    assert "inconclusive" in table(tmp_path)


def test_03_a_broken_sampler_fails_its_tests(tmp_path):
    write(tmp_path, "raise ValueError('no draws')")
    (tmp_path / "test_mine.py").write_text(
        "import harness\nfrom mine import mine\n"
        "@harness.parametrize_with_checks([mine], tolerance=0.3, suites=['support'])\ndef test(check): check()\n"
    )
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=240).returncode == 1


def test_04_a_module_that_was_edited_is_not_resumed(tmp_path):
    path = write(tmp_path, SLOW, name="pkg/mod.py")
    (tmp_path / "pkg" / "__init__.py").touch()
    ended(tmp_path, "pkg.mod:mine", *SERIAL)
    path.write_text(path.read_text().replace("logits +", "logits * 0.5 +"))
    assert validate(tmp_path, "pkg.mod:mine", *SERIAL, "--resume").returncode == 2


def test_05_a_folder_of_the_users_is_left_alone(tmp_path):
    (tmp_path / "run" / "figures").mkdir(parents=True)
    own = {name: tmp_path / "run" / name for name in ("manifest.json", "report.html", "figures/own.svg")}
    for path in own.values():
        path.write_text("own")
    assert validate(tmp_path, "direct", *SERIAL).returncode == 2
    assert all(path.read_text() == "own" for path in own.values())


def test_06_report_follows_no_link(tmp_path):
    validate(tmp_path, "direct", *SERIAL)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "own.svg").write_text("own")
    (tmp_path / "own").write_text("own")
    figures = tmp_path / "run" / "figures"
    if figures.exists():
        figures.rename(tmp_path / "aside")
    figures.symlink_to("../pictures")
    (tmp_path / "run" / "checks.csv.part").symlink_to("../own")
    call(tmp_path, "report", "run")
    assert (tmp_path / "pictures" / "own.svg").read_text() == (tmp_path / "own").read_text() == "own"


def test_07_a_guests_keyboard_interrupt_is_its_own(tmp_path):
    write(tmp_path, "raise KeyboardInterrupt")
    assert validate(tmp_path, "mine.py:mine", "direct", *SERIAL).returncode == 3
    assert "direct" in table(tmp_path) and ",verified\n" in table(tmp_path)


def test_08_sigterm_ends_a_run_and_its_workers(tmp_path):
    write(tmp_path, "sum(range(2**33)) if size > 1 else None")
    mark = uuid.uuid4().hex
    running = begun(tmp_path, "mine.py:mine", *CHEAP, "--workers", "2", lines=1, env={**os.environ, "MARK28": mark})
    time.sleep(5)
    running.send_signal(signal.SIGTERM)
    status, until = running.wait(60), time.monotonic() + 10
    while (left := bearing(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert status == 130 and not left


def bearing(mark):
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK28={mark}".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_09_a_thread_that_a_guest_starts_keeps_nobody(tmp_path):
    write(tmp_path, "threading.Thread(target=time.sleep, args=(900,)).start()")
    assert validate(tmp_path, "mine.py:mine", *SERIAL).returncode == 0


def test_10_a_guest_that_patches_numpy_patches_its_own(tmp_path):
    body = "real = np.argmax; np.argmax = lambda x, axis=None: real(np.asarray(x, np.float16), axis=axis)"
    write(tmp_path, f"if not hasattr(np, 'seen'): np.seen = 1; np.bincount = None; {body}")
    after = "@harness.sampler('innocent', emits='index')\ndef innocent(logits, size, *, rng):\n"
    other = write(tmp_path, after=f"{after}    return right(logits, size, rng=rng)\n", name="other.py")
    other.write_text(other.read_text().replace('"mine"', '"unused"'))
    words = ("--tolerance", "0.05", "--suite", "chi_square", "--engine", "serial")
    validate(tmp_path, "other.py:innocent", *words)
    alone = [line for line in table(tmp_path, "checks.csv").splitlines() if line.startswith("chi_square/innocent")]
    call(tmp_path, "validate", "mine.py:mine", "other.py:innocent", *words, "--out", "both", "--keep-going")
    beside = (tmp_path / "both" / "checks.csv").read_text().splitlines()
    verdicts = {line.split("/")[1]: line for line in beside if ",refuted," in line}
    assert alone and "innocent" not in verdicts
    assert len(alone) == sum(line.startswith("chi_square/innocent") and ",verified," in line for line in beside)


def test_11_pytest_runs_beside_a_harness_of_the_users(tmp_path):
    (tmp_path / "harness.py").write_text("OWN = 1\n")
    (tmp_path / "test_own.py").write_text("import harness\ndef test_own(): assert harness.OWN\n")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=240).returncode == 0


def test_12_a_reports_of_the_users_is_not_taken_for_ours(tmp_path):
    write(tmp_path, name="pkg/mod.py")
    (tmp_path / "pkg" / "__init__.py").touch()
    (tmp_path / "reports.py").write_text("OWN = 1\n")
    command = [
        str(Path(sys.executable).with_name("gumbel-harness")),
        "validate",
        "pkg.mod:mine",
        *SERIAL,
        "--out",
        "run",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert (tmp_path / "run" / "report.html").exists()


def test_13_too_few_files_are_no_refutation(tmp_path):
    import resource

    narrow = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))  # noqa: E731
    assert validate(tmp_path, "direct", *CHEAP, "--workers", "2", preexec_fn=narrow).returncode == 3


DIES = """
import os, sys
class Dies:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("matplotlib", "reports.")) and os.path.exists("run/ledger.jsonl"):
            os.kill(os.getpid(), 9)
sys.meta_path.insert(0, Dies())
"""


def test_14_a_run_that_was_killed_while_its_page_was_made_is_finished(tmp_path):
    dead = validate(tmp_path, "direct", *SERIAL, code=DIES + MAIN)
    assert dead.returncode == -signal.SIGKILL and not (tmp_path / "run" / "report.html").exists()
    assert validate(tmp_path, "direct", *SERIAL, "--resume").returncode == 0
    assert (tmp_path / "run" / "claims.csv").exists() and (tmp_path / "run" / "report.html").exists()


def test_15_another_seed_is_not_resumed(tmp_path):
    write(tmp_path, SLOW)
    ended(tmp_path, "mine.py:mine", *SERIAL)
    before = (tmp_path / "run" / "journal.jsonl").read_bytes()
    assert validate(tmp_path, "mine.py:mine", *SERIAL, "--resume", "--seed", "1").returncode == 2
    assert (tmp_path / "run" / "journal.jsonl").read_bytes() == before


def test_16_a_worker_of_dask_without_the_package_is_told(tmp_path):
    known = tmp_path / "scheduler.json"
    bare = "import sys; sys.modules['harness'] = None; from dask.__main__ import main; main()"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    words = ["--scheduler-file", str(known), "--no-dashboard"]
    started = [subprocess.Popen([sys.executable, "-m", "dask", "scheduler", "--port", "0", *words], **quiet)]
    while not known.exists() or not known.read_text().strip():
        time.sleep(0.1)
    address = __import__("json").loads(known.read_text())["address"]
    worker = ["worker", address, "--no-nanny", "--nworkers", "1", "--no-dashboard"]
    started.append(subprocess.Popen([sys.executable, "-c", bare, *worker], **quiet))
    try:
        time.sleep(8)
        done = validate(tmp_path, "direct", *CHEAP, "--engine", "dask", "--scheduler", address)
        assert done.returncode == 2
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def test_17_a_missing_line_of_the_ledger_is_told(tmp_path):
    validate(tmp_path, "direct", *SERIAL)
    ledger = tmp_path / "run" / "ledger.jsonl"
    ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[:-1]))
    assert call(tmp_path, "report", "run").returncode == 3


def test_18_a_journal_line_that_stands_twice_is_counted_once(tmp_path):
    write(tmp_path, SLOW)
    validate(tmp_path, "mine.py:mine", *SERIAL)
    whole = table(tmp_path, "checks.csv")
    (tmp_path / "run").rename(tmp_path / "whole")
    ended(tmp_path, "mine.py:mine", *SERIAL)
    journal = tmp_path / "run" / "journal.jsonl"
    lines = [line for line in journal.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    changed = lines[-1].replace(b'"draws":', b'"drawn":').replace(b"1", b"2")
    journal.write_bytes(b"".join([*lines[:-1], lines[-2], changed, b'{"a": []}\n']))
    assert validate(tmp_path, "mine.py:mine", *SERIAL, "--resume").returncode == 0
    assert table(tmp_path, "checks.csv") == whole


THREADS = """
import sys, threading, harness
before = sys.stdout
run = lambda: harness.validate("direct", tolerance=0.3, suites=("support",), engine="serial")
threads = [threading.Thread(target=run) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(0 if sys.stdout is before else 9)
"""


def test_19_threads_leave_standard_output_as_it_was(tmp_path):
    assert call(tmp_path, code=THREADS).returncode == 0


def test_20_whose_a_fill_is_stands_in_the_docs():
    import harness

    docs = Path(harness.__file__).parents[1] / "docs" / "check-your-sampler.md"
    assert "belongs to one thread" in " ".join(docs.read_text().split())


def test_21_a_second_run_in_a_folder_is_refused(tmp_path):
    write(tmp_path, SLOW)
    running = begun(tmp_path, "mine.py:mine", *SERIAL)
    try:
        assert validate(tmp_path, "direct", *SERIAL).returncode == 2
    finally:
        running.kill()
        running.wait()


SOON = """
import importlib
for name in ("harness.engine.payloads", "harness.engine.run", "harness.engine.limits", "harness.engine.shards"):
    try: module = importlib.import_module(name)
    except ImportError: continue
    for limit in ("TIME_LIMIT", "GUEST_SECONDS"):
        if hasattr(module, limit): setattr(module, limit, 5.0)
"""


def test_22_what_swallows_every_exception_ends_with_the_serial_engine(tmp_path):
    body = """while True:
        try:
            while True: time.sleep(0.01)
        except BaseException: pass"""
    write(tmp_path, body)
    assert validate(tmp_path, "mine.py:mine", *SERIAL, code=SOON + MAIN).returncode == 3


FORKED = """
import os, harness
run = lambda: harness.validate("direct", tolerance=0.3, suites=("support",), engine="loky", workers=1)
run()
child = os.fork()
if not child:
    run()
    os._exit(0)
os.waitpid(child, 0)
"""


def test_23_a_forked_child_of_a_process_that_has_used_workers_ends(tmp_path):
    running = subprocess.Popen([sys.executable, "-c", FORKED], cwd=tmp_path, start_new_session=True)
    try:
        assert running.wait(150) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)


@pytest.mark.parametrize(("logits", "size"), [([10**400], 1), ([0.0, 1.0], 2**62)])
def test_24_numbers_that_cannot_be_drawn_with_are_usage_errors(logits, size):
    import harness
    from harness.errors import UsageError

    with pytest.raises(UsageError):
        harness.draw("direct", logits, size, rng=0)


@pytest.mark.parametrize("name", ["=1+1", "\u202e", "a\0", "a" * 10_000, "\ud800"])
def test_25_names_are_words(name):
    import harness
    from harness.errors import UsageError

    with pytest.raises(UsageError):
        harness.sampler(name, emits="index")(lambda logits, size, *, rng: None)


def test_25_no_escape_reaches_the_terminal(tmp_path):
    write(tmp_path, r"raise ValueError('\x1b[2J\n::error::forged')")
    said = validate(tmp_path, "mine.py:mine", *SERIAL).stdout
    assert "ValueError" in said
    assert "\x1b" not in said
    assert not any(line.startswith("::") for line in said.splitlines())


def test_26_envelope_survives_a_guest_that_kills_its_worker(tmp_path):
    write(tmp_path, "os._exit(3)")
    assert call(tmp_path, "envelope", "mine.py:mine", "--out", "run").returncode == 3


@pytest.mark.parametrize("engine", ["serial", "loky"])
def test_27_a_lock_in_a_file_is_no_fault(tmp_path, engine):
    write(tmp_path, "LOCK.acquire(); LOCK.release()", after="LOCK = threading.Lock()\n")
    assert validate(tmp_path, "mine.py:mine", *CHEAP, "--engine", engine).returncode == 0


def test_28_masked_logits_are_refused():
    import harness
    from harness.errors import UsageError

    with pytest.raises(UsageError):
        harness.draw("direct", np.ma.masked_array([0.0, 1.0], [True, False]), 1, rng=0)
