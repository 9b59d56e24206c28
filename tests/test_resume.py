"""Only the same run is resumed, a journal or ledger that was changed is told, and a run that was killed late is finished."""

import functools
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from harness.cli import main
from harness.engine.journal import Journal
from harness.engine.shards import ShardResult
from harness.errors import UsageError
from harness.questions.check import Evidence
from harness.statistics import Counts

COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")
WORDS = ("validate", "direct", "--tolerance", "0.3", "--suite", "support", "--engine", "serial")
TABLES = ("claims.csv", "checks.csv", "samplers.csv")
SAMPLER = """
import numpy as np
import harness
from pkg.helper import noise

@harness.sampler("mine", emits="index")
def mine(logits, size, *, rng):
    return np.argmax(logits + noise(rng, size, len(logits)), axis=1)
"""
HELPER = "def noise(rng, size, k):\n    return rng.gumbel(size=(size, k))\n"


def call(*words, cwd=None, **environment):
    environment = {**os.environ, **environment}
    done = subprocess.run(
        [*COMMAND, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=200, env=environment
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done


def killed_when(there, *words, cwd=None):
    """Start the command and kill it as soon as a file is there."""
    running = subprocess.Popen(
        [*COMMAND, *map(str, words)], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(12000):
        if there() or running.poll() is not None:
            break
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("resume") / "run"
    assert call(*WORDS, "--out", out).returncode == 0
    return out


def interrupted(out):
    """A run that was killed with some lines in its journal."""
    killed_when(
        lambda: (out / "journal.jsonl").exists() and (out / "journal.jsonl").read_bytes().count(b"\n") > 2,
        *WORDS,
        "--out",
        out,
    )
    assert (out / "journal.jsonl").exists()
    return out


def same(one, other):
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in TABLES)


@pytest.mark.parametrize("more", [("--seed", "7"), ("--suite", "chi_square")])
def test_another_run_is_not_resumed_and_loses_nothing(tmp_path, more):
    out = interrupted(tmp_path / "run")
    before = (out / "journal.jsonl").read_bytes()
    done = call(*WORDS, *more, "--out", out, "--resume")
    assert done.returncode == 2 and "cannot resume the run" in done.stderr
    assert {
        "--seed": "options seed was 0, now 7",
        "--alpha": "options alpha",
        "--keep-going": "options keep_going",
    }.get(more[0], "suites") in done.stderr
    assert (out / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("target", "edited"), [("pkg.samplers:mine", "target"), ("pkg.samplers:mine", "helper"), ("mine.py", "helper")]
)
def test_an_edited_module_is_not_resumed(tmp_path, target, edited):
    (tmp_path / "pkg").mkdir()
    for name, text in (
        ("pkg/__init__.py", ""),
        ("pkg/samplers.py", SAMPLER),
        ("mine.py", SAMPLER),
        ("pkg/helper.py", HELPER),
    ):
        (tmp_path / name).write_text(text)
    words = ("validate", target, *WORDS[2:], "--out", "run")
    journal = tmp_path / "run" / "journal.jsonl"
    killed_when(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 1, *words, cwd=tmp_path)
    path = tmp_path / (
        "pkg/helper.py" if edited == "helper" else "mine.py" if target == "mine.py" else "pkg/samplers.py"
    )
    path.write_text(path.read_text().replace("rng.gumbel", "0.5 * rng.gumbel") + "# edited\n")
    done = call(*words, "--resume", cwd=tmp_path)
    assert done.returncode == 2 and re.search(rf"targets {re.escape(target)} \S*{path.name} was ", done.stderr), (
        done.stderr
    )


def test_other_versions_are_not_resumed(tmp_path):
    out = interrupted(tmp_path / "run")
    lines = (out / "journal.jsonl").read_text().splitlines(keepends=True)
    header = json.loads(lines[0])["header"]
    assert {"python", "numpy", "scipy", "gumbel-harness", "sources"} <= set(header["versions"])
    lines[0] = lines[0].replace(f'"numpy": "{np.__version__}"', '"numpy": "2.0.0"')
    lines[0] = lines[0].replace(header["versions"]["sources"], "0" * 64)
    (out / "journal.jsonl").write_text("".join(lines))
    done = call(*WORDS, "--out", out, "--resume")
    assert done.returncode == 2 and f"versions numpy was 2.0.0, now {np.__version__}" in done.stderr
    assert "this project's own sources changed" in done.stderr and "000" not in done.stderr


def test_nothing_to_resume_is_said_and_the_run_begins(tmp_path, whole):
    done = call(*WORDS, "--out", tmp_path / "run", "--resume")
    assert done.returncode == 0 and "there is nothing to resume" in done.stderr and same(tmp_path / "run", whole)


@pytest.mark.parametrize("name", ["manifest.json", "summary.md"])
def test_a_run_that_was_killed_while_its_page_was_made_is_finished(tmp_path, whole, name):
    out = tmp_path / "run"
    killed_when((out / name).exists, *WORDS, "--out", out)
    assert not (out / "report.html").exists(), "killed too late to show anything"
    done = call(*WORDS, "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    assert same(out, whole) and (out / "report.html").exists() and not (out / "journal.jsonl").exists()


AFTER_THE_DRAWS = ("engine.judging:Judging.judge", "engine.judging:Judging.findings", "validation:Validation.keep",
                   "console.saving:_reported")  # fmt: skip


def inside(out, *more):
    """Do the command in this process and return its status."""
    with pytest.raises(SystemExit) as ended:
        main.main([*WORDS, "--out", str(out), *more])
    return ended.value.code


@pytest.mark.parametrize("place", AFTER_THE_DRAWS)
def test_ctrl_c_after_the_draws_names_the_command_that_goes_on(place, tmp_path, whole, monkeypatch, capsys):
    module, _, path = place.partition(":")
    *within, name = path.split(".")
    owner = functools.reduce(getattr, within, importlib.import_module(f"harness.{module}"))
    real = getattr(owner, name)

    def interrupted(*arguments):
        if arguments[1:] != (0,):  # the first look is judged in peace
            os.kill(os.getpid(), signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr("sys.argv", ["gumbel-harness", *WORDS, "--out", "run"])
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, interrupted)
            assert inside(tmp_path / "run") == 130
    finally:
        signal.signal(signal.SIGINT, heard)
    said = capsys.readouterr()
    command = f"gumbel-harness {' '.join(WORDS)} --out run --resume"
    assert f"go on with: {command}\n" in said.out + said.err
    assert inside(tmp_path / "run", "--resume") == 0
    assert same(tmp_path / "run", whole)


def test_a_finished_run_is_not_resumed_and_stays(tmp_path, whole):
    out = shutil.copytree(whole, tmp_path / "run")
    done = call(*WORDS, "--out", out, "--resume")
    assert done.returncode == 2 and "is finished" in done.stderr and same(out, whole)


def result(i):
    return ShardResult({"counts": Counts.of(np.array([i, i + 1]), (9,))}, 0.5)


def written(path):
    journal = Journal(path, {"seed": 0})
    for i in range(4):
        journal.put(f"s#{i}", result(i))
    journal.put("computed", (Evidence(n=3, p_value=0.25), 0.1))
    journal.close()
    return path.read_bytes().splitlines(keepends=True)


def read_back(path):
    journal = Journal(path, {"seed": 0}, resume=True)
    keys = [key for key, _ in journal.replay()]
    assert keys == list(journal.results)
    journal.close()
    return keys, journal.damaged


ALTERED = {
    "a digit": lambda line: line.replace(b'"seconds": 0.5', b'"seconds": 0.6'),
    "the key": lambda line: line.replace(b"s#1", b"s#9"),
    "the checksum": lambda line: line[:-6] + (b"0000" if line[-6:-2] != b"0000" else b"1111") + line[-2:],
    "no checksum": lambda line: line.rpartition(b', "sum"')[0] + b"}\n",
    "no JSON": lambda line: b"{" + line,
    "empty": lambda line: b"\n",
    "another shape": lambda line: b"[1, 2]\n",
}


@pytest.mark.parametrize("how", ALTERED)
def test_a_line_that_was_changed_is_left_out_and_told(tmp_path, how):
    lines = written(tmp_path / "j")
    lines[2] = ALTERED[how](lines[2])
    (tmp_path / "j").write_bytes(b"".join(lines))
    assert read_back(tmp_path / "j") == (["s#0", "s#2", "s#3", "computed"], 1)


def test_a_line_that_stands_twice_counts_once_and_one_of_another_run_not_at_all(tmp_path):
    lines = written(tmp_path / "j")
    other = Journal(tmp_path / "other", {"seed": 1})
    other.put("s#7", result(7))
    other.close()
    foreign = (tmp_path / "other").read_bytes().splitlines(keepends=True)[1]
    (tmp_path / "j").write_bytes(b"".join([*lines[:3], lines[1], foreign, *lines[3:]]))
    assert read_back(tmp_path / "j") == (["s#0", "s#1", "s#2", "s#3", "computed"], 2)


def test_a_header_that_was_damaged_is_refused(tmp_path):
    lines = written(tmp_path / "j")
    (tmp_path / "j").write_bytes(b"".join([b"{]\n", *lines[1:]]))
    with pytest.raises(UsageError, match="the first line of its journal is damaged"):
        Journal(tmp_path / "j", {"seed": 0}, resume=True)


def test_a_journal_that_is_a_link_is_not_written_through(tmp_path):
    (tmp_path / "victim").write_text("dear")
    (tmp_path / "j").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic"):
        Journal(tmp_path / "j", {"seed": 0})
    assert (tmp_path / "victim").read_text() == "dear"


def test_a_ledger_that_lost_lines_or_was_changed_is_told(tmp_path, whole):
    out = shutil.copytree(whole, tmp_path / "run")
    ledger = out / "ledger.jsonl"
    lines = ledger.read_text().splitlines(keepends=True)
    for text, words in (
        ("".join(lines[2:]), f"2 of {len(lines)} selected checks are missing from the ledger"),
        ("".join([lines[0].replace('"n": ', '"n": 1'), *lines[1:]]), "The ledger was changed"),
    ):
        ledger.write_text(text)
        done = call("report", out)
        assert done.returncode == 3 and words in done.stderr
        assert words in (out / "summary.md").read_text() and words in (out / "report.html").read_text()
    ledger.write_text("".join([*lines, lines[0]]))
    done = call("report", out)
    assert done.returncode == 2 and "twice" in done.stderr
    ledger.write_text("".join(lines))
    assert call("report", out).returncode == 0 and same(out, whole)
