"""A folder that is not ours is not written to, by two of us at once neither, and no link in it leads us elsewhere."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from harness.errors import UsageError
from harness.ledger.files import replace
from harness.ledger.owner import MARKER, held, prepare
from reports.files import replace_figures

COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")
WORDS = ("validate", "direct", "--tolerance", "0.3", "--suite", "support", "--engine", "serial")


def call(*words, cwd=None):
    done = subprocess.run([*COMMAND, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=200)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("owner") / "run"
    assert call(*WORDS, "--out", out).returncode == 0
    return out


@pytest.mark.parametrize("command", ["validate", "bench", "envelope", "selftest", "report"])
def test_a_folder_of_the_users_stays_as_it_was(tmp_path, command):
    paper = tmp_path / "paper"
    (paper / "figures").mkdir(parents=True)
    for name in ("manifest.json", "summary.md", "report.html", "figures/cat.svg", "checks.csv"):
        (paper / name).write_text('{"name": "mine"}')
    before = contents(paper)
    targets = ["direct"] if command in ("validate", "envelope", "bench") else []
    done = call(command, *([paper] if command == "report" else [*targets, "--out", paper]))
    assert done.returncode == 2
    assert str(paper) in done.stderr and len(done.stderr.splitlines()) == 1
    assert contents(paper) == before


@pytest.mark.parametrize(
    "files",
    [
        {},
        {MARKER: "", "notes.txt": "of a user who works in our folder"},
        {"manifest.json": json.dumps({"schema": 1, "options": {}, "budget": {}})},
        {"journal.jsonl": json.dumps({"header": {}}) + "\n"},
        {"envelope.csv": "", "envelope.svg": ""},
        {"bench.csv": "", "bench.json": "", "bench.html": ""},
    ],
)
def test_new_empty_and_older_folders_are_ours(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert (prepare(tmp_path) / MARKER).exists()
    prepare(tmp_path)


@pytest.mark.parametrize(
    "files", [{"a": ""}, {"manifest.json": "[1]"}, {"manifest.json": "{"}, {"bench.csv": "", "b": ""}]
)
def test_any_other_folder_is_refused(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match="choose a new or empty folder"):
        prepare(tmp_path)
    assert not (tmp_path / MARKER).exists()


def test_a_marker_that_is_a_link_is_none(tmp_path):
    victim, folder = tmp_path / "victim", tmp_path / "folder"
    victim.write_text("dear")
    folder.mkdir()
    (folder / MARKER).symlink_to(victim)
    with pytest.raises(UsageError):
        prepare(folder)
    (folder / "manifest.json").write_text(json.dumps({"schema": 1, "options": {}, "budget": {}}))
    with pytest.raises(UsageError, match="cannot write to"), held(folder):
        pass
    assert victim.read_text() == "dear"


def test_two_runs_at_once_are_told_apart_and_the_lock_of_a_dead_one_is_free(tmp_path):
    code = "import sys, time; from pathlib import Path; from harness.ledger.owner import held\n"
    code += "with held(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(600)"
    holder = subprocess.Popen([sys.executable, "-c", code, tmp_path / "run"], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        done = call(*WORDS, "--out", tmp_path / "run")
        assert done.returncode == 2 and f"another run (process {holder.pid}) writes to" in done.stderr
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    with held(tmp_path / "run"):
        pass


def test_no_link_in_a_received_folder_is_followed(run, tmp_path):
    received, pictures, rc = tmp_path / "run", tmp_path / "pics", tmp_path / "bashrc"
    shutil.copytree(run, received)
    pictures.mkdir()
    (pictures / "cat.svg").write_text("a cat")
    rc.write_text("alias")
    for name in ("checks.csv.part", "summary.md.part", "claims.csv"):
        (received / name).unlink(missing_ok=True)
        (received / name).symlink_to(rc)
    assert call("report", received).returncode == 0
    assert rc.read_text() == "alias" and not (received / "claims.csv").is_symlink()
    shutil.rmtree(received / "figures")
    (received / "figures").symlink_to(pictures)
    done = call("report", received)
    assert done.returncode == 2 and "symbolic link" in done.stderr
    assert contents(pictures) == {"cat.svg": b"a cat"}


def test_a_report_removes_only_figures_that_a_report_wrote(tmp_path):
    replace_figures(tmp_path, {"one": "1", "two": "2"})
    (tmp_path / "figures" / "mine.svg").write_text("mine")
    (tmp_path / "outside.svg").write_text("mine")
    with open(tmp_path / "figures" / ".written", "a") as file:
        file.write("../outside\n")
    replace_figures(tmp_path, {"two": "2"})
    assert sorted(os.listdir(tmp_path / "figures")) == [".written", "mine.svg", "two.svg"]
    assert (tmp_path / "outside.svg").exists()


def test_a_file_is_replaced_and_not_written_through(tmp_path):
    (tmp_path / "victim").write_text("dear")
    for name in ("a", "a.part"):
        (tmp_path / name).symlink_to(tmp_path / "victim")
    replace(tmp_path / "a", "new")
    assert (tmp_path / "victim").read_text() == "dear" and (tmp_path / "a").read_text() == "new"
