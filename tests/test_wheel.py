"""The wheel, installed, judges and tests in a project with modules of our packages' names, or says which to rename."""

import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.dear
ROOT = Path(__file__).parent.parent
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
CHEAP = ("--tolerance", "0.3", "--suite", "support", "--workers", "1")
SAMPLER = """
import numpy as np

def mine(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An environment that has the wheel and, by a path file, the packages that these tests run with but for this project."""
    folder = tmp_path_factory.mktemp("wheel")
    made = subprocess.run([sys.executable, "-c", BUILD, folder], cwd=ROOT, capture_output=True, text=True, check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    packages = next((folder / "venv").glob("lib/python*/site-packages"))
    with zipfile.ZipFile(folder / made.stdout.split()[-1]) as wheel:
        wheel.extractall(packages)
    others = [path for path in sys.path if path.endswith("site-packages")] + site.getsitepackages()
    (packages / "others.pth").write_text("\n".join(dict.fromkeys(others)) + "\n")
    return folder / "venv" / "bin" / "python"


@pytest.fixture
def project(tmp_path):
    for name in ("harness.py", "reports.py", "suites/__init__.py", "pkg/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("OWN = 1\n")
    (tmp_path / "pkg" / "samplers.py").write_text(SAMPLER)
    (tmp_path / "mine.py").write_text(SAMPLER)
    return tmp_path


def call(python, *words, cwd, env=None):
    return subprocess.run([python, *words], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


def test_the_wheel_holds_what_it_should(installed):
    packages = next(installed.parents[1].glob("lib/python*/site-packages"))
    found = {path.name for path in packages.iterdir() if not path.name.endswith((".dist-info", ".pth", "__pycache__"))}
    assert found == {"harness", "suites", "reports", "gumbel_harness.py", "gumbel_harness_pytest.py"}


@pytest.mark.parametrize("target", ["pkg.samplers:mine", "mine.py"])
def test_the_command_judges_beside_modules_of_its_names(installed, project, target):
    code = "from gumbel_harness import main; main()"
    words = ("-P", "-c", f"import sys; sys.argv[0] = 'gumbel-harness'; {code}", "validate", target, *CHEAP)
    done = call(installed, *words, cwd=project)
    assert done.returncode == 0, done.stderr
    assert (project / "build" / "run" / "report.html").exists()


def test_python_m_names_what_to_rename(installed, project):
    done = call(installed, "-m", "gumbel_harness", "validate", "mine.py", *CHEAP, cwd=project)
    assert done.returncode == 2 and "rename that" in done.stderr and len(done.stderr.splitlines()) == 1


def test_pytest_runs_the_projects_own_tests(installed, project):
    text = "import harness, reports, suites\ndef test_own(): assert harness.OWN and reports.OWN and suites.OWN\n"
    (project / "test_own.py").write_text(text)
    done = call(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", cwd=project)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr


def test_pytest_names_what_to_rename_and_judges_a_sampler_after_that(installed, project):
    (project / "harness.py").unlink()
    (project / "test_mine.py").write_text(
        "import harness\nfrom mine import mine\n"
        "@harness.parametrize_with_checks([mine], tolerance=0.3, suites=['support'])\ndef test_mine(check): check()\n"
    )
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py")
    done = call(installed, *words, cwd=project)
    assert done.returncode == 2 and "if it is yours, rename it" in done.stdout, done.stdout
    (project / "suites").rename(project / "own_suites")
    done = call(installed, *words, cwd=project)
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout
