"""Two runs are compared through the real command line: what got worse, moved or differs, and the exit status."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("gumbel-harness"))
WRONG, RIGHT = "proof.softmax-of-logits", "proof.softmax-of-logits.corrected"


def call(*words):
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A run of a claim that is wrong as written and of its corrected form."""
    out = tmp_path_factory.mktemp("runs") / "old"
    done = call("validate", "--claim", WRONG, "--claim", RIGHT, "--tolerance", 0.2, "--engine", "serial", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def table(out):
    return list(csv.DictReader((out / "compare.csv").read_text().splitlines()))


def changed(old, new, edit=lambda row: row, manifest=lambda one: one):
    """Copy a run with its records and manifest edited; a record that becomes None is left out."""
    new.mkdir()
    rows = [edit(json.loads(line)) for line in (old / "ledger.jsonl").read_text().splitlines()]
    (new / "ledger.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows if row))
    (new / "manifest.json").write_text(json.dumps(manifest(json.loads((old / "manifest.json").read_text()))))
    return new


def only(verdict, other, first=1):
    """Return an edit that gives the first so many records of a verdict another."""
    left = [first]

    def edit(row):
        if row["verdict"] == verdict and left[0]:
            left[0] -= 1
            return {**row, "verdict": other, "reason": "edited"}
        return row

    return edit


def test_a_run_is_no_worse_than_itself(old, tmp_path):
    done = call("compare", old, old, "--out", tmp_path / "out")
    assert done.returncode == 0
    assert "Nothing got worse" in done.stdout and "0 verdicts changed and 0 effects moved" in done.stdout
    rows = table(tmp_path / "out")
    assert list(rows[0]) == ["check", "old", "new", "old_effect", "new_effect", "alpha"]
    assert len(rows) == len((old / "ledger.jsonl").read_text().splitlines())
    assert all(row["old"] == row["new"] and row["old_effect"] == row["new_effect"] for row in rows)


@pytest.mark.parametrize(
    ("verdict", "other", "status", "words"),
    [
        ("verified", "refuted", 1, "Worse."),
        ("verified", "inconclusive", 1, "Worse."),
        ("refuted", "verified", 1, "Worse."),
    ],
)
def test_a_verdict_that_agrees_less_with_what_is_deserved_got_worse(old, tmp_path, verdict, other, status, words):
    new = changed(old, tmp_path / "new", only(verdict, other, first=100 if verdict == "refuted" else 1))
    done = call("compare", old, new, "--out", tmp_path / "out")
    assert done.returncode == status and words in done.stdout, done.stdout
    back = call("compare", new, old, "--out", tmp_path / "back")
    assert back.returncode == 0 and "Checks that got better" in back.stdout


def test_effects_versions_and_lacking_checks_are_told(old, tmp_path):
    records = [json.loads(line) for line in (old / "ledger.jsonl").read_text().splitlines()]
    names = [row["check"] for row in records]
    moving = next(row["check"] for row in records[:-1] if row["verdict"] == "verified" and row["p_value"] is not None)

    def edit(row):
        if row["check"] == names[-1]:
            return None
        return {**row, "effect": row["effect"] + 3 * row["detectable"]} if row["check"] == moving else row

    def manifest(one):
        return {**one, "versions": {**one["versions"], "numpy": "0.0.1"}}

    new = changed(old, tmp_path / "new", edit, manifest)
    done = call("compare", old, new, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stdout
    assert "Effects that moved beyond noise: 1" in done.stdout
    assert re.search(r"version of numpy: \S+ before, 0.0.1 now", done.stdout)
    page = (tmp_path / "out" / "compare.html").read_text()
    assert moving.replace("/", "/<wbr>") in page and "1 check only in the old run" in page
    assert (
        f'<summary>run again</summary><code class="command">gumbel-harness validate --check {moving} --seed 0' in page
    )
    assert "default-src 'none'" in page and "<script" not in page
    rows = {row["check"]: row for row in table(tmp_path / "out")}
    assert rows[names[-1]]["new"] == "" and rows[names[-1]]["old"]


def test_what_is_no_run_is_said(old, tmp_path):
    done = call("compare", old, tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "is no run folder" in done.stderr
    assert not (tmp_path / "out").exists()
