"""A fault campaign: whatever was cut, altered or doubled in a folder, and wherever a run takes place, it ends in a sentence.

A handful of each kind runs with the other tests; ``nox -s campaign`` runs the whole of it.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.cli import main
from harness.engine.journal import Journal
from harness.engine.shards import ShardResult
from harness.errors import UsageError
from harness.statistics import Counts

COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")
WORDS = ("validate", "direct", "--tolerance", "0.3", "--suite", "support", "--engine", "serial")
TABLES = ("claims.csv", "checks.csv", "samplers.csv")
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=9),
    st.sampled_from([[], {}, "::error", "=1+1", "\u202e", 10**400, "1e400"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("campaign") / "run"
    assert subprocess.run([*COMMAND, *WORDS, "--out", out], capture_output=True, timeout=300).returncode == 0
    return out


@st.composite
def damage(draw):
    """A function from a file's bytes to others: cut, altered, a line doubled or dropped, a value of another kind."""
    kind = draw(st.sampled_from(["cut", "alter", "insert", "double", "drop", "swap", "value", "key", "value", "key"]))
    where, byte, odd = draw(st.floats(0, 1)), draw(st.binary(min_size=1, max_size=3)), draw(ODD)

    def apply(text):
        at = min(int(where * len(text)), len(text) - 1)
        lines = text.splitlines(keepends=True)
        i = min(int(where * len(lines)), len(lines) - 1)
        if kind in ("value", "key"):
            return _replaced(text, where, odd, drop=kind == "key")
        return {
            "cut": lambda: text[:at],
            "alter": lambda: text[:at] + byte + text[at + len(byte) :],
            "insert": lambda: text[:at] + byte + text[at:],
            "double": lambda: b"".join([*lines[: i + 1], *lines[i:]]),
            "drop": lambda: b"".join(lines[:i] + lines[i + 1 :]),
            "swap": lambda: b"".join(reversed(lines)),
        }[kind]()

    return apply


def _replaced(text, where, odd, *, drop):
    """Replace or drop one value somewhere in a JSON file, or in one line of JSON lines."""
    whole = text.startswith(b"{\n")
    parts = [text] if whole else text.splitlines()
    i = min(int(where * len(parts)), len(parts) - 1)
    made = json.loads(parts[i])
    places = list(_places(made))
    holder, key = places[int(where * 7919) % len(places)]
    if drop:
        del holder[key]
    else:
        holder[key] = odd
    parts[i] = json.dumps(made).encode()
    return b"\n".join(parts) + b"\n"


def _places(value):
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def ended(*words):
    """Do a command in this process; return its status and what it said on standard error."""
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code in (0, 2, 3), (done.exit_code, done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    if done.exit_code:
        assert done.stderr.startswith("gumbel-harness: ") and len(done.stderr.splitlines()) == 1
    return done.exit_code


def received(whole, tmp_path_factory, name, damaged):
    out = tmp_path_factory.mktemp("received") / "run"
    shutil.copytree(whole, out)
    before = (out / name).read_bytes()
    (out / name).write_bytes(damaged(before))
    return out, (out / name).read_bytes() == before


def report_of_a_damaged_folder(whole, tmp_path_factory, name, damaged):
    out, unchanged = received(whole, tmp_path_factory, name, damaged)
    status = ended("report", out)
    if name == "ledger.jsonl" and status == 0:
        assert unchanged or same_but_for_the_end(out, whole)
        assert all((out / table).read_bytes() == (whole / table).read_bytes() for table in TABLES)
    shutil.rmtree(out)


def same_but_for_the_end(out, whole):
    return (out / "ledger.jsonl").read_bytes().rstrip(b"\n") == (whole / "ledger.jsonl").read_bytes().rstrip(b"\n")


FILES = st.sampled_from(["manifest.json", "ledger.jsonl"])
QUIET = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=15, **QUIET)
@given(name=FILES, damaged=damage())
def test_a_damaged_folder_is_reported_or_refused_in_a_sentence(whole, tmp_path_factory, name, damaged):
    report_of_a_damaged_folder(whole, tmp_path_factory, name, damaged)


@pytest.mark.dear
@settings(max_examples=200, **QUIET)
@given(name=FILES, damaged=damage())
def test_two_hundred_damaged_folders(whole, tmp_path_factory, name, damaged):
    report_of_a_damaged_folder(whole, tmp_path_factory, name, damaged)


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    made = Journal(path, {"seed": 0})
    for i in range(9):
        made.put(f"s#{i}", ShardResult({"counts": Counts.of(np.array([i, i + 1]), (12,))}, 0.5))
    made.close()
    return path.read_bytes()


@settings(max_examples=300, **QUIET)
@given(damaged=damage())
def test_a_damaged_journal_gives_back_what_was_written_or_less(journal, tmp_path_factory, damaged):
    path = tmp_path_factory.mktemp("damaged") / "journal.jsonl"
    path.write_bytes(damaged(journal))
    try:
        read = Journal(path, {"seed": 0}, resume=True)
    except UsageError:
        return
    found = {key: one.statistics["counts"].counts.tolist() for key, one in read.replay()}
    read.close()
    assert list(found) == list(read.results)
    assert all(found[f"s#{i}"][i] == 1 and sum(found[f"s#{i}"]) == 2 for i in range(9) if f"s#{i}" in found)
    assert set(found) <= {f"s#{i}" for i in range(9)}


ENVIRONMENTS = {
    "no HOME": {"HOME": None},
    "HOME that is not there": {"HOME": "/nonexistent"},
    "C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ASCII streams": {"PYTHONIOENCODING": "ascii"},
    "a narrow terminal": {"COLUMNS": "20"},
    "no terminal": {"TERM": "dumb"},
    "no TMPDIR": {"TMPDIR": "/nonexistent"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
    "warnings are errors": {"PYTHONWARNINGS": "error::SyntaxWarning"},
    "another hash seed": {"PYTHONHASHSEED": "7"},
    "no matplotlib folder": {"MPLCONFIGDIR": "/nonexistent"},
    "another time zone": {"TZ": "Pacific/Kiritimati"},
}
FOLDERS = ["a b", "a\nb", "ünïcödé", "-x", "%41", "a'b\"c", "$(x)", "深い", "a" * 200]


@pytest.mark.dear
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_same_bytes_in_every_environment(whole, tmp_path, name):
    environment = {**os.environ, **ENVIRONMENTS[name]}
    environment = {key: value for key, value in environment.items() if value is not None}
    done = subprocess.run(
        [*COMMAND, *WORDS, "--out", tmp_path / "run"], capture_output=True, timeout=300, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / "run" / table).read_bytes() == (whole / table).read_bytes() for table in TABLES)


@pytest.mark.dear
@pytest.mark.parametrize("name", FOLDERS, ids=ascii)
def test_the_same_bytes_in_every_folder(whole, tmp_path, name):
    done = subprocess.run([*COMMAND, *WORDS, f"--out={tmp_path / name}"], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert all((tmp_path / name / table).read_bytes() == (whole / table).read_bytes() for table in TABLES)
    assert ended("report", Path(tmp_path / name)) == 0
