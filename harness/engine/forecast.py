"""How long a plan will take, from a few draws of its dearest scenarios; and the finest tolerance that fits a budget."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

from harness.engine.payloads import computation, guest, payload
from harness.engine.pool import Task, results
from harness.engine.shards import Shard, chunk_draws, run_computation, run_shard
from harness.questions.check import Scenario
from harness.questions.plan import Design, Plan

DEAREST = 24
"""Scenarios of a sampler's form whose draws are timed; for the others, which cost
less, the median of these stands."""
PATIENCE = 0.5
"""Seconds after which a scenario is timed in no larger calls."""
REPEATS = 3
"""Calls of a size, of which the quickest counts: others on the machine only make a call slower."""
TIMED = -2
"""The look of draws that are only timed, whose streams no judged draw shares."""
COARSEST, STEP = 0.5, 2**0.25
"""Tolerances that a budget chooses from: 0.5 and downwards, each a fourth root of two finer than the one before."""


@dataclass(frozen=True)
class Rates:
    """Seconds that a draw takes by scenario, and a noise value by sampler and form; and seconds of all computed checks."""

    draws: Mapping[str, float]
    values: Mapping[tuple[str, str], float]
    computed: float = 0.0

    def of(self, design: Design) -> float:
        """Return the seconds that a design takes on one worker."""
        name, scenario = design.scenario.name, design.scenario
        if name in self.draws:
            return design.n * self.draws[name]
        return design.n * values(scenario) * self.values.get(_form(scenario), 0.0)


def values(scenario: Scenario) -> int:
    """Return how many noise values a draw costs."""
    cheap = scenario.emits == "index" and scenario.sampler.cost == "draw"
    return 1 if cheap else scenario.case.logits.size


def measure(plan: Plan, executor: Callable[[], Executor], workers: int) -> Rates:
    """Time some draws of the dearest scenarios, and the computed checks, which no tolerance makes shorter.

    A sampler that breaks here is left out: the run says what became of it.
    """
    seed = plan.options.seed
    tasks = [
        Task(name, timed_draws, (payload(plan, name), name, chunk_draws(scenario), seed), guest=guest(scenario))
        for name, scenario in _dearest(plan)
    ]
    tasks += [
        Task(check.name, timed_computation, (computation(check), check.name, seed), math.inf, guest(check.about))
        for check in plan.checks
        if check.compute is not None
    ]
    found = {task.key: result for task, result in results(tasks, executor, workers) if isinstance(result, float)}
    draws = {name: seconds for name, seconds in found.items() if name in plan.designs}
    each: dict[tuple[str, str], list[float]] = {}
    for name, seconds in draws.items():
        scenario = plan.designs[name].scenario
        each.setdefault(_form(scenario), []).append(seconds / values(scenario))
    typical = {form: statistics.median(rates) for form, rates in each.items()}
    return Rates(draws, typical, sum(seconds for name, seconds in found.items() if name not in plan.designs))


def _dearest(plan: Plan) -> list[tuple[str, Scenario]]:
    """Return the scenarios of each sampler and form with the most noise values."""
    designs = sorted(plan.designs.values(), key=lambda design: -design.n * values(design.scenario))
    kept: dict[tuple[str, str], list[tuple[str, Scenario]]] = {}
    for design in designs:
        kept.setdefault(_form(design.scenario), []).append((design.scenario.name, design.scenario))
    return [item for items in kept.values() for item in items[:DEAREST]]


def _form(scenario: Scenario) -> tuple[str, str]:
    return scenario.sampler.name, scenario.emits


def expected(plan: Plan, rates: Rates, workers: int) -> float:
    """Return the seconds that drawing and computing will take."""
    return (rates.computed + sum(rates.of(design) for design in plan.designs.values())) / workers


def slowest(plan: Plan, rates: Rates) -> tuple[str, float]:
    """Return the scenario that costs most, and the seconds that it takes on one worker."""
    return max(((name, rates.of(design)) for name, design in plan.designs.items()), key=lambda item: item[1])


def finest(make: Callable[[float], Plan], rates: Rates, workers: int, budget: float) -> tuple[Plan, float]:
    """Return the plan of the finest tolerance whose expected time is within ``budget`` seconds, and that time.

    If not even the coarsest fits, that one. A finer tolerance never costs less, so the grid is searched by halves.
    """
    low, high = 0, math.ceil(math.log(COARSEST / 1e-4) / math.log(STEP))
    best = make(COARSEST)
    while low < high:
        middle = (low + high + 1) // 2
        plan = make(float(f"{COARSEST / STEP**middle:.3g}"))
        if expected(plan, rates, workers) <= budget:
            low, best = middle, plan
        else:
            high = middle - 1
    return best, expected(best, rates, workers)


def timed_draws(payload: bytes, name: str, most: int, seed: int) -> float | str:
    """Return the seconds that a draw takes in calls of growing size, or the fault that a sampler showed.

    The first call of all, which also imports and prepares, is not timed.
    """
    run_shard(payload, Shard(name, TIMED, 0, 1), seed)
    size, start = 1, time.perf_counter()
    while True:
        shards = [run_shard(payload, Shard(name, TIMED, 1 + i, size), seed) for i in range(REPEATS)]
        if fault := next((shard.fault for shard in shards if shard.fault), ""):
            return fault
        if size >= most or time.perf_counter() - start > PATIENCE:
            return min(shard.seconds for shard in shards) / size
        size = min(16 * size, most)


def timed_computation(payload: bytes, name: str, seed: int) -> float:
    """Return the seconds that a computed check takes."""
    return run_computation(payload, name, seed)[1]
