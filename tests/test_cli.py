"""The command line, end to end: what it writes, what it says, how it ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

GUESTS = Path(__file__).parent / "guests.py"
TABLES = ("claims.csv", "checks.csv", "samplers.csv")
COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")
CHEAP = ("--tolerance", "0.1")


def call(*words, **kwargs):
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=300, **kwargs)


def tables(folder):
    return {name: (folder / name).read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    out = tmp_path_factory.mktemp("serial") / "run"
    done = call("validate", "relaxed", "top-down", *CHEAP, "--engine", "serial", "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_help_imports_no_science():
    code = "import sys; from harness.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "print(sorted({'numpy', 'scipy', 'pandas', 'matplotlib', 'statsmodels'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_run_folder_holds_what_the_contract_names(serial):
    names = {path.name for path in serial.iterdir()}
    assert {"manifest.json", "ledger.jsonl", "timings.csv", "summary.md", "report.html", "figures", *TABLES} <= names
    assert "journal.jsonl" not in names
    assert len(pd.read_csv(serial / "checks.csv")) == len((serial / "ledger.jsonl").read_text().splitlines())


@pytest.mark.parametrize("workers", [1, 2])
def test_every_engine_writes_the_same_bytes(serial, tmp_path, workers):
    words = ("--engine", "loky", "--workers", workers, "--out", tmp_path)
    assert call("validate", "relaxed", "top-down", *CHEAP, *words).returncode == 0
    assert tables(tmp_path) == tables(serial)


def test_report_remakes_the_page_without_drawing(serial, tmp_path):
    copy = shutil.copytree(serial, tmp_path / "copy")
    for name in (*TABLES, "report.html", "summary.md"):
        (copy / name).unlink()
    assert call("report", copy).returncode == 0
    one, two = (
        {path.name: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()} for folder in (serial, copy)
    )
    assert one == two


def test_a_selection_moves_no_number(serial, tmp_path):
    call("validate", "relaxed", "top-down", *CHEAP, "--suite", "support", "--engine", "serial", "--out", tmp_path)
    part = pd.read_csv(tmp_path / "checks.csv", index_col="check")
    whole = pd.read_csv(serial / "checks.csv", index_col="check").loc[part.index]
    pd.testing.assert_frame_equal(part, whole)


def test_another_seed_draws_other_numbers_and_gives_the_same_verdicts(serial, tmp_path):
    call("validate", "relaxed", "top-down", *CHEAP, "--seed", 1, "--engine", "serial", "--out", tmp_path)
    one, two = (pd.read_csv(folder / "checks.csv", index_col="check").sort_index() for folder in (serial, tmp_path))
    assert (one["verdict"] == two["verdict"]).all()
    assert (one["p_value"] != two["p_value"]).any()


@pytest.mark.parametrize("name", ["warm", "shared", "warm_soft", "outside", "clip"])
def test_wrong_samplers_are_refuted(name, tmp_path):
    tolerance = ("--tolerance", "0.02")
    done = call("validate", f"{GUESTS}:{name}", *tolerance, "--engine", "serial", "--out", tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"sampler.{name.replace('_', '-')}: refuted" in done.stdout
    assert pd.read_csv(tmp_path / "checks.csv")["verdict"].iloc[0] == "refuted"


def test_a_right_guest_passes(tmp_path):
    done = call("validate", f"{GUESTS}:right", *CHEAP, "--out", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_misbehaves_is_recorded_and_the_rest_judged(tmp_path):
    targets = [f"{GUESTS}:{name}" for name in ("raises", "shape", "floats", "mutates", "dies", "right")]
    done = call("validate", *targets, *CHEAP, "--suite", "chi_square", "--workers", 2, "--out", tmp_path)
    assert done.returncode == 3, done.stdout + done.stderr
    samplers = pd.read_csv(tmp_path / "samplers.csv", index_col="sampler")["verdict"]
    assert samplers["right"] == "verified"
    assert (samplers.drop("right") == "inconclusive").all()
    reasons = pd.read_csv(tmp_path / "checks.csv").groupby("sampler")["reason"].first()
    assert "no draws today" in reasons["raises"]
    assert "killed the process" in reasons["dies"]
    assert "<script>" not in (tmp_path / "report.html").read_text().split("</style>")[1].split("<script")[0]


def test_the_impossible_needs_no_p_value(tmp_path):
    done = call("validate", f"{GUESTS}:beyond", f"{GUESTS}:nan", *CHEAP, "--engine", "serial", "--out", tmp_path)
    assert done.returncode == 1
    support = pd.read_csv(tmp_path / "checks.csv").query("suite == 'support'")
    drawn = support[~support["reason"].str.startswith("drawing ended early")]
    assert drawn["sampler"].nunique(dropna=False) == 2 and (drawn["verdict"] == "refuted").all()
    assert support["p_value"].isna().all()


USAGE = {
    "nosuch": "no sampler is called 'nosuch'",
    "relaxd": "did you mean relaxed",
    "absent.py:f": "there is no file absent.py",
    f"{GUESTS}:absent": "has no attribute 'absent'",
    "--suite foo": "no suite is called 'foo'",
    "--claim foo": "no claim is called 'foo'",
    "--tolerance 0": "tolerance must be a number",
    "--alpha nan": "alpha must be a number",
    "--seed -1": "seed must be a non-negative integer",
    "--workers 0": "workers must be at least 1",
    "--out /dev/null/x": "cannot write to /dev/null/x",
}


@pytest.mark.parametrize("words", USAGE, ids=lambda words: words.replace(str(GUESTS), "guests.py"))
def test_bad_input_is_one_sentence_and_exit_2(words, tmp_path):
    done = call("validate", *words.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert USAGE[words] in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def start(*words):
    return subprocess.Popen(
        [*COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def wait_for(journal, lines):
    for _ in range(600):
        if journal.exists() and journal.read_bytes().count(b"\n") >= lines:
            return
        time.sleep(0.05)
    raise AssertionError("the run did not begin")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_is_resumed_to_the_same_bytes(serial, tmp_path, end):
    words = ("validate", "relaxed", "top-down", *CHEAP, "--engine", "serial", "--out", tmp_path / "run")
    running = start(*words)
    wait_for(tmp_path / "run" / "journal.jsonl", 5)
    os.killpg(running.pid, end)
    running.communicate(timeout=60)
    with open(tmp_path / "run" / "journal.jsonl") as journal:
        assert set(json.loads(journal.readline())["header"]) == {
            "options",
            "suites",
            "claims",
            "checks",
            "targets",
            "versions",
        }
    assert running.returncode == (130 if end is signal.SIGINT else -end)
    if end is signal.SIGINT:
        assert json.loads((tmp_path / "run" / "manifest.json").read_text())["interrupted"]
    assert call(*words, "--resume").returncode == 0
    assert tables(tmp_path / "run") == tables(serial)


def test_claims_are_listed_one_a_line():
    lines = call("list", "claims").stdout.splitlines()
    assert len(lines) == 67
    assert lines[0].startswith("proof.equivalence\tverified\t")
