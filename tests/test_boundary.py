"""A command ends in a status of the contract and a sentence, whatever breaks; a claim that is open never ends in 0."""

import os
import subprocess
import sys
from types import SimpleNamespace

import click
import pandas as pd
import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.cli.boundary import sentences
from harness.console.summary import exit_status
from harness.errors import StorageError, UsageError
from harness.ledger.states import PACKAGE

COMMAND = (sys.executable, "-c", "from harness.cli import main; main()")
WORDS = ("validate", "direct", "--tolerance", "0.3", "--suite", "support", "--engine", "serial")


class Strange(BaseException):
    pass


ENDS = {
    UsageError("no"): 2,
    StorageError("full"): 3,
    ValueError("a\x1b[2J\n::error::b"): 3,
    MemoryError(): 3,
    RecursionError("deep"): 3,
    Strange("odd"): 3,
    SystemExit(0): 3,
    GeneratorExit(): 3,
    KeyboardInterrupt(): 130,
    OSError(24, "Too many open files", "x"): 3,
}


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
def test_whatever_a_command_raises_is_a_sentence_and_a_status(error, capsys):
    def broken():
        raise error

    with pytest.raises(SystemExit) as ended, sentences():
        broken()
    assert ended.value.code == ENDS[error]
    said = capsys.readouterr().err
    assert said.startswith("gumbel-harness: ") and len(said.splitlines()) == 1 and "\x1b" not in said


def test_the_commands_own_ends_pass(capsys):
    assert CliRunner().invoke(main, ["list", "suites"]).exit_code == 0
    assert CliRunner().invoke(main, ["validate", "nosuch"]).exit_code == 2
    for error in (click.UsageError("x"), click.exceptions.Exit(0)):
        with pytest.raises(type(error)), sentences():
            raise error


@pytest.mark.parametrize("closed", [(2,), (1,), (0, 1, 2)])
def test_a_closed_stream_changes_nothing(tmp_path, closed):
    def close():
        for number in closed:
            os.close(number)

    streams = {} if 1 in closed else {"stdout": subprocess.PIPE}
    done = subprocess.run([*COMMAND, *WORDS, "--out", tmp_path / "run"], preexec_fn=close, timeout=200, **streams)
    assert done.returncode == 0
    assert (tmp_path / "run" / "report.html").exists()


def test_an_out_that_is_not_utf_8_is_written_and_named(tmp_path):
    out = os.fsencode(tmp_path) + b"/r\xffn"
    done = subprocess.run([*COMMAND, *WORDS, "--out", out], capture_output=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert os.path.exists(out + b"/report.html") and b"Traceback" not in done.stderr
    assert subprocess.run([*COMMAND, "report", out], capture_output=True, timeout=200).returncode == 0


def test_an_ascii_terminal_is_no_reason_to_end(tmp_path):
    environment = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [*COMMAND, *WORDS, "--out", tmp_path / "run"], capture_output=True, timeout=200, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_few_descriptors_end_in_three(tmp_path):
    import resource

    def narrow():
        resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))

    words = [*COMMAND, *WORDS[:-2], "--workers", "2", "--out", tmp_path / "run"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=200, preexec_fn=narrow)
    assert done.returncode == 3
    assert "gumbel-harness: workers: 8 open files are allowed (ulimit -n)" in done.stderr
    assert not (tmp_path / "run" / "claims.csv").exists()


def finished(*records, agrees):
    names = ("c.one", "c.two")
    verdicts = ["verified" if agreed else "inconclusive" for agreed in agrees]
    claims = pd.DataFrame({"claim": names, "agrees": agrees, "verdict": verdicts, "expected": "verified"})
    samplers = pd.DataFrame({"sampler": ["s"], "verdict": ["inconclusive"]})
    outcome = SimpleNamespace(interrupted=False)
    return SimpleNamespace(claims=claims, samplers=samplers, records=list(records), outcome=outcome)


def record(verdict, *claims, broken="", missing=""):
    return {"verdict": verdict, "claims": list(claims), "broken": broken, "missing": missing}


@pytest.mark.parametrize(
    ("records", "agrees", "status"),
    [
        ([record("verified", "c.one")], [True, True], 0),
        ([record("inconclusive", "c.one")], [False, True], 3),
        ([record("inconclusive", "c.one", missing=f"{PACKAGE}: torch")], [False, True], 0),
        ([record("inconclusive", "c.one", missing="would take about 90 s")], [False, True], 3),
        (
            [record("inconclusive", "c.one", missing=f"{PACKAGE}: torch"), record("inconclusive", "c.one")],
            [False, True],
            3,
        ),
        ([record("verified", "c.one")], [False, True], 0),  # not all of its checks were selected
        ([record("inconclusive", "c.two")], [True, True], 0),  # refuted by others, as it deserves
        ([record("inconclusive", broken="raised")], [True, True], 3),
    ],
)
def test_a_claim_that_is_open_never_ends_in_0(records, agrees, status):
    assert exit_status(finished(*records, agrees=agrees), strict=False) == status
