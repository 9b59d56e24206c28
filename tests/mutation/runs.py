"""What judges a mutant, in a process of its own: claims by their verdicts, and tests.

Nothing here is imported before the process has put the mutant in its place: see ``judge.placed``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

TOLERANCE = 0.05
"""Claims are asked at this one: what they draw themselves then costs next to nothing."""
EXAMPLES = 25
KINDS = (
    *("adapters", "claims_density", "claims_posterior", "claims_proof", "claims_trick", "claims_drawn"),
    *(
        "claims_tolerances",
        "claims_wrong",
        "density_integral",
        "evidence",
        "formulas",
        "judge",
        "laws",
        "methods",
        "registry",
        "samplers",
        "selftest_calibration",
        "selftest_power",
    ),
    *("statistics", "suites_right", "targets", "value_stability", "mutants"),
)
"""Beginnings of the names of the test files that speak of the rooms, and work in this process, as others see no mutant."""
Verdicts = dict[str, str]


def claims() -> tuple[Any, list[str]]:
    """Return the plan of all claims' own checks and the claims' names."""
    from harness.options import Options
    from harness.questions.content import Content
    from harness.validation import make_plan
    from suites.claims import claims as known

    plan = make_plan([], Options(tolerance=TOLERANCE), Content((), known, {}, tuple))
    return plan, [claim.id for claim in plan.claims]


def of_claim(plan: Any, name: str) -> Verdicts:
    """Return the verdicts of a claim's own checks."""
    from harness.questions.plan import select
    from harness.validation import execute

    chosen = select(plan, claims=[name], checks=[one.name for one in plan.checks if name in one.claims])
    return {record["check"]: record["verdict"] for record in execute(chosen, engine="serial").records}


def test_files(root: Any) -> list[str]:
    """Return the test files that are asked."""
    found = (path for path in (root / "tests").glob("test_*.py") if path.stem.removeprefix("test_").startswith(KINDS))
    return sorted(path.relative_to(root).as_posix() for path in found)


class Order:
    """A pytest plugin that keeps the tests named, cheapest first, and tells how long each took and what failed first.

    Seconds by the clock: a test that waits for other processes, which see no mutant, is not cheap.
    """

    def __init__(self, wanted: Mapping[str, float] | None, entered: Callable[[str], None] = lambda name: None) -> None:
        self.wanted, self.entered = wanted, entered
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        if self.wanted is not None:
            wanted = self.wanted
            items[:] = sorted((one for one in items if one.nodeid in wanted), key=lambda one: wanted[one.nodeid])

    def pytest_runtest_protocol(self, item: Any) -> None:
        self.entered(f"test {item.nodeid}")
        self.started = time.monotonic()

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] = time.monotonic() - self.started
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def of_tests(files: Sequence[str], order: Order, *, first: bool) -> None:
    """Run tests in this process, in a temporary folder of its own; hypothesis tries the same examples each time and does
    not shrink what it finds."""
    import hypothesis
    import pytest

    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutants", phases=phases, derandomize=True, database=None, max_examples=EXAMPLES, deadline=None
    )
    options = ["-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutants"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning", *(["-x"] if first else [])]
    with tempfile.TemporaryDirectory(prefix="mutant-") as own:
        status = pytest.main([*options, "--basetemp", own, *files], plugins=[order])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
        raise RuntimeError(f"pytest ended with {status!r}")


def differing(found: Verdicts, before: Verdicts) -> Iterator[str]:
    """Yield what got another verdict than before, and why it counts; a check that is gone alone says nothing."""
    for name, verdict in found.items():
        if name in before and verdict != before[name]:
            yield f"{name}: {verdict}, was {before[name]}"
    if before and not found:
        yield "no check is left"
