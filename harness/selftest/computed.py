"""A check that computes its own evidence by drawing is calibrated by doing it again: its p-value must hold its level too.

Where no chance is involved (no p-value), there is nothing to calibrate: a complete run shows that it spares what is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.questions.check import Check
from harness.questions.plan import Plan
from harness.selftest import sequential
from harness.selftest.calibration import BLOCK, NOMINAL, row
from harness.selftest.tasks import Task
from harness.streams import stream

REPLICATES = {"quick": 10, "full": 2000}
"""Each replicate draws all that the check draws."""
SECONDS = 0.025
"""What one takes, about."""


def groups(plan: Plan) -> list[tuple[Check, ...]]:
    """Return the computed checks of right samplers by what they compute and from which case; the cheapest comes first."""
    found: dict[tuple[str, str, str], list[Check]] = {}
    for check in plan.checks:
        if check.compute is not None and check.subject is not None and check.judges:
            found.setdefault((check.suite, check.computed_method, check.case), []).append(check)
    return [tuple(sorted(checks, key=lambda check: (_cost(check), check.name))) for checks in found.values()]


def _cost(check: Check) -> bool:
    return check.subject is not None and check.subject.sampler.cost != "draw"


def tasks(found: Sequence[Sequence[Check]], profile: str, seed: int) -> list[Task]:
    """Return one task for every group."""
    return [
        Task(f"calibration of {one[0].name}", measure, (one[0], profile, seed), SECONDS * REPLICATES[profile])
        for one in found
    ]


def _replicates(check: Check, profile: str) -> int:
    """Return fewer replicates of a check that takes long, two at least."""
    return max(2, min(REPLICATES[profile], int(SECONDS * REPLICATES[profile] / max(check.seconds, SECONDS))))


def measure(check: Check, profile: str, seed: int) -> tuple[float, ...]:
    """Return p-values of replicates until their rates are settled; none if the check gives none."""
    p_values: list[float] = []
    assert check.compute is not None
    planned = _replicates(check, profile)
    for number in range(planned):
        if number and number % BLOCK == 0 and _settled(p_values, planned):
            break
        evidence = check.compute(stream(seed, "computed", check.name, number))
        if evidence.p_value is None or evidence.missing:
            return ()
        p_values.append(0.0 if evidence.impossible else evidence.p_value)
    return tuple(p_values)


def _settled(p_values: Sequence[float], planned: int) -> bool:
    """Tell whether all rates lie below what all replicates would find too high."""
    return all(
        sequential.settled(sum(p <= nominal for p in p_values), len(p_values), nominal, planned) for nominal in NOMINAL
    )


def rows(found: Sequence[Sequence[Check]], measured: Sequence[Sequence[float]]) -> Iterable[dict[str, Any]]:
    """Yield rows of calibration.csv."""
    for checks, p_values in zip(found, measured, strict=True):
        for check in checks if p_values else ():
            for nominal in NOMINAL:
                alarms = sum(p <= nominal for p in p_values)
                yield row(check.name, check.method_name, nominal, alarms, len(p_values))
