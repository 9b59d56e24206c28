"""A fault campaign: whatever was cut, altered or doubled in a folder, and wherever a run takes place, it ends in a sentence.

A handful of each kind runs with the other tests; ``nox -s campaign`` runs the whole of it.
"""

import json
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
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
    "a time zone that is none": {"TZ": ":/dev/null"},
    "another language": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr"},
    "a terminal of one column": {"COLUMNS": "1", "LINES": "1"},
    "colours by force": {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"},
    "no byte code": {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
    "a debugging heap": {"PYTHONMALLOC": "debug", "PYTHONDEVMODE": "1"},
    "all warnings are errors": {"PYTHONWARNINGS": "error"},
    "nothing at all": None,
}


def limited(name, value):
    return lambda: resource.setrlimit(getattr(resource, name), (value, value))


def gone():
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    os.rmdir(folder)


def linked():
    folder = tempfile.mkdtemp()
    os.symlink(folder, f"{folder}/link")
    os.chdir(f"{folder}/link")


SITUATIONS = {
    "only its own files": (lambda: os.umask(0o077), 0),
    "80 open files": (limited("RLIMIT_NOFILE", 80), 0),
    "3 GiB of memory": (limited("RLIMIT_AS", 3 * 2**30), 0),
    "files of 4 KiB, as on a full disk": (limited("RLIMIT_FSIZE", 2**12), 3),
    "a working directory that is gone": (gone, 2),
    "a working directory that is a link": (linked, 0),
    "a session without a terminal": (os.setsid, 0),
    "signals that are ignored": (
        lambda: [signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)],
        0,
    ),
    "children that nobody collects": (lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN), 0),
    "signals that are blocked": (lambda: signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()), 0),
    "no standard input": (lambda: os.close(0), 0),
    "an output that is full": (lambda: os.dup2(os.open("/dev/full", os.O_WRONLY), 1), 3),
    "errors that nobody can hear": (lambda: os.dup2(os.open("/dev/full", os.O_WRONLY), 2), 3),
    "the last of all": (lambda: os.nice(19), 0),
}
"""How a command begins, and its status: 0 with the same bytes, or 2 or 3 with a sentence, if one is heard."""
MOUNTS = {
    "a disk of 40 KiB": ("size=40k", "{out}", 3),
    "no shared memory": ("ro", "/dev/shm", 0),
    "a temporary folder that cannot be written": ("ro", "{temporary}", 0),
}
FOLDERS = ["a b", "a\nb", "ünïcödé", "-x", "%41", "a'b\"c", "$(x)", "深い", "a" * 200, "/".join(["d" * 99] * 20)]


@pytest.mark.dear
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_same_bytes_in_every_environment(whole, tmp_path, name):
    more = ENVIRONMENTS[name]
    environment = {} if more is None else {**os.environ, **more}
    environment = {key: value for key, value in environment.items() if value is not None}
    done = subprocess.run(
        [*COMMAND, *WORDS, "--out", tmp_path / "run"], capture_output=True, timeout=300, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / "run" / table).read_bytes() == (whole / table).read_bytes() for table in TABLES)


@pytest.mark.dear
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_same_bytes_or_a_sentence_in_every_situation(whole, tmp_path, name):
    prepared, status = SITUATIONS[name]
    words = [*COMMAND, *WORDS[:-2], "--workers", "1", "--out", tmp_path / "run"]
    done = subprocess.run(words, capture_output=True, timeout=300, preexec_fn=prepared)
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stderr
    if status:
        assert done.stderr.startswith(b"gumbel-harness: ") or b"\ngumbel-harness: " in done.stderr or "hear" in name
    else:
        assert all((tmp_path / "run" / table).read_bytes() == (whole / table).read_bytes() for table in TABLES)


@pytest.mark.dear
@pytest.mark.parametrize("name", MOUNTS)
def test_the_same_bytes_or_a_sentence_on_every_disk(whole, tmp_path, name):
    options, where, status = MOUNTS[name]
    out, temporary = tmp_path / "out", tmp_path / "temporary"
    out.mkdir(), temporary.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", where.format(out=out, temporary=temporary)]
    alone = ["unshare", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*alone, shlex.join(mount)], capture_output=True).returncode:
        pytest.skip("may not mount")
    words = [*COMMAND, *WORDS[:-2], "--workers", "1", "--out", str(out / "run")]
    looked = f"; status=$?; cp {shlex.quote(str(out))}/run/*.csv {shlex.quote(str(tmp_path))}; exit $status"
    done = subprocess.run(
        [*alone, f"{shlex.join(mount)} && {{ {shlex.join(words)}{looked}; }}"],
        capture_output=True,
        timeout=300,
        env={**os.environ, **({"TMPDIR": str(temporary)} if "temporary" in where else {})},
    )
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stderr
    if status:
        assert b"gumbel-harness: " in done.stderr
    else:
        assert all((tmp_path / table).read_bytes() == (whole / table).read_bytes() for table in TABLES)


@pytest.mark.dear
@pytest.mark.parametrize("name", FOLDERS, ids=ascii)
def test_the_same_bytes_in_every_folder(whole, tmp_path, name):
    done = subprocess.run([*COMMAND, *WORDS, f"--out={tmp_path / name}"], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert all((tmp_path / name / table).read_bytes() == (whole / table).read_bytes() for table in TABLES)
    assert ended("report", Path(tmp_path / name)) == 0
