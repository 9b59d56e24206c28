"""Complete runs spare right samplers: at a raised alpha the rate of alarms is measured, at 1e-6 none may occur.

A complete run is everything that ``validate`` does with the built-in samplers and the variants: all checks, both looks,
shared draws. Its tolerance is coarse, so that hundreds of them can be afforded; its alpha is split over the checks that
it really has, which is the most that a run can spend. In the quick profile what is computed (metamorphic, endpoint words,
calls) is part of the first run at each alpha only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.content import load_content
from harness.engine.executors import SerialExecutor
from harness.engine.journal import Journal
from harness.engine.run import run
from harness.options import Options
from harness.plan import Plan, guests_plan
from harness.selftest.calibration import row
from harness.selftest.intervals import clopper_pearson
from harness.selftest.right import right_samplers
from harness.selftest.tasks import Task
from harness.verdict import Verdict

TOLERANCE = 0.1
RAISED, STRICT = 0.2, 1e-6
RUNS = {"quick": {RAISED: 8, STRICT: 2}, "full": {RAISED: 200, STRICT: 200}}
"""At alpha = 1e-6 a right harness fails by chance with probability 1e-6 for every run: 2e-6 quick, 2e-4 full."""
NAME = "the whole run"


@dataclass(frozen=True)
class Refuted:
    """The checks of one complete run that refuted a right sampler, each with its reason, and those that broke."""

    alpha: float
    seed: int
    checks: tuple[str, ...]
    broken: tuple[str, ...]


def right_plan(options: Options, *, computed: bool = True) -> Plan:
    """Return the plan of all right samplers, with or without what is computed, and with all of alpha spent."""
    plan = guests_plan(right_samplers(), load_content(options), options)
    sampled = tuple(check for check in plan.checks if check.judges and (computed or check.method))
    return replace(plan, checks=sampled, alpha=options.alpha / len(sampled))


def tasks(profile: str, seed: int, counts: dict[float, int] | None = None) -> list[Task]:
    """Return one task for every complete run; its seed is the selftest's, its number makes the streams its own."""
    wanted = RUNS[profile] if counts is None else counts
    return [
        Task(
            f"run {number + 1} at alpha {alpha:g}",
            complete,
            (alpha, seed * 1_000_003 + number + 1, profile == "full" or number == 0),
            1e9,
        )
        for alpha, count in wanted.items()
        for number in range(count)
    ]


def complete(alpha: float, seed: int, computed: bool = True) -> Refuted:
    """Do one complete run in this process."""
    plan = right_plan(Options(tolerance=TOLERANCE, alpha=alpha, seed=seed), computed=computed)
    outcome = run(plan, SerialExecutor, 1, Journal(), lambda what, done, total: None)
    refuted = [f"{found.check.name}: {found.reason}" for found in outcome.findings if found.verdict is Verdict.REFUTED]
    broken = [f"{found.check.name}: {found.evidence.broken}" for found in outcome.findings if found.evidence.broken]
    return Refuted(alpha, seed, tuple(refuted), tuple(broken))


def rows(found: Sequence[Refuted]) -> Iterable[dict[str, Any]]:
    """Yield one row of calibration.csv for each alpha; at the strict one a single alarm is one too many."""
    for alpha in dict.fromkeys(one.alpha for one in found):
        alarms = [bool(one.checks) for one in found if one.alpha == alpha]
        made = row(NAME, "all methods", alpha, sum(alarms), len(alarms))
        low, _ = clopper_pearson(sum(alarms), len(alarms))
        yield {**made, "ok": low <= alpha if alpha > STRICT else not any(alarms)}
