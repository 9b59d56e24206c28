"""suites -> harness <- reports; only the command line may see all three, and importing it loads no science."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOT_OF_COMPOSITION = ROOT / "harness" / "cli"
FORBIDDEN = {"harness": {"suites", "reports"}, "suites": {"reports"}, "reports": {"suites"}}
FLOORS = (
    ("arrays", "errors", "quiet", "statistics", "streams", "text", "verdict"),
    ("interrupts", "logits", "options"),
    ("laws",),
    ("samplers",),
    ("questions",),
    ("draws", "judge", "ledger", "methods", "space"),
    ("engine",),
    ("exploration",),
    ("envelope", "selftest", "validation"),
    ("bench", "console", "pytest_checks"),
    ("cli",),
)
"""The rooms and loose modules of harness from the ground up: each imports from lower floors and its own room alone."""
FOR_REPORTS = ("errors", "ledger", "options", "text", "verdict")
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


def rooms_of_harness():
    return sorted(path.stem for path in (ROOT / "harness").iterdir() if path.name[0] not in "._")


def arrows(here):
    """The rooms of harness that a folder's modules, or one module, name in any import, with the modules that do."""
    for path in sorted(here.rglob("*.py")) if here.is_dir() else [here.with_suffix(".py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{name.name}" for name in node.names]
            yield from ((name.split(".")[1], path) for name in names if name.startswith("harness."))


def test_every_room_of_harness_has_its_floor():
    assert not set(rooms_of_harness()) - {room for floor in FLOORS for room in floor}
    assert len([path for path in (ROOT / "harness").glob("*.py") if path.stem != "__init__"]) <= 12


@pytest.mark.parametrize("room", rooms_of_harness())
def test_a_room_imports_from_lower_floors_alone(room):
    floor = {name: i for i, rooms in enumerate(FLOORS) for name in rooms}
    wrong = [
        (str(path.relative_to(ROOT)), other)
        for other, path in arrows(ROOT / "harness" / room)
        if other != room and floor.get(other, len(FLOORS)) >= floor[room]
    ]
    assert not wrong


def test_reports_load_of_harness_the_ledger_and_words_alone():
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "reports").rglob("*.py")]
    names = [name.removesuffix(".__init__") for name in names]
    code = f"import sys, {', '.join(names)}; print(*[name for name in sys.modules if name.startswith('harness.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    loaded = {name.split(".")[1] for name in done.stdout.split()}
    assert "ledger" in loaded
    assert loaded <= {*FOR_REPORTS}
    assert {room for room, _ in arrows(ROOT / "reports")} <= {*FOR_REPORTS}


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
