"""The order of a run: look by look, every live scenario is drawn, merged and judged; what is refuted is drawn no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import cloudpickle

from harness.check import Check, Evidence, Finding, Scenario
from harness.engine.journal import Journal
from harness.engine.limits import Limits
from harness.engine.shards import Shard, ShardResult, Work, run_computation, run_shard, split
from harness.judge import judge
from harness.options import LOOKS
from harness.plan import Plan
from harness.statistics import Statistic
from harness.streams import stream
from harness.verdict import Verdict

Progress = Callable[[str, int, int], None]
"""``progress(what, done, total)`` is told after every finished task."""
TIME_LIMIT = 120.0
"""Seconds that one shard of a guest may take."""


@dataclass
class Outcome:
    """Findings in the order of the plan, scenario by scenario timings, and whether the run was interrupted."""

    findings: list[Finding]
    timings: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False


@dataclass(frozen=True)
class _Task:
    key: str
    call: Callable[..., Any]
    arguments: tuple[Any, ...]


def run(plan: Plan, executor: Callable[[], Executor], workers: int, journal: Journal, progress: Progress) -> Outcome:
    """Do the plan and return its outcome; an interruption keeps what was finished."""
    state = _State(plan, journal)
    interrupted = False
    try:
        for look in range(len(LOOKS)):
            tasks = state.tasks(look)
            for task, result in _done(tasks, executor, workers, journal, progress):
                journal.put(task.key, result)
            state.judge(look)
    except KeyboardInterrupt:
        interrupted = True
    return Outcome(state.findings(), state.timings(), interrupted)


class _State:
    """What is known of each check and scenario between looks."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self.plan = plan
        self.journal = journal
        self.shards = {name: split(design.scenario, design.n) for name, design in plan.designs.items()}
        self.ended: dict[str, int] = {}
        self.found: dict[str, Finding] = {}

    def tasks(self, look: int) -> list[_Task]:
        """Return the tasks of a look, longest first so that none is left over at the end."""
        seed = self.plan.options.seed
        made = []
        for name, design in self.plan.designs.items():
            if name in self.ended:
                continue
            work = Work(design.scenario, design.measurements, _limits(design.scenario))
            payload = cloudpickle.dumps(work)
            cost = 1 if design.scenario.sampler.cost == "draw" else design.scenario.case.logits.size
            made += [
                (shard.draws * cost, _Task(shard.key, run_shard, (payload, shard, seed)))
                for shard in self.shards[name][look]
            ]
        if look == 0:
            made += [
                (1 << 62, _Task(check.name, run_computation, (_packed(check), check.name, seed)))
                for check in self.plan.checks
                if check.compute is not None
            ]
        return [task for _, task in sorted(made, key=lambda item: -item[0])]

    def judge(self, look: int) -> None:
        """Judge every check that is still open on what was drawn up to this look; end scenarios that are refuted."""
        for check in self.plan.checks:
            ended = bool(check.inputs) and all(scenario.name in self.ended for scenario in check.scenarios)
            if check.name not in self.found or not (ended or self.found[check.name].verdict is Verdict.REFUTED):
                self.found[check.name] = self._finding(check, look)
        for check in self.plan.checks:
            finding = self.found[check.name]
            broken = check.inputs and finding.evidence.broken
            if broken or (check.judges and finding.verdict is Verdict.REFUTED):
                for scenario in check.scenarios:
                    self.ended.setdefault(scenario.name, look)

    def _finding(self, check: Check, look: int) -> Finding:
        options, tolerance = self.plan.options, self.plan.tolerance(check)
        if check.compute is not None:
            evidence = self._computed(check)
            alpha, detectable = self.plan.alpha, evidence.resolution
            detectable = tolerance if detectable is None else detectable
            statistics: tuple[Statistic, ...] = ()
        else:
            assert check.method is not None
            alpha = self.plan.alpha * LOOKS[look][1]
            statistics, fault = self._statistics(check, look)
            if fault:
                evidence, detectable = Evidence(broken=fault), float("nan")
            else:
                evidence = check.method.evidence(statistics, stream(options.seed, "spread", check.name, look))
                detectable = check.method.detectable(evidence.n, alpha, options.beta)
        verdict, reason = judge(evidence, alpha=alpha, tolerance=tolerance, detectable=detectable)
        return Finding(check, evidence, alpha, tolerance, detectable, verdict, reason, statistics)

    def _computed(self, check: Check) -> Evidence:
        result = self.journal.results.get(check.name)
        return result[0] if isinstance(result, tuple) else Evidence(broken="interrupted before it was computed")

    def _statistics(self, check: Check, look: int) -> tuple[tuple[Statistic, ...], str]:
        """Return the merged statistics of a check's inputs up to a look, in the order of shards; or a fault in words."""
        merged: list[Statistic] = []
        for scenario, measurement in check.inputs:
            last = min(look, self.ended.get(scenario.name, look))
            results = self._results(scenario.name, last)
            fault = next((result.fault for result in results if result is not None and result.fault), "")
            if fault:
                return (), f"{scenario.name}: {fault}"
            done = [result.statistics[measurement.name] for result in results if result is not None]
            if not done:
                return (), f"{scenario.name}: nothing was drawn"
            merged.append(reduce(lambda one, other: one.merge(other), done))
        return tuple(merged), ""

    def _results(self, scenario: str, look: int) -> list[ShardResult | None]:
        keys = [shard.key for shards in self.shards[scenario][: look + 1] for shard in shards]
        found = [self.journal.results.get(key) for key in keys]
        return [result if isinstance(result, ShardResult) else None for result in found]

    def findings(self) -> list[Finding]:
        """Return a finding for every check; one that no look reached is inconclusive."""
        for check in self.plan.checks:
            if check.name not in self.found:
                self.found[check.name] = self._finding(check, 0)
        return [self._explained(self.found[check.name]) for check in self.plan.checks]

    def _explained(self, finding: Finding) -> Finding:
        stopped = [s.name for s in finding.check.scenarios if self.ended.get(s.name, len(LOOKS) - 1) < len(LOOKS) - 1]
        if finding.verdict is not Verdict.INCONCLUSIVE or finding.evidence.broken or not stopped:
            return finding
        return replace(finding, reason=f"drawing ended early, as {stopped[0]} was refuted; {finding.reason}")

    def timings(self) -> list[dict[str, Any]]:
        """Return a row for every finished shard, and one for every computation."""
        rows = []
        for name, looks in self.shards.items():
            for shard in (shard for shards in looks for shard in shards):
                result = self.journal.results.get(shard.key)
                if isinstance(result, ShardResult):
                    rows.append(_timing(name, f"{shard.look}.{shard.number}", shard.draws, result.seconds))
        for check in self.plan.checks:
            result = self.journal.results.get(check.name)
            if isinstance(result, tuple):
                rows.append(_timing(check.name, "", 0, result[1]))
        return rows


