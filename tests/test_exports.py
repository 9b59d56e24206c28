"""JUnit, JSON, annotations, one row, and how an interrupted run is told: through the real command line."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

GUESTS = Path(__file__).parent / "guests.py"
COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")
QUICK = ("--tolerance", "0.1", "--engine", "serial", "--suite", "chi_square", "--suite", "support")


def call(*words, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    return subprocess.run(
        [*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=300, env={**clean, **environment}
    )


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    """A run of a wrong, a broken and a right sampler, with every file that can be asked for."""
    folder = tmp_path_factory.mktemp("exports")
    targets = [f"{GUESTS}:{name}" for name in ("outside", "raises", "right")]
    files = ("--junit", folder / "j.xml", "--json", folder / "j.json")
    where = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "step.md")}
    return folder, call("validate", *targets, *QUICK, "--out", folder / "run", *files, **where)


def test_junit_tells_failures_errors_and_passes_apart(wrong):
    folder, done = wrong
    assert done.returncode == 1, done.stdout + done.stderr
    root = ET.parse(folder / "j.xml").getroot()
    table = pd.read_csv(folder / "run/checks.csv", index_col="check", keep_default_na=False)
    cases = {case.get("name"): [part.tag for part in case] for case in root.iter("testcase")}
    assert set(cases) == set(table.index)
    for name, row in table.iterrows():
        due = {"refuted": ["failure"], "verified": []}.get(row["verdict"])
        if due is None:
            due = ["error"] if row["sampler"] == "raises" else ["skipped"]
        assert cases[name] == due, (name, row["reason"])
    for suite in root.iter("testsuite"):
        assert int(suite.get("failures")) == len(suite.findall(".//failure"))


def test_json_holds_the_tables_to_the_last_bit(wrong):
    folder, done = wrong
    held = json.loads((folder / "j.json").read_text())
    assert held["status"] == done.returncode == 1
    assert held["verdict"] == "refuted"
    table = list(csv.DictReader((folder / "run/checks.csv").read_text().splitlines()))
    for row, due in zip(held["checks"], table, strict=True):
        assert row["check"] == due["check"]
        for column in ("p_value", "statistic", "alpha"):
            assert row[column] == (float(due[column]) if due[column] else None)


def test_github_gets_annotations_and_a_summary_only_when_it_asks(wrong, tmp_path):
    folder, done = wrong
    commands = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert commands
    assert all(line.startswith("::error title=") for line in commands)
    assert "refuted" in (folder / "step.md").read_text()
    silent = call("validate", f"{GUESTS}:outside", *QUICK, "--out", tmp_path)
    assert "::error" not in silent.stdout


def test_one_row_is_run_again_alone_with_the_same_numbers(wrong, tmp_path):
    folder, _ = wrong
    whole = pd.read_csv(folder / "run/checks.csv", index_col="check")
    name = next(check for check in whole.index if check.startswith("chi_square/right/"))
    words = ("--tolerance", "0.1", "--engine", "serial", "--check", name, "--out", tmp_path)
    assert call("validate", f"{GUESTS}:right", *words).returncode == 0
    row = pd.read_csv(tmp_path / "checks.csv", index_col="check")
    assert list(row.index) == [name]
    columns = ["n", "statistic", "p_value", "alpha", "detectable", "verdict"]
    assert row.loc[name, columns].to_dict() == whole.loc[name, columns].to_dict()


def test_an_unknown_row_is_named_with_the_nearest(tmp_path):
    done = call("validate", "direct", "--check", "chi_square/direct/index/dye", "--out", tmp_path)
    assert done.returncode == 2
    assert "did you mean chi_square/direct/index/die" in done.stderr


def test_an_interrupted_run_says_in_a_few_lines_how_to_go_on(tmp_path):
    words = ("validate", "direct", "--tolerance", "0.0005", "--workers", "1", "--out", str(tmp_path / "run"))
    running = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    while not (tmp_path / "run/journal.jsonl").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 130, out + err
    assert "go on with: " in out
    assert out.rstrip().splitlines()[-2].endswith("--resume")
    assert len(out.splitlines()) < 20
