"""Complete runs spare right samplers: at a raised alpha the rate of alarms is measured, at 1e-6 none may occur.

A complete run is everything that ``validate`` does with the built-in samplers and the variants: all checks, both looks,
shared draws. Its tolerance is coarse, so that hundreds of them can be afforded; its alpha is split over the checks that
it really has, which is the most that a run can spend. Some runs of the full profile are whole; the others, and all of the
quick one, leave out cases of 1e5 categories and what is computed (metamorphic, endpoint words, calls), which the quick
profile does once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from harness.engine.run import run_here
from harness.options import Options
from harness.questions.check import Check
from harness.questions.content import load_content
from harness.questions.plan import Plan, guests_plan, narrowed
from harness.selftest.calibration import row
from harness.selftest.intervals import clopper_pearson
from harness.selftest.right import right_samplers
from harness.selftest.tasks import Task
from harness.verdict import Verdict

TOLERANCE = 0.1
RAISED, STRICT = 0.2, 1e-6
RUNS = {"quick": {STRICT: 4}, "full": {RAISED: 200, STRICT: 200}}
"""Of fewer than fifteen runs at the raised alpha none could show that its rate is exceeded: the quick form has none of them.

At alpha = 1e-6 a right harness fails by chance with probability 1e-6 for every run: 5e-6 quick, 2e-4 full."""
WHOLE = {"quick": 0, "full": 50}
"""Runs of either alpha that leave nothing out."""
SECONDS = {False: 3.0, True: 17.0}
"""What a run takes, about, and a whole one."""
CHEAP = 5e7
"""Noise values of a scenario that a quick run affords."""
NAME = "the whole run"


@dataclass(frozen=True)
class Refuted:
    """The checks of one complete run that refuted a right sampler, each with its reason, and those that broke."""

    alpha: float
    seed: int
    checks: tuple[str, ...]
    broken: tuple[str, ...]
    whole: bool = False


def right_plan(options: Options, *, whole: bool = True) -> Plan:
    """Return the plan of all right samplers with all of alpha spent, without what is dear unless it is to be whole."""
    plan = guests_plan(right_samplers(), load_content(options), options)
    kept = narrowed(plan, (check for check in plan.checks if check.judges and (whole or _cheap(check, plan))))
    return replace(kept, options=replace(options, capacity=len(kept.checks)))


def _cheap(check: Check, plan: Plan) -> bool:
    """Tell whether a check draws through the engine, and not too much."""
    designs = [plan.designs[scenario.name] for scenario in check.scenarios]
    return bool(designs) and all(one.n * one.scenario.case.logits.size <= CHEAP for one in designs)


def tasks(profile: str, seed: int) -> list[Task]:
    """Return one task for every complete run; its seed is the selftest's, its number makes the streams its own."""
    return [
        Task(
            f"run {number + 1} at alpha {alpha:g}",
            complete,
            (alpha, seed * 1_000_003 + number + 1, number < WHOLE[profile]),
            SECONDS[number < WHOLE[profile]],
        )
        for alpha, count in RUNS[profile].items()
        for number in range(count)
    ]


def complete(alpha: float, seed: int, whole: bool = True) -> Refuted:
    """Do one complete run in this process."""
    plan = _seeded(_plan(alpha, whole), seed)
    outcome = run_here(plan)
    refuted = [f"{found.check.name}: {found.reason}" for found in outcome.findings if found.verdict is Verdict.REFUTED]
    broken = [f"{found.check.name}: {found.evidence.broken}" for found in outcome.findings if found.evidence.broken]
    if broken and not refuted:
        raise RuntimeError(broken[0])
    return Refuted(alpha, seed, tuple(refuted), tuple(broken), whole)


def deterministic(profile: str, seed: int) -> list[Task]:
    """Return the task of one run of what is computed, which the quick runs leave out."""
    return [Task("what is computed", spared, (seed,), 20.0)] if not WHOLE[profile] else []


@lru_cache(maxsize=4)
def _plan(alpha: float, whole: bool) -> Plan:
    """Design a plan once in a worker: its sizes know no seed."""
    return right_plan(Options(tolerance=TOLERANCE, alpha=alpha), whole=whole)


def _seeded(plan: Plan, seed: int) -> Plan:
    return replace(plan, options=replace(plan.options, seed=seed))


def spared(seed: int) -> Refuted:
    """Do what is computed of right samplers once, at the strict alpha."""
    plan = right_plan(Options(tolerance=TOLERANCE, alpha=STRICT, seed=seed))
    computed = tuple(check for check in plan.checks if check.compute is not None)
    outcome = run_here(replace(plan, checks=computed, designs={}))
    refuted = [f"{found.check.name}: {found.reason}" for found in outcome.findings if found.verdict is Verdict.REFUTED]
    return Refuted(STRICT, seed, tuple(refuted), ())


def rows(found: Sequence[Refuted]) -> Iterable[dict[str, Any]]:
    """Yield one row of calibration.csv for each alpha; at the strict one a single alarm is one too many."""
    for alpha in dict.fromkeys(one.alpha for one in found):
        mine = [one for one in found if one.alpha == alpha]
        alarms = [bool(one.checks) for one in mine]
        method = f"all methods, {sum(one.whole for one in mine)} with big tables and what is computed"
        made = row(NAME, method, alpha, sum(alarms), len(alarms))
        low, _ = clopper_pearson(sum(alarms), len(alarms))
        yield {**made, "ok": low <= alpha if alpha > STRICT else not any(alarms)}
