"""A full disk, or a folder that goes away, loses nothing that was finished, and is told in a sentence."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from harness.console.saving import save, watched
from harness.engine.journal import Journal
from harness.engine.shards import ShardResult
from harness.engine.start import start
from harness.errors import StorageError, UsageError
from harness.ledger.folder import read
from harness.options import Options
from harness.questions.plan import select
from harness.statistics import Counts
from harness.validation import execute, make_plan

GUESTS = Path(__file__).parent / "guests.py"
COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")
WORDS = ("validate", f"{GUESTS}:right", "--tolerance", "0.1", "--suite", "support", "--engine", "serial")


def call(*words, limit=0, **environment):
    """Run the command; no file may grow beyond ``limit`` bytes, as on a disk that is full at some point."""

    def narrow():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    return subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
        preexec_fn=narrow if limit else None,
    )


def result(i):
    return ShardResult({"counts": Counts.of(np.array([i, i + 1]), (9,))}, 0.5)


def sentences(done):
    said = [line for line in done.stderr.splitlines() if line.startswith("gumbel-harness: ")]
    assert "Traceback" not in done.stderr + done.stdout
    return said


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "run"
    assert call(*WORDS, "--out", out).returncode == 0
    return out


class Full:
    """A file on a disk with room for so many bytes more."""

    def __init__(self, file, room):
        self._file, self.room = file, room

    def write(self, line):
        fits = min(len(line), self.room)
        if not fits:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= fits
        return self._file.write(line[:fits])

    def __getattr__(self, name):
        return getattr(self._file, name)


def read_back(path):
    journal = Journal(path, {"seed": 0}, resume=True)
    made = {key: one.statistics["counts"].counts.tolist() for key, one in journal.replay()}
    journal.close()
    assert list(made) == list(journal.results) and not any(one.statistics for one in journal.results.values())
    return made


@pytest.mark.parametrize("room", [0, 1, 150, 400])
def test_a_journal_on_a_full_disk_keeps_whole_lines_and_catches_up_when_there_is_room(tmp_path, room):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, {"seed": 0})
    disk = journal._file = Full(journal._file, room)
    for i in range(4):
        journal.put(f"s#{i}", result(i))
    assert journal.fault == "No space left on device" and journal.waiting
    assert len(journal.results) == 4
    assert len(read_back(shutil.copy(path, tmp_path / "copy.jsonl"))) == 4 - journal.waiting
    disk.room = 10**6
    journal.put("s#4", result(4))
    assert not journal.fault and not journal.waiting
    journal.close()
    assert read_back(path) == {f"s#{i}": result(i).statistics["counts"].counts.tolist() for i in range(5)}


def test_a_disk_that_is_full_at_the_start_is_a_usage_error(tmp_path, monkeypatch):
    def fail(self, line):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, "_append", fail)
    with pytest.raises(UsageError, match="No space left on device; choose another --out"):
        start(tmp_path / "run", {}, resume=False)
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".gumbel-harness"]


def test_trouble_with_the_journal_is_told_once_until_it_is_over(tmp_path, capsys):
    journal = Journal(tmp_path / "j", {})
    tell = watched(lambda *told: None, journal)
    for fault in ("", "full", "full", "", "full"):
        journal.fault = fault
        tell("x", 1, 2, 0.5)
    journal.close()
    assert capsys.readouterr().err.count("cannot write to") == 2


@pytest.mark.parametrize("limit", [600, 6000, 30_000])
def test_a_run_that_cannot_be_written_is_kept_elsewhere_or_resumed(limit, whole, tmp_path):
    """The limit holds for every file, wherever: the journal, the ledger or the page is what does not fit."""
    out = tmp_path / "run"
    done = call(*WORDS, "--out", out, limit=limit, TMPDIR=str(tmp_path))
    assert done.returncode == 3, done.stderr
    assert any("File too large" in line for line in sentences(done))
    assert "verified" in done.stdout
    assert not list(out.glob("*.part"))
    if (out / "ledger.jsonl").exists():
        assert not (out / "journal.jsonl").exists()
        assert "run gumbel-harness report" in sentences(done)[-1]
        assert call("report", out).returncode == 0
    else:
        assert "--resume" in sentences(done)[-1]
        again = call(*WORDS, "--out", out, "--resume")
        assert again.returncode == 0, again.stderr
    for name in ("claims.csv", "checks.csv", "samplers.csv"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()


def finished(journal=None):
    plan = select(make_plan(["direct"], Options(tolerance=0.3)), suites=["support"])
    return execute(plan, engine="serial", journal=journal)


def test_a_folder_that_became_a_file_sends_the_run_to_a_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    out = tmp_path / "run"
    journal = start(out, {}, resume=False)
    validation = finished(journal)
    shutil.rmtree(out)
    out.write_text("in the way")
    saved = save(validation, out, journal)
    assert saved.folder.parent == tmp_path and "the run is kept in" in saved.trouble
    assert len(read(saved.folder).records) == len(validation.records)
    assert len(pd.read_csv(saved.folder / "checks.csv")) == len(validation.records)


def test_a_folder_that_was_removed_is_made_again(tmp_path):
    out = tmp_path / "run"
    journal = start(out, {}, resume=False)
    validation = finished(journal)
    shutil.rmtree(out)
    assert save(validation, out, journal).folder == out
    assert (out / "report.html").exists()


def test_from_python_it_is_an_error_that_names_the_folder(tmp_path, monkeypatch):
    validation = finished()

    def full(part, path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("harness.ledger.files.os.replace", full)
    with pytest.raises((StorageError, UsageError), match="cannot write to"):
        validation.save(tmp_path / "other")


def test_output_that_goes_nowhere_is_told_and_the_run_is_there(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, *WORDS, "--out", tmp_path], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 3 and "Traceback" not in done.stderr and "No space left" in done.stderr
    assert json.loads((tmp_path / "manifest.json").read_text())["interrupted"] is False
    assert (tmp_path / "report.html").exists()


def test_a_report_that_cannot_be_written_is_a_sentence(whole, tmp_path):
    copy = shutil.copytree(whole, tmp_path / "copy")
    done = call("report", copy, limit=2000)
    assert done.returncode == 3 and sentences(done)
