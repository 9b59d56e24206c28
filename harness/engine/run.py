"""The order of a run: look by look, every live scenario is drawn, merged and judged; what is refuted is drawn no more."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from harness.engine.executors import SerialExecutor
from harness.engine.folds import Fold, merged
from harness.engine.journal import Journal, Result
from harness.engine.limits import HUNG, KILLED
from harness.engine.payloads import computation, guest, payload
from harness.engine.pool import Lost, Progress, Task, results, silent
from harness.engine.shards import Shard, ShardResult, run_computation, run_shard, split
from harness.interrupts import Interrupted, interruptible
from harness.judge import judge
from harness.ledger.states import STOPPED
from harness.methods import SupportMethod
from harness.methods.allowed import bounded
from harness.options import LOOKS
from harness.questions.check import Check, Evidence, Finding, Scenario
from harness.questions.plan import Plan
from harness.statistics import Statistic, Support
from harness.statistics.support import SUPPORT
from harness.streams import stream
from harness.verdict import Verdict

PROBE = -1
"""The number of the look before the first, at which guests are only tried."""


@dataclass
class Outcome:
    """Findings in the order of the plan, timings by scenario, whether it was interrupted, and the seconds of judging."""

    findings: list[Finding]
    timings: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False
    judging: float = 0.0


Ahead = Callable[[Mapping[str, float]], None]
"""Told before the last look what a draw took, in seconds, by scenario that is drawn on."""


def run(
    plan: Plan,
    executor: Callable[[], Executor],
    workers: int,
    journal: Journal,
    progress: Progress,
    ahead: Ahead | None = None,
) -> Outcome:
    """Do the plan and return its outcome; an interruption keeps what was finished."""
    state = _State(plan, journal)
    for key, result in journal.replay():
        state.take(key, result)
    interrupted, judging = False, 0.0
    try:
        with interruptible():
            for look in range(PROBE, len(LOOKS)):
                tasks = [task for task in state.tasks(look) if task.key not in journal.results]
                for task, found in results(tasks, executor, workers, progress):
                    result = _told(task, found)
                    journal.put(task.key, result)
                    state.take(task.key, result)
                if look == PROBE:
                    continue
                start = time.perf_counter()
                state.judge(look)
                judging += time.perf_counter() - start
                if ahead is not None and look == len(LOOKS) - 2:
                    ahead(state.rates())
    except KeyboardInterrupt:
        interrupted = True
    return Outcome(state.findings(), state.timings(), interrupted, judging)


def run_here(plan: Plan, journal: Journal | None = None) -> Outcome:
    """Do a plan in this process, guests too, which nobody else is spared from; raises Interrupted if the user ends it."""
    outcome = run(plan, SerialExecutor, 1, journal or Journal(), silent)
    if outcome.interrupted:
        raise Interrupted
    return outcome


class _State:
    """What is known of each check and scenario between looks."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self.plan = plan
        self.journal = journal
        self.shards = {name: split(design.scenario, design.n) for name, design in plan.designs.items()}
        self.places = {shard.key: shard for looks in self.shards.values() for shards in looks for shard in shards}
        self.folds: dict[tuple[str, int], Fold] = {}
        self.probes = _probes(plan)
        inputs = [item for check in plan.checks for item in check.inputs]
        self.supported = {scenario.name for scenario, measurement in inputs if measurement.name == SUPPORT}
        self.ended: dict[str, int] = {}
        self.stop_reason: dict[str, str] = {}
        self.found: dict[str, Finding] = {}

    def take(self, key: str, result: Result) -> None:
        """Merge what a shard found with what is there; probes and computations have nothing to merge."""
        if (shard := self.places.get(key)) and isinstance(result, ShardResult):
            self.folds.setdefault((shard.scenario, shard.look), Fold()).take(shard.number, result.statistics)

    def tasks(self, look: int) -> list[Task]:
        """Return the tasks of a look; the longest are the dearest, so that none is left over at the end."""
        if look == PROBE:
            return [self._drawing(probe, payload(self.plan, probe.scenario)) for probe in self.probes.values()]
        made = []
        for name, design in self.plan.designs.items():
            if name in self.ended or self._lost(design.scenario):
                continue
            packed = payload(self.plan, name)
            cost = 1 if design.scenario.sampler.cost == "draw" else design.scenario.case.logits.size
            shards = self.shards[name][look]
            most = max((shard.draws for shard in shards), default=0)  # the shards of a scenario stay in their order
            made += [self._drawing(shard, packed, most * cost) for shard in shards]
        if look == 0:
            made += [
                self._computing(check)
                for check in self.plan.checks
                if check.compute is not None and not self._lost(check.about)
            ]
        return made

    def _drawing(self, shard: Shard, packed: bytes, cost: float = 0.0) -> Task:
        seed, subject = self.plan.options.seed, self.plan.designs[shard.scenario].scenario
        return Task(shard.key, run_shard, (packed, shard, seed), cost, guest(subject))

    def _computing(self, check: Check) -> Task:
        arguments = (computation(check), check.name, self.plan.options.seed)
        return Task(check.name, run_computation, arguments, math.inf, guest(check.about))

    def _lost(self, scenario: Scenario | None) -> str:
        """Return what the probe of a guest ended in, if that would be the end of every shard: a hang or a dead worker."""
        probe = self.probes.get(scenario.sampler.name) if scenario else None
        result = self.journal.results.get(probe.key) if probe else None
        fault = result.fault if isinstance(result, ShardResult) else ""
        return fault if fault.startswith((HUNG, KILLED)) else ""

    def judge(self, look: int) -> None:
        """Judge every check that is still open on what was drawn up to this look.

        A scenario ends if its sampler answers for a check that is refuted, or if it is broken; not that of the sampler
        which another one was only compared with. All scenarios of a guest end if the first look refutes it in one.
        """
        for check in self.plan.checks:
            ended = bool(check.inputs) and all(scenario.name in self.ended for scenario in check.scenarios)
            if check.name not in self.found or not (ended or self.found[check.name].verdict is Verdict.REFUTED):
                self.found[check.name] = self._finding(check, look)
        for check in self.plan.checks:
            if check.inputs and check.judges and self.found[check.name].verdict is Verdict.REFUTED:
                self._end(check.inputs[0][0].name, look, check.name)
        if look == 0 and not self.plan.options.keep_going:
            self._end_guests()
        for scenario in self.shards:
            if fault := self._fault(scenario, look):
                self._end(scenario, look, fault)

    def _end(self, scenario: str, look: int, why: str) -> None:
        if self.ended.setdefault(scenario, look) == look:
            self.stop_reason.setdefault(scenario, why)

    def _end_guests(self) -> None:
        """End all scenarios of guests that draws have refuted: a user waits for that verdict, not for its last digit."""
        scenarios = {name: design.scenario for name, design in self.plan.designs.items()}
        wrong = {scenarios[name].sampler.name: why for name, why in reversed(self.stop_reason.items())}
        for name, scenario in scenarios.items():
            if not scenario.sampler.trusted and scenario.sampler.name in wrong:
                self._end(name, 0, wrong[scenario.sampler.name])

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
                evidence = self._with_support(check, evidence, look)
                detectable = check.method.detectable(evidence.n, alpha, options.beta)
        verdict, reason = judge(evidence, alpha=alpha, tolerance=tolerance, detectable=detectable)
        return Finding(check, evidence, alpha, tolerance, detectable, verdict, reason, statistics)

    def _with_support(self, check: Check, evidence: Evidence, look: int) -> Evidence:
        """Impossible draws refute in every selection: if no support check was selected, this one speaks of them."""
        scenario = check.inputs[0][0].name
        if scenario in self.supported or evidence.impossible or evidence.broken:
            return evidence
        total: Any = self._merged(scenario, look).get(SUPPORT, Support(0))
        return replace(evidence, impossible=SupportMethod().words(total))

    def _computed(self, check: Check) -> Evidence:
        result = self.journal.results.get(check.name)
        if isinstance(result, tuple):
            return result[0]
        return Evidence(broken=self._lost(check.about) or "interrupted before it was computed")

    def _statistics(self, check: Check, look: int) -> tuple[tuple[Statistic, ...], str]:
        """Return the merged statistics of a check's inputs up to a look, in the order of shards; or a fault in words."""
        found: list[Statistic] = []
        for scenario, measurement in check.inputs:
            last = min(look, self.ended.get(scenario.name, look))
            if fault := self._fault(scenario.name, last):
                return (), f"{scenario.name}: {fault}"
            total = self._merged(scenario.name, last).get(measurement.name)
            if total is None:
                return (), f"{scenario.name}: nothing was drawn"
            if not total.n:
                return (), f"{scenario.name}: no draw was possible"
            found.append(total)
        return tuple(found), ""

    def _merged(self, scenario: str, look: int) -> Mapping[str, Statistic]:
        """Return the statistics of a scenario up to a look."""
        folds = [self.folds[scenario, number] for number in range(look + 1) if (scenario, number) in self.folds]
        return reduce(merged, [fold.so_far() for fold in folds], {})

    def _fault(self, scenario: str, look: int) -> str:
        """Return the first fault of a scenario's shards up to a look, in their order."""
        keys = (shard.key for shards in self.shards[scenario][: look + 1] for shard in shards)
        found = (self.journal.results.get(key) for key in keys)
        fault = next((one.fault for one in found if isinstance(one, ShardResult) and one.fault), "")
        return fault or self._lost(self.plan.designs[scenario].scenario)

    def findings(self) -> list[Finding]:
        """Return a finding for every check; one that no look reached is inconclusive."""
        for check in self.plan.checks:
            if check.name not in self.found:
                self.found[check.name] = self._finding(check, 0)
        return [_drawable(self._explained(self.found[check.name])) for check in self.plan.checks]

    def _explained(self, finding: Finding) -> Finding:
        stopped = [s.name for s in finding.check.scenarios if self.ended.get(s.name, len(LOOKS) - 1) < len(LOOKS) - 1]
        if finding.verdict is not Verdict.INCONCLUSIVE or finding.evidence.broken or not stopped:
            return finding
        why = self.stop_reason[stopped[0]]
        return replace(finding, reason=f"{STOPPED}, as {why} was refuted; {finding.reason}")

    def rates(self) -> dict[str, float]:
        """Return the seconds that a draw took in what was drawn so far, by scenario that is not at its end."""
        spent: dict[str, list[tuple[float, int]]] = {}
        for key, shard in self.places.items():
            result = self.journal.results.get(key)
            if isinstance(result, ShardResult) and not result.fault and shard.scenario not in self.ended:
                spent.setdefault(shard.scenario, []).append((result.seconds, shard.draws))
        return {
            name: sum(seconds for seconds, _ in pairs) / sum(draws for _, draws in pairs)
            for name, pairs in spent.items()
        }

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


