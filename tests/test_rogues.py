"""Nearly two hundred kinds of guests: each ends in the word that it deserves, and nobody beside it notices.

They run through the command in seeded batches, each beside an innocent guest and a built-in sampler. One small batch runs
with the other tests; ``nox -s campaign`` runs all.
"""

import json
import os
import random
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.interrupts import interruptible
from harness.ledger.states import STATES, state
from harness.samplers.importing import import_file
from harness.samplers.targets import resolve
from tests.rogues import REFUSED, ROGUES

FILE = Path(__file__).parent / "rogues.py"
MARK = "GUMBEL_HARNESS_TEST_MARK"
COMMAND = """
import sys
from harness.engine import crew, payloads, pool
payloads.TIME_LIMIT, pool.MEMORY, crew.KEPT = float(sys.argv.pop(1)), 2**29, 40
from harness.cli import main
main()
"""
"""The command with less patience and memory for guests, and with workers kept, so that each starts once."""
MORE = ("--tolerance", "0.3", "--workers", "2")
IN_ROWS = ("returns_not_numbers_in_rows", "returns_infinities", "returns_whole_numbers_in_rows")
BESIDE = ("innocent", "direct")
BATCH = 16
"""Beyond 4096 planned checks, which 24 guests have, the level of each is smaller, and with it every record."""
PATIENCE = 20.0
"""Seconds after which a guest hangs: under load, a file takes some to be imported."""
SAMPLE = (
    "raises_of_no_name",
    "returns_a_masked_array",
    "stops_itself",
    "starts_a_program_in_a_session",
    "patches_numpy",
)
"""Those whose fault stood in the tree when the campaign was first run."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


def questions(name):
    if name in IN_ROWS:
        return [f"support/{name}/simplex/pair@1"]
    return [f"{suite}/{name}/index/pair" for suite in ("support", "chi_square")]


def run(out, *names, patience=PATIENCE):
    """Do a run of guests beside the innocent; return its status, its records by sampler, and whatever it left."""
    mark = uuid.uuid4().hex
    targets = [f"{FILE}:{name}" for name in (*names, "innocent")]
    checks = [word for name in (*names, *BESIDE) for check in questions(name) for word in ("--check", check)]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, str(patience), "validate", *targets, "direct", *checks, *MORE, "--out", out],
        capture_output=True,
        env={**os.environ, MARK: mark, "ROGUES_OUT": str(out)},
    )
    assert b"Traceback" not in done.stdout and b"\x1b" not in done.stdout, done.stdout
    assert (out / "report.html").exists(), done.stderr
    records = {}
    for line in (out / "ledger.jsonl").read_text().splitlines():
        row = json.loads(line)
        records.setdefault(row["sampler"], []).append(row)
    return done.returncode, records, left(mark)


def left(mark):
    """Return the commands of processes that inherited a mark and still run a second later."""
    for _ in range(20):
        found = [folder for folder in Path("/proc").glob("[0-9]*") if _bears(folder, f"{MARK}={mark}".encode())]
        if not found:
            return []
        time.sleep(0.05)
    return [(folder / "cmdline").read_bytes() for folder in found]


def _bears(folder, word):
    try:
        return word in (folder / "environ").read_bytes()
    except OSError:
        return False


def wrong(name, records):
    """Return what is wrong with the records of a guest, in words; nothing if they are what it deserves."""
    word, says = ROGUES[name]
    rows = records.get(name, [])
    got = min(map(state, rows), key=STATES.index, default="nothing")
    reasons = [row["reason"] for row in rows if state(row) == got]
    lines = all(reason.isprintable() and len(reason) <= 1200 for reason in reasons)
    right = got == word and any(says in reason for reason in reasons) and lines
    return "" if right else f"{name}: {got} instead of {word} ({says}): {reasons}"


def due(names):
    words = {ROGUES[name][0] for name in names}
    return 1 if "refuted" in words else 3 if "broken" in words else 0


def judged(out, names, alone, patience=PATIENCE):
    status, records, remains = run(out, *names, patience=patience)
    assert not [words for name in names if (words := wrong(name, records))]
    assert {name: records[name] for name in BESIDE} == alone
    assert status == due(names)
    assert not remains


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    status, records, remains = run(tmp_path_factory.mktemp("alone") / "run")
    assert status == 0 and not remains
    return {name: records[name] for name in BESIDE}


def batches(seed=0):
    names = sorted(ROGUES)
    random.Random(seed).shuffle(names)
    return [names[i : i + BATCH] for i in range(0, len(names), BATCH)]


def test_there_are_at_least_sixty_kinds():
    assert len(ROGUES) >= 60 and {word for word, _ in ROGUES.values()} == {"verified", "refuted", "broken"}


def test_a_few_guests_beside_the_innocent(tmp_path, alone):
    judged(tmp_path / "run", SAMPLE, alone)


@pytest.mark.dear
@pytest.mark.parametrize("number", range(len(batches())))
def test_guests_of_every_kind_beside_the_innocent(tmp_path, alone, number):
    judged(tmp_path / "run", batches()[number], alone)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked_what_it_is_is_refused_in_a_sentence(name):
    with interruptible(), pytest.raises(UsageError, match=REFUSED[name]):
        resolve(f"{FILE}:{name}")


IMPORTS = {
    "ends at once": ("import os; os._exit(0)", "ended the program (sys.exit(os._exit))"),
    "becomes another": ("import os; os.execv('/bin/true', ['true'])", "ended the program (sys.exit(os.execv))"),
    "aborts": ("import os; os.abort()", "ended the program (sys.exit(os.abort))"),
    "exits": ("raise SystemExit(0)", "ended the program (sys.exit(0))"),
    "an interruption": ("raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    "no syntax": ("def f(:", "raised SyntaxError"),
    "no text": ("x = '\udcff'", "raised SyntaxError"),
    "a null byte": ("x = 1\0", "raised SyntaxError"),
    "no end of calls": ("def f(): f()\nf()", "raised RecursionError"),
    "no such package": ("import no_such_package", "No module named 'no_such_package'"),
    "a group": ("raise BaseExceptionGroup('a', [SystemExit(0)])", "raised BaseExceptionGroup"),
    "no words": ("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E", "its message cannot be read"),
    "a bad name": (
        "import harness\n@harness.sampler('=1+1', emits='index')\ndef f(logits, size, *, rng): ...",
        "a sampler's name is a word",
    ),
    "a bad form": ("import harness\n@harness.sampler('f', emits='what')\ndef f(): ...", "emits must be one of"),
    "a lazy module": ("def __getattr__(name): raise SystemExit(0)", "asked what it is, it raised SystemExit"),
    "nothing callable": ("mine = 7", "'mine' is a int, not a sampler"),
}
"""What stands in a file, and a part of the sentence that says why nothing can be drawn."""


@pytest.mark.parametrize("name", IMPORTS)
def test_a_file_that_cannot_be_imported_is_told_in_a_sentence(tmp_path, name):
    text, says = IMPORTS[name]
    path = tmp_path / "mine.py"
    path.write_text(text, errors="surrogateescape")
    code = f"import sys; sys.argv = ['g', 'validate', {str(path) + ':mine'!r}]; from harness.cli import main; main()"
    if name in ("ends at once", "becomes another", "aborts", "an interruption"):  # those may end more than themselves
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 2 and says in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    else:
        with pytest.raises(UsageError) as error:
            resolve(f"{path}:mine")
        assert says in str(error.value)


def test_a_process_that_is_forked_at_import_ends_as_it_would(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import os\nchild = os.fork()\nif not child: os._exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7\nfrom os import _exit\n"
        "def mine(logits, size, *, rng): ...\n"
    )
    before = os._exit
    assert resolve(f"{path}:mine").name == "mine"
    assert os._exit is before
    kept = import_file(path)._exit
    child = os.fork()
    if not child:
        kept(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
