"""What was drawn and computed so far: the shards of each scenario, their statistics merged, their faults and their times."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from harness.engine.folds import Fold
from harness.engine.folds import merged as together
from harness.engine.journal import Journal, Result
from harness.engine.limits import HUNG, KILLED
from harness.engine.shards import Shard, ShardResult, split
from harness.options import LOOKS
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.plan import Plan
from harness.statistics import Statistic

PROBE = -1
"""The number of the look before the first, at which guests are only tried."""


class Drawn:
    """The results of a plan as they come: a shard is merged with those before it, a computation is kept."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self.plan = plan
        self.journal = journal
        self.shards = {name: split(design.scenario, design.n, design.stage) for name, design in plan.designs.items()}
        self.places = {shard.key: shard for looks in self.shards.values() for shards in looks for shard in shards}
        self.folds: dict[tuple[str, int], Fold] = {}
        self.probes = probes(plan)

    def of_look(self, scenario: str, look: int) -> tuple[Shard, ...]:
        """Return the shards of a look; the last one has those of a second stage, too."""
        looks = self.shards[scenario]
        return looks[look] if look < len(LOOKS) - 1 else tuple(shard for shards in looks[look:] for shard in shards)

    def take(self, key: str, result: Result) -> None:
        """Merge what a shard found with what is there; probes and computations have nothing to merge."""
        if (shard := self.places.get(key)) and isinstance(result, ShardResult):
            self.folds.setdefault((shard.scenario, shard.look), Fold()).take(shard.number, result.statistics)

    def staged(self, scenario: str) -> Mapping[str, Statistic]:
        """Return the statistics of a scenario up to the end of its first stage."""
        folds = [self.folds[scenario, number] for number in range(len(LOOKS)) if (scenario, number) in self.folds]
        return reduce(together, [fold.so_far() for fold in folds], {})

    def lost(self, scenario: Scenario | None) -> str:
        """Return what the probe of a guest ended in, if that would be the end of every shard: a hang or a dead worker."""
        probe = self.probes.get(scenario.sampler.name) if scenario else None
        result = self.journal.results.get(probe.key) if probe else None
        fault = result.fault if isinstance(result, ShardResult) else ""
        return fault if fault.startswith((HUNG, KILLED)) else ""

    def fault(self, scenario: str, look: int) -> str:
        """Return the first fault of a scenario's shards up to a look, in their order."""
        keys = (shard.key for before in range(look + 1) for shard in self.of_look(scenario, before))
        found = (self.journal.results.get(key) for key in keys)
        fault = next((one.fault for one in found if isinstance(one, ShardResult) and one.fault), "")
        return fault or self.lost(self.plan.designs[scenario].scenario)

    def merged(self, scenario: str, look: int) -> Mapping[str, Statistic]:
        """Return the statistics of a scenario up to a look."""
        upto = look if look < len(LOOKS) - 1 else len(self.shards[scenario]) - 1
        folds = [self.folds[scenario, number] for number in range(upto + 1) if (scenario, number) in self.folds]
        return reduce(together, [fold.so_far() for fold in folds], {})

    def computed(self, check: Check) -> Evidence:
        """Return what a computation found, that it was lost, or nothing if a run was interrupted before it."""
        result = self.journal.results.get(check.name)
        if isinstance(result, tuple):
            return result[0]
        return Evidence(broken=self.lost(check.about))

    def rates(self) -> dict[str, float]:
        """Return the seconds that a draw took in what was drawn so far, by scenario."""
        spent: dict[str, list[tuple[float, int]]] = {}
        for key, shard in self.places.items():
            result = self.journal.results.get(key)
            if isinstance(result, ShardResult) and not result.fault:
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


def probes(plan: Plan) -> dict[str, Shard]:
    """Return one draw for each guest, in its smallest case: one that hangs or kills its worker costs one time limit only."""
    found: dict[str, Shard] = {}
    for name, design in sorted(plan.designs.items(), key=lambda item: (item[1].scenario.case.logits.size, item[0])):
        if not design.scenario.sampler.trusted:
            found.setdefault(design.scenario.sampler.name, Shard(name, PROBE, 0, 1))
    return found


def _timing(scenario: str, shard: str, draws: int, seconds: float) -> dict[str, Any]:
    rate = draws / seconds if draws and seconds else None
    return {"scenario": scenario, "shard": shard, "draws": draws or None, "seconds": seconds, "draws_per_second": rate}
