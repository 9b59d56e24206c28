"""suites -> harness <- reports; only the command line may see all three, and importing it loads no science."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOT_OF_COMPOSITION = ROOT / "harness" / "cli"
FORBIDDEN = {"harness": {"suites", "reports"}, "suites": {"reports"}, "reports": {"suites"}}
HEAVY = ("scipy", "pandas", "statsmodels", "matplotlib", "loky", "mpmath")


def imported(path):
    """The top-level packages that a module names in any import, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_no_module_imports_against_the_arrows(package):
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    wrong = {
        str(path.relative_to(ROOT)): sorted(FORBIDDEN[package] & set(imported(path)))
        for path in modules
        if ROOT_OF_COMPOSITION not in path.parents and FORBIDDEN[package] & set(imported(path))
    }
    assert not wrong


@pytest.mark.parametrize("package", FORBIDDEN)
def test_only_declared_packages_import_the_tests(package):
    assert not any("tests" in set(imported(path)) for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("module", ["harness", "harness.cli", "gumbel_harness_pytest"])
def test_importing_the_entrance_loads_no_science(module):
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", ["Sampler", "UsageError", "Validation", "Verdict", "draw", "sampler", "validate"])
def test_the_public_names_are_there(name):
    import harness

    assert name in harness.__all__
    assert getattr(harness, name)


def test_every_module_states_its_rule_in_its_first_line():
    silent = [
        str(path.relative_to(ROOT))
        for package in FORBIDDEN
        for path in (ROOT / package).rglob("*.py")
        if not (ast.get_docstring(ast.parse(path.read_text())) or "").strip()
    ]
    assert not silent
