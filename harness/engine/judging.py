"""What follows from what was drawn: a finding for every check, and which scenarios are drawn no more."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import Any

from harness.engine.drawn import Drawn
from harness.engine.pool import Task
from harness.judge import improbable, judge
from harness.ledger.states import STOPPED
from harness.methods import SupportMethod
from harness.methods.allowed import bounded
from harness.options import LOOKS
from harness.questions.check import Check, Evidence, Finding, staged
from harness.questions.plan import Plan
from harness.statistics import Statistic, Support
from harness.statistics.support import SUPPORT
from harness.streams import stream
from harness.verdict import Verdict


class Judging:
    """The findings of a plan from look to look; ``ended`` has the look at which a scenario ended, ``stop_reason`` why."""

    def __init__(self, plan: Plan, drawn: Drawn) -> None:
        self.plan = plan
        self.drawn = drawn
        inputs = [item for check in plan.checks for item in check.inputs]
        self.supported = {scenario.name for scenario, measurement in inputs if measurement.name == SUPPORT}
        self.ended: dict[str, int] = {}
        self.stop_reason: dict[str, str] = {}
        self.found: dict[str, Finding] = {}
        self.stopped: dict[str, str] = {}
        self.settled: set[str] = set()

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
        for scenario in self.drawn.shards:
            if fault := self.drawn.fault(scenario, look):
                self._end(scenario, look, fault)

    def between(self, look: int, drawn: Container[str]) -> None:
        """Judge within a look what its first tasks have drawn: guests that are refuted end, scenarios may be settled.

        At the first look each check of a guest is judged on the draws, and at the level, on which it is judged at its end.
        """
        if look:
            self.settled |= {name for name, design in self.plan.designs.items() if design.stage and self._settled(name)}
            return
        for check in self.plan.checks:
            known = check.inputs and all(s.name in drawn and not s.sampler.trusted for s in check.scenarios)
            if known and check.judges and (found := self._finding(check, 0)).verdict is Verdict.REFUTED:
                self.found[check.name] = found
                self._end(check.inputs[0][0].name, 0, check.name)
        self._end_guests()

    def spares(self, task: Task) -> bool:
        """Tell whether a task need not be done after all: its guest is refuted, or its scenario is settled."""
        shard = self.drawn.places.get(task.key)
        return task.guest in self.stopped or (shard is not None and shard.scenario in self.settled)

    def _settled(self, scenario: str) -> bool:
        """Tell whether all checks of a scenario, selected or not, that may need more draws than its stage have enough."""
        options, alpha = self.plan.options, self.plan.alpha * LOOKS[-1][1]
        statistics = self.drawn.staged(scenario)
        for check in self.plan.designs[scenario].settling:
            method = staged(check.method)
            found = [statistics[one.name] for _, one in check.inputs if one.name in statistics]
            rng = stream(options.seed, "settled", check.name)
            if not found or method is None or not method.settled(found, alpha, options.beta, rng):
                return False
        return True

    def findings(self) -> list[Finding]:
        """Return a finding for every check; one that no look reached is inconclusive."""
        for check in self.plan.checks:
            if check.name not in self.found:
                self.found[check.name] = self._finding(check, 0)
        return [_drawable(self._explained(self.found[check.name])) for check in self.plan.checks]

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
                self.stopped[scenario.sampler.name] = wrong[scenario.sampler.name]

    def _finding(self, check: Check, look: int) -> Finding:
        options, tolerance = self.plan.options, self.plan.tolerance(check)
        statistics: tuple[Statistic, ...] = ()
        if self._passed_over(check):
            evidence, alpha, detectable = Evidence(), self.plan.alpha, float("nan")
        elif check.compute is not None:
            evidence = self.drawn.computed(check)
            alpha = self.plan.alpha
            detectable = tolerance if evidence.resolution is None else evidence.resolution
        else:
            assert check.method is not None
            alpha = self.plan.alpha * LOOKS[look][1]
            statistics, fault = self._statistics(check, look)
            if fault or not statistics:
                evidence, detectable = Evidence(broken=fault), float("nan")
            else:
                evidence = check.method.evidence(statistics, stream(options.seed, "spread", check.name, look))
                evidence = self._with_support(check, evidence, look)
                detectable = check.method.detectable(evidence.n, alpha, options.beta)
        said = replace(evidence, seen=_said(check, evidence)) if improbable(evidence.p_value, alpha) else evidence
        verdict, reason = judge(said, alpha=alpha, tolerance=tolerance, detectable=detectable)
        return Finding(check, evidence, alpha, tolerance, detectable, verdict, reason, statistics)

    def _passed_over(self, check: Check) -> bool:
        """Tell whether nothing was done for a check, as its guest had been refuted."""
        if check.about is None or check.about.sampler.name not in self.stopped:
            return False
        if check.compute is not None:
            return check.name not in self.drawn.journal.results
        return any(not self.drawn.merged(one.name, 0) and not self.drawn.fault(one.name, 0) for one in check.scenarios)

    def _with_support(self, check: Check, evidence: Evidence, look: int) -> Evidence:
        """Impossible draws refute in every selection: if no support check was selected, this one speaks of them."""
        scenario = check.inputs[0][0].name
        if scenario in self.supported or evidence.impossible or evidence.broken:
            return evidence
        total: Any = self.drawn.merged(scenario, look).get(SUPPORT, Support(0))
        return replace(evidence, impossible=SupportMethod().words(total))

    def _statistics(self, check: Check, look: int) -> tuple[tuple[Statistic, ...], str]:
        """Return the merged statistics of a check's inputs up to a look, in the order of shards; or a fault in words.

        Neither is there where a run was interrupted before anything was drawn.
        """
        found: list[Statistic] = []
        for scenario, measurement in check.inputs:
            last = min(look, self.ended.get(scenario.name, look))
            if fault := self.drawn.fault(scenario.name, last):
                return (), f"{scenario.name}: {fault}"
            total = self.drawn.merged(scenario.name, last).get(measurement.name)
            if total is None:
                return (), ""
            if not total.n:
                return (), f"{scenario.name}: no draw was possible"
            found.append(total)
        return tuple(found), ""

    def _explained(self, finding: Finding) -> Finding:
        stopped = [s.name for s in finding.check.scenarios if self.ended.get(s.name, len(LOOKS) - 1) < len(LOOKS) - 1]
        about = finding.check.about
        if finding.check.compute is not None and about and self._passed_over(finding.check):
            why = self.stopped[about.sampler.name]
        elif finding.verdict is not Verdict.INCONCLUSIVE or finding.evidence.broken or not stopped:
            return finding
        else:
            why = self.stop_reason[stopped[0]]
        return replace(finding, reason=f"{STOPPED}, as {why} was refuted; {finding.reason}")


def _said(check: Check, evidence: Evidence) -> str:
    """Return what was seen, with the case; a check that calls a sampler itself has said where, if it said anything."""
    if check.about is None or (evidence.seen and not check.inputs):
        return evidence.seen
    off = f"{evidence.effect:.2g} off in {evidence.unit or check.unit}" if evidence.effect > 0 else ""
    return ", ".join(filter(None, (evidence.seen or off, check.about.case.words)))


def _drawable(finding: Finding) -> Finding:
    """Add to what a figure shows the ranges that the finding's level leaves it."""
    evidence = finding.evidence
    return replace(finding, evidence=replace(evidence, exhibit=bounded(evidence.exhibit, finding.alpha)))
