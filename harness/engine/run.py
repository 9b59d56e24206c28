"""The order of a run: look by look, every live scenario is drawn, merged and judged; what is refuted is drawn no more."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Container, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from harness.engine.drawn import PROBE, Drawn
from harness.engine.executors import SerialExecutor
from harness.engine.forecast import values
from harness.engine.journal import Journal, Result
from harness.engine.judging import Judging
from harness.engine.left import Left, Size, Told
from harness.engine.payloads import computation, guest, payload
from harness.engine.pool import Lost, Task, results, silent
from harness.engine.shards import Shard, ShardResult, run_computation, run_shard
from harness.interrupts import Interrupted, interruptible
from harness.options import LOOKS
from harness.questions.check import Check, Evidence, Finding
from harness.questions.plan import Plan

CHEAP = 2.0**19
"""Noise values of a guest's scenario up to which its first look is cheap: about a hundredth of a second."""


@dataclass
class Outcome:
    """Findings in the order of the plan, timings by scenario, whether it was interrupted, and the seconds of judging."""

    findings: list[Finding]
    timings: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False
    judging: float = 0.0


Ahead = Callable[[Mapping[str, float]], None]
"""Told before the last look, and before dear cases, what a draw took, in seconds, by scenario that is drawn on; NaN where
none was made yet."""


def run(
    plan: Plan,
    executor: Callable[[], Executor],
    workers: int,
    journal: Journal,
    progress: Told,
    ahead: Ahead | None = None,
    *,
    waves: bool = False,
) -> Outcome:
    """Do the plan and return its outcome; an interruption keeps what was finished.

    With ``waves`` the first look draws the cheap cases of guests first, and what they refute is drawn no further. The last
    look draws a scenario that may settle in two stages. Both are fixed by the plan: no result moves a level or a size.
    """
    drawn = Drawn(plan, journal)
    judging = Judging(plan, drawn)
    for key, result in journal.replay():
        drawn.take(key, result)
    interrupted, seconds = False, 0.0
    try:
        with interruptible():
            for look in range(PROBE, len(LOOKS)):
                due = tasks(drawn, judging.ended, look)
                first = [task for task in due if not _later(task, drawn, look, waves=waves)]
                _do(first, drawn, executor, workers, progress)
                if len(first) < len(due):
                    done = {task.key for task in first}
                    judging.between(look, {drawn.places[key].scenario for key in done if key in drawn.places})
                    if ahead is not None and look == 0:
                        ahead(_paces(drawn, judging.ended))
                    left = [task for task in due if task.key not in done and not judging.spares(task)]
                    _do(left, drawn, executor, workers, progress)
                if look == PROBE:
                    continue
                start = time.perf_counter()
                judging.judge(look)
                seconds += time.perf_counter() - start
                if ahead is not None and look == len(LOOKS) - 2:
                    ahead(_paces(drawn, judging.ended))
    except KeyboardInterrupt:
        interrupted = True
    return Outcome(judging.findings(), drawn.timings(), interrupted, seconds)


def _paces(drawn: Drawn, ended: Container[str]) -> dict[str, float]:
    rates = drawn.rates()
    return {name: rates.get(name, math.nan) for name in drawn.plan.designs if name not in ended}


def _later(task: Task, drawn: Drawn, look: int, *, waves: bool) -> bool:
    """Tell whether a task waits for what the others of its look say."""
    if look == 0:
        return waves and bool(task.guest) and task.cost > CHEAP
    return task.key in drawn.places and drawn.places[task.key].look > look


def _do(due: list[Task], drawn: Drawn, executor: Callable[[], Executor], workers: int, progress: Told) -> None:
    """Do tasks that are not in the journal, and keep what they found."""
    new = [task for task in due if task.key not in drawn.journal.results]
    left = Left({task.key: _size(task, drawn) for task in new})
    for task, found in results(new, executor, workers, lambda what, done, of: progress(what, done, of, left.share)):
        result = _told(task, found)
        drawn.journal.put(task.key, result)
        drawn.take(task.key, result)
        left.take(task.key, result.seconds if isinstance(result, ShardResult) else result[1])


def _size(task: Task, drawn: Drawn) -> Size:
    """Return the noise values of a drawing, which a sampler's form makes alike; computations of one name are alike."""
    if task.call is run_computation:
        return Size(1.0, (task.key.rsplit("/", 1)[-1], "computation"))
    shard = task.arguments[1]
    scenario = drawn.plan.designs[shard.scenario].scenario
    form = f"{scenario.sampler.name}/{scenario.emits}"
    return Size(shard.draws * values(scenario), (form, "drawing"))


def run_here(plan: Plan, journal: Journal | None = None) -> Outcome:
    """Do a plan in this process, guests too, which nobody else is spared from; raises Interrupted if the user ends it."""
    outcome = run(plan, SerialExecutor, 1, journal or Journal(), silent)
    if outcome.interrupted:
        raise Interrupted
    return outcome


def tasks(drawn: Drawn, ended: Container[str], look: int) -> list[Task]:
    """Return the tasks of a look; the longest are the dearest, so that none is left over at the end."""
    plan = drawn.plan
    if look == PROBE:
        return [_drawing(plan, probe, payload(plan, probe.scenario)) for probe in drawn.probes.values()]
    made = []
    for name, design in plan.designs.items():
        if name in ended or drawn.lost(design.scenario):
            continue
        packed = payload(plan, name)
        cost = 1 if design.scenario.sampler.cost == "draw" else design.scenario.case.logits.size
        shards = drawn.of_look(name, look)
        most = max((shard.draws for shard in shards), default=0)  # the shards of a scenario stay in their order
        made += [_drawing(plan, shard, packed, most * cost) for shard in shards]
    if look == 0:
        made += [
            _computing(plan, check)
            for check in plan.checks
            if check.compute is not None and not drawn.lost(check.about)
        ]
    return made


def _drawing(plan: Plan, shard: Shard, packed: bytes, cost: float = 0.0) -> Task:
    subject = plan.designs[shard.scenario].scenario
    return Task(shard.key, run_shard, (packed, shard, plan.options.seed), cost, guest(subject))


def _computing(plan: Plan, check: Check) -> Task:
    arguments = (computation(check), check.name, plan.options.seed)
    return Task(check.name, run_computation, arguments, math.inf, guest(check.about))


def _told(task: Task, found: Any) -> Result:
    """Return the result of a task, or the fault of one that was lost."""
    if not isinstance(found, Lost):
        result: Result = found
        return result
    return ShardResult({}, 0.0, fault=found.words) if task.call is run_shard else (Evidence(broken=found.words), 0.0)
