"""What follows from what was drawn: a finding for every check, and which scenarios are drawn no more."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from harness.engine.drawn import Drawn
from harness.engine.pool import Task
from harness.judge import improbable, judge, settled
from harness.ledger.states import STOPPED
from harness.methods import SupportMethod
from harness.methods.allowed import bounded
from harness.methods.later import Later
from harness.options import EARLY, LATE, LOOKS, ORDINARY
from harness.questions.check import Check, Evidence, Finding
from harness.questions.plan import Design, Plan
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
        self.spared: set[str] = set()

    def judge(self, look: int) -> None:
        """Judge every check that is still open on what was drawn up to this look.

        A scenario ends if its sampler answers for a check that is refuted, or if it is broken; not that of the sampler
        which another one was only compared with. All scenarios of a guest end if the first look refutes it in one.
        """
        for check in self.plan.checks:
            ended = bool(check.inputs) and all(scenario.name in self.ended for scenario in check.scenarios)
            if check.name in self.settled:
                continue
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
        """Judge within a look what its first tasks have drawn: guests that are refuted end, checks may be settled.

        At the first look each check of a guest is judged on the draws, and at the level, on which it is judged at its end.
        """
        if look:
            self._settle(look)
            return
        for check in self.plan.checks:
            known = check.inputs and all(s.name in drawn and not s.sampler.trusted for s in check.scenarios)
            if known and check.judges and (found := self._finding(check, 0)).verdict is Verdict.REFUTED:
                self.found[check.name] = found
                self._end(check.inputs[0][0].name, 0, check.name)
        self._end_guests()

    def spares(self, task: Task) -> bool:
        """Tell whether a task need not be done after all: its guest is refuted, or no check needs its scenario's rest."""
        shard = self.drawn.places.get(task.key)
        return task.guest in self.stopped or (shard is not None and shard.scenario in self.spared)

    def _settle(self, look: int) -> None:
        """Settle the checks that show nothing at the first stage; scenarios whose rest none other needs end there."""
        needed = set[str]()
        for check in self.plan.checks:
            if not self._stages(check) or isinstance(check.method, SupportMethod) or self._done(check):
                continue
            found = self._finding(check, look, stage=True)
            if self._settled(found):
                self.found[check.name] = found
                self.settled.add(check.name)
            else:
                needed |= {scenario.name for scenario in check.scenarios}
        self.spared |= {name for name, design in self.plan.designs.items() if design.stage and name not in needed}

    def _settled(self, found: Finding) -> bool:
        assert found.check.method is not None
        beta = self.plan.options.beta
        return settled(found.check.method, found.evidence, alpha=found.alpha, beta=beta, tolerance=found.tolerance)

    def _done(self, check: Check) -> bool:
        """Tell whether nothing that is drawn from now on can change a check's finding."""
        ended = all(scenario.name in self.ended for scenario in check.scenarios)
        return ended or (check.name in self.found and self.found[check.name].verdict is Verdict.REFUTED)

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

    def _finding(self, check: Check, look: int, *, stage: bool = False) -> Finding:
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
            statistics, fault = self._statistics(check, look, stage=stage)
            if fault or not statistics:
                evidence, detectable = Evidence(broken=fault), float("nan")
            else:
                names = ("settled", check.name) if stage else ("spread", check.name, look)
                evidence = check.method.evidence(statistics, stream(options.seed, *names))
                evidence = self._with_support(check, evidence, look)
                detectable = self._detectable(check, evidence.n, alpha, look, stage=stage)
        said = replace(evidence, seen=_said(check, evidence)) if improbable(evidence.p_value, alpha) else evidence
        verdict, reason = judge(said, alpha=alpha, tolerance=tolerance, detectable=detectable)
        return Finding(check, evidence, alpha, tolerance, detectable, verdict, reason, statistics)

    def _detectable(self, check: Check, n: int, alpha: float, look: int, *, stage: bool) -> float:
        """Return what n draws expose; where a first stage may settle, what both stages do with their shares of beta.

        The first one passes on what lies below ORDINARY, or exposes the tolerance by itself.
        """
        assert check.method is not None
        beta, parts = self.plan.options.beta, self._stages(check)
        if look < len(LOOKS) - 1 or not parts or isinstance(check.method, SupportMethod):
            return check.method.detectable(n, alpha, beta)
        first = n if stage else min(n * one.stage // one.n for one in parts)
        whole = min(n * one.n // one.stage for one in parts) if stage else n
        early = check.method.detectable(first, max(ORDINARY, alpha), EARLY * beta)
        late = check.method.detectable(whole, alpha, LATE * beta)
        return max(late, min(early, self.plan.tolerance(check)))

    def _stages(self, check: Check) -> list[Design]:
        """Return the designs of a check that have a first stage."""
        designs = [self.plan.designs[scenario.name] for scenario in check.scenarios]
        return [design for design in designs if design.stage]

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

    def _statistics(self, check: Check, look: int, *, stage: bool) -> tuple[tuple[Statistic, ...], str]:
        """Return the merged statistics of a check's inputs up to a look or a first stage; or a fault in words.

        Neither is there where a run was interrupted before anything was drawn.
        """
        found: list[Statistic] = []
        for scenario, measurement in check.inputs:
            last = min(look, self.ended.get(scenario.name, look))
            if fault := self.drawn.fault(scenario.name, last):
                return (), f"{scenario.name}: {fault}"
            early = stage or isinstance(check.method, SupportMethod)
            total = self._drawn(scenario.name, last, stage=early).get(measurement.name)
            if total is None:
                return (), ""
            if not total.n:
                return (), f"{scenario.name}: no draw was possible"
            found.append(total)
        return tuple(found), ""

    def _drawn(self, scenario: str, look: int, *, stage: bool) -> Mapping[str, Statistic]:
        """Return the merged statistics up to a look; or to the first stage, if all beyond is possible at least."""
        merged = self.drawn.merged(scenario, look)
        support = merged.get(SUPPORT)
        if not stage or look < len(LOOKS) - 1 or (isinstance(support, Support) and SupportMethod().words(support)):
            return merged
        return self.drawn.staged(scenario) if self.plan.designs[scenario].stage else merged

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
    return replace(finding, evidence=replace(evidence, exhibit=Later(lambda: bounded(evidence.exhibit, finding.alpha))))