def _drawable(finding: Finding) -> Finding:
    """Add to what a figure shows the ranges that the finding's level leaves it."""
    evidence = finding.evidence
    return replace(finding, evidence=replace(evidence, exhibit=bounded(evidence.exhibit, finding.alpha)))


def _probes(plan: Plan) -> dict[str, Shard]:
    """Return one draw for each guest, in its smallest case: one that hangs or kills its worker costs one time limit only."""
    probes: dict[str, Shard] = {}
    for name, design in sorted(plan.designs.items(), key=lambda item: (item[1].scenario.case.logits.size, item[0])):
        if not design.scenario.sampler.trusted:
            probes.setdefault(design.scenario.sampler.name, Shard(name, PROBE, 0, 1))
    return probes


def _told(task: Task, found: Any) -> Result:
    """Return the result of a task, or the fault of one that was lost."""
    if not isinstance(found, Lost):
        result: Result = found
        return result
    return ShardResult({}, 0.0, fault=found.words) if task.call is run_shard else (Evidence(broken=found.words), 0.0)


def _timing(scenario: str, shard: str, draws: int, seconds: float) -> dict[str, Any]:
    rate = draws / seconds if draws and seconds else None
    return {"scenario": scenario, "shard": shard, "draws": draws or None, "seconds": seconds, "draws_per_second": rate}
