"""TAB offers the names that there are, through the command itself, and what it shows on a terminal tells the phase."""

import os
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from harness.cli import main
from harness.console import progress
from harness.console.progress import PHASES, _Lines, phase, rest


def offered(args, incomplete):
    shell = ShellComplete(main, {}, "gumbel-harness", "_GUMBEL_HARNESS_COMPLETE")
    return [item.value for item in shell.get_completions(args, incomplete)]


def test_names_of_samplers_claims_suites_and_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gumbel_mine.py").touch()
    assert {"gumbel-max", "gumbel-top-k", "gumbel_mine.py"} <= set(offered(["validate"], "gumbel"))
    assert offered(["validate", "--claim"], "proof.softmax-of-l") == [
        "proof.softmax-of-logits",
        "proof.softmax-of-logits.corrected",
    ]
    assert "chi_square" in offered(["validate", "--suite"], "chi")
    assert offered(["bench"], "dir") == ["direct"]


def test_checks_are_those_of_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert offered(["validate", "--check"], "") == []
    (tmp_path / "checks.csv").write_text("verdict,check\nverified,support/a/b\nverified,ks/c\n")
    assert offered(["validate", "--out", str(tmp_path), "--check"], "su") == ["support/a/b"]
    (tmp_path / "checks.csv").write_bytes(b"\xff\x00")
    assert offered(["validate", "--out", str(tmp_path), "--check"], "") == []


def test_the_shell_gets_them_from_the_command(tmp_path):
    words = {
        "_GUMBEL_HARNESS_COMPLETE": "bash_complete",
        "COMP_WORDS": "gumbel-harness validate dir",
        "COMP_CWORD": "2",
    }
    command = [sys.executable, "-c", "import sys; sys.argv[0] = 'gumbel-harness'; import gumbel_harness as g; g.main()"]
    done = subprocess.run(
        command, env={**os.environ, **words}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "plain,direct" in done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize(
    ("key", "look"), [("a/b#-1.0", "-1"), ("a/b#0.3", "0"), ("a/b@2#1.0", "1"), ("quadrature/x", "0")]
)
def test_a_task_tells_its_phase(key, look):
    assert phase(key) == PHASES[look]


def test_plain_lines_name_the_phase_and_the_rest(capsys, monkeypatch):
    report = _Lines(phase)
    report("a#0.0", 1, 2)
    report("a#0.1", 2, 2)
    report("a#1.0", 1, 1)
    assert capsys.readouterr().err == f"{PHASES['0']}: 2 of 2 done\n{PHASES['1']}: 1 of 1 done\n"
    monkeypatch.setattr(progress, "SILENCE", 0.0)
    report.beat()
    report("a#1.1", 1, 3)
    report.beat()
    assert capsys.readouterr().err == f"{PHASES['1']}: 1 of 3 done, the last of them 0 s ago\n"
    assert rest(10.0, 5, 10) == 20.0
    assert rest(600.0, 0.5, 0.5) == 600.0
    assert rest(1.0, 0, 3) is rest(1.0, 3, 0) is None