def _limits(scenario: Scenario | None) -> Limits:
    return Limits(TIME_LIMIT if scenario is not None and scenario.sampler.family != "built-in" else 0.0)


def _packed(check: Check) -> bytes:
    packed: bytes = cloudpickle.dumps((check.compute, _limits(check.about)))
    return packed


def _timing(scenario: str, shard: str, draws: int, seconds: float) -> dict[str, Any]:
    rate = draws / seconds if draws and seconds else None
    return {"scenario": scenario, "shard": shard, "draws": draws or None, "seconds": seconds, "draws_per_second": rate}


def _done(
    tasks: Sequence[_Task], executor: Callable[[], Executor], workers: int, journal: Journal, progress: Progress
) -> Iterable[tuple[_Task, Any]]:
    """Yield tasks with their results as they finish; a task whose worker died is done again alone, then blamed."""
    left = [task for task in tasks if task.key not in journal.results]
    total, suspects = len(left), []
    waiting: dict[Future[Any], _Task] = {}
    done, position = 0, 0
    while position < len(left) or waiting:
        try:
            while position < len(left) and len(waiting) < 2 * workers:
                waiting[executor().submit(left[position].call, *left[position].arguments)] = left[position]
                position += 1
        except BrokenExecutor:
            pass
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in finished:
            task = waiting.pop(future)
            if isinstance(future.exception(), BrokenExecutor):
                suspects.append(task)
                continue
            yield task, future.result()
            done += 1
            progress(task.key, done, total)
    for task in suspects:
        yield task, _alone(task, executor)
        done += 1
        progress(task.key, done, total)


def _alone(task: _Task, executor: Callable[[], Executor]) -> Any:
    """Do a task with nothing beside it, twice at most: a worker that dies both times was killed by the task."""
    for _ in range(2):
        try:
            return executor().submit(task.call, *task.arguments).result()
        except BrokenExecutor:
            continue
    words = "killed the process that it ran in"
    is_shard = len(task.arguments) > 1 and isinstance(task.arguments[1], Shard)
    return ShardResult({}, 0.0, fault=words) if is_shard else (Evidence(broken=words), 0.0)
