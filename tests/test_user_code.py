"""Whatever a user's file does when it is imported is a sentence and status 2, and no name of theirs hides one of ours."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import harness
from harness.errors import UsageError
from harness.samplers import registry
from harness.samplers.registry import registered
from harness.samplers.targets import resolve, resolve_all

COMMAND = str(Path(sys.executable).with_name("gumbel-harness"))
CHEAP = ("--tolerance", "0.3", "--suite", "support", "--workers", "1")
RIGHT = """
import numpy as np
import harness

@harness.sampler("mine", emits="index")
def mine(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)
"""


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    """What a test registers is forgotten."""
    list(registered())
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))


def call(*words, cwd, env=None):
    done = subprocess.run(
        [COMMAND, *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=200,
        env=env,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done


ENDINGS = {
    "import sys; sys.exit(0)": "ended the program (sys.exit(0))",
    "raise SystemExit(main())\n": "ended the program",
    "raise GeneratorExit": "raised GeneratorExit",
    "raise type('Odd', (BaseException,), {})('a\\x1b[2Jb')": "raised Odd: a [2Jb",
    "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})": "raised Mute: its message cannot be read",
    "import no_such_package": "No module named 'no_such_package'",
}


@pytest.mark.parametrize("command", ["validate", "bench", "envelope"])
@pytest.mark.parametrize("form", ["mine.py:mine", "mine:mine", "mine.py"])
def test_a_file_that_ends_the_program_is_a_usage_error(tmp_path, command, form):
    (tmp_path / "mine.py").write_text(RIGHT + "import sys\nsys.exit(0)\n")
    done = call(command, form, cwd=tmp_path)
    assert done.returncode == 2
    assert 'put what runs as a script below `if __name__ == "__main__":`' in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("last", ENDINGS)
def test_whatever_an_import_raises_is_a_sentence(tmp_path, last):
    (tmp_path / "mine.py").write_text(RIGHT + "main = lambda: None\n" + last)
    for target in (f"{tmp_path}/mine.py:mine", f"{tmp_path}/mine.py"):
        with pytest.raises(UsageError) as error:
            resolve(target)
        assert ENDINGS[last] in str(error.value)


def test_a_file_stands_for_its_only_sampler_or_all_of_them(tmp_path):
    path = tmp_path / "several.py"
    path.write_text(RIGHT + "from harness.samplers.builtin.direct import direct\n")
    assert [one.name for one in resolve_all([str(path)])] == [resolve(str(path)).name] == ["mine"]
    path.write_text(RIGHT + RIGHT.replace("mine", "other"))
    assert [one.name for one in resolve_all([str(path)])] == ["mine", "other"]
    with pytest.raises(UsageError, match="has 2 samplers, choose one"):
        resolve(str(path))
    path.write_text("def bare(logits, size, *, rng):\n    return None\n\ndef helper(x):\n    return x\n")
    assert [one.name for one in resolve_all([str(path)])] == ["bare"]
    path.write_text("x = 1\n")
    with pytest.raises(UsageError, match="holds no sampler"):
        resolve_all([str(path)])


def test_a_file_without_an_attribute_is_judged(tmp_path):
    (tmp_path / "mine.py").write_text(RIGHT)
    done = call("validate", "mine.py", *CHEAP, "--engine", "serial", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "mine" in (tmp_path / "build" / "run" / "samplers.csv").read_text()


@pytest.mark.parametrize("target", ["pkg.samplers:mine", "mine.py"])
def test_a_project_with_modules_of_our_names_is_judged_all_the_same(tmp_path, target):
    for name in ("reports.py", "harness.py", "suites/__init__.py", "pkg/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("OWN = 'the user'\n")
    (tmp_path / "pkg" / "samplers.py").write_text(RIGHT)
    (tmp_path / "mine.py").write_text(RIGHT)
    done = call("validate", target, *CHEAP, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "build" / "run" / "report.html").exists()


def test_a_module_of_ours_is_not_taken_for_the_users(tmp_path):
    (tmp_path / "harness.py").write_text(RIGHT)
    done = call("validate", "harness:mine", *CHEAP, cwd=tmp_path)
    assert done.returncode == 2 and "not your harness.py; rename yours" in done.stderr


@pytest.mark.parametrize("name", ["harness.py", "suites.py", "reports/__init__.py"])
def test_what_hides_a_package_of_ours_is_named(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("")
    done = call("list", "suites", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 2
    assert name in done.stderr and "rename that" in done.stderr and len(done.stderr.splitlines()) == 1


def test_pytest_runs_in_a_project_with_modules_of_our_names(tmp_path):
    for name in ("harness.py", "reports.py", "suites/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("OWN = 1\n")
    (tmp_path / "test_own.py").write_text("import harness, reports, suites\ndef test_own():\n    assert harness.OWN\n")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


HOLDER = """
import threading
import numpy as np
import harness
import beside

LOCK = threading.Lock()
LOG = open(__file__)

@harness.sampler("holder", emits="index")
def holder(logits, size, *, rng):
    with LOCK:
        assert not LOG.closed
        return beside.argmax(logits + rng.gumbel(size=(size, len(logits))))

def bare(logits, size, *, rng):
    return holder(logits, size, rng=rng)
"""


@pytest.mark.parametrize("engine", ["serial", "loky"])
def test_a_file_may_hold_locks_and_open_files_and_import_what_stands_beside_it(tmp_path, engine):
    (tmp_path / "work").mkdir()
    (tmp_path / "holder.py").write_text(HOLDER)
    (tmp_path / "beside.py").write_text("import numpy\ndef argmax(x):\n    return numpy.argmax(x, axis=1)\n")
    words = ("../holder.py:holder", "../holder.py:bare", *CHEAP, "--engine", engine)
    done = call("validate", *words, cwd=tmp_path / "work")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("logits", "size", "words"),
    [
        ([10**400], 1, "numbers that float64 holds"),
        ([0.0, 1.0], 2**62, "size must be at most"),
        (np.ma.masked_array([0.0, 1.0], [True, False]), 1, "masked array"),
    ],
)
def test_what_cannot_be_drawn_from_is_a_usage_error(logits, size, words):
    with pytest.raises(UsageError, match=words):
        harness.draw("direct", logits, size, rng=0)
