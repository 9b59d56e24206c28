"""How long a plan will take, from what a draw takes in its scenarios; and the finest tolerance that fits a budget."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from harness.engine.payloads import computation, guest, payload
from harness.engine.pool import Lost, Task, results
from harness.engine.shards import Shard, chunk_draws, run_computation, run_shard
from harness.questions.check import Scenario
from harness.questions.plan import Design, Plan

DEAREST = 8
"""Scenarios of a sampler's form whose draws are timed; for the others, which cost
less, the median of these stands."""
SLOW = 10.0
"""Seconds after which a call or a computed check of a guest that is only timed is ended."""
PATIENCE = 0.2
"""Seconds after which a scenario is timed in no larger calls."""
REPEATS = 2
"""Calls of a size, of which the quickest counts: others on the machine only make a call slower."""
TIMED = -2
"""The look of draws that are only timed, whose streams no judged draw shares."""
GUESSES = 6
"""Plans that are guessed at before the rest is halved."""
COARSEST, STEP = 0.5, 2**0.25
"""Tolerances that a budget chooses from: 0.5 and downwards, each a fourth root of two finer than the one before."""


@dataclass(frozen=True)
class Rates:
    """Seconds that a draw takes by scenario, and a noise value by sampler and form; and seconds of all computed checks."""

    draws: Mapping[str, float]
    values: Mapping[tuple[str, str], float]
    computed: float = 0.0

    def of(self, design: Design) -> float:
        """Return the seconds that a design takes on one worker, if it is settled where it mostly is."""
        name, scenario = design.scenario.name, design.scenario
        if name in self.draws:
            return design.expected * self.draws[name]
        return design.expected * values(scenario) * self.values.get(_form(scenario), 0.0)


def values(scenario: Scenario) -> int:
    """Return how many noise values a draw costs."""
    cheap = scenario.emits == "index" and scenario.sampler.cost == "draw"
    return 1 if cheap else scenario.case.logits.size


def measure(plan: Plan, executor: Callable[[], Executor], workers: int) -> Rates:
    """Time some draws of the dearest scenarios, and the computed checks, which no tolerance makes shorter.

    A sampler that breaks here is left out: the run says what became of it.
    """
    seed, forms = plan.options.seed, _dearest(plan)
    tasks = [
        Task(
            f"{sampler}/{emits}",
            timed,
            ([(payload(plan, one.name, SLOW), one.name, chunk_draws(one)) for one in scenarios], seed),
            guest=guest(scenarios[0]),
        )
        for (sampler, emits), scenarios in forms.items()
    ]
    tasks += [
        Task(check.name, timed_computation, (computation(check, SLOW), check.name, seed), math.inf, guest(check.about))
        for check in plan.checks
        if check.compute is not None
    ]
    found = {task.key: result for task, result in results(tasks, executor, workers) if not isinstance(result, Lost)}
    draws = {name: seconds for key in found if isinstance(found[key], dict) for name, seconds in found[key].items()}
    computed = sum(seconds for seconds in found.values() if isinstance(seconds, float))
    return rates_of(plan, draws, computed)


def rates_of(
    plan: Plan,
    draws: Mapping[str, float],
    computed: float = 0.0,
    typical: Callable[[Sequence[float]], float] = statistics.median,
) -> Rates:
    """Return rates from the seconds that a draw takes by scenario; for others what is typical of the form stands."""
    each: dict[tuple[str, str], list[float]] = {}
    for name, seconds in draws.items():
        scenario = plan.designs[name].scenario
        each.setdefault(_form(scenario), []).append(seconds / values(scenario))
    return Rates(draws, {form: typical(rates) for form, rates in each.items()}, computed)


def _dearest(plan: Plan) -> dict[tuple[str, str], list[Scenario]]:
    """Return by sampler and form the scenarios with the most noise values."""
    kept: dict[tuple[str, str], list[Scenario]] = {}
    for design in sorted(plan.designs.values(), key=lambda design: -design.n * values(design.scenario)):
        kept.setdefault(_form(design.scenario), []).append(design.scenario)
    return {form: scenarios[:DEAREST] for form, scenarios in kept.items()}


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

    If not even the coarsest fits, that one. A finer tolerance never costs less, so the grid is bracketed; where to look
    next is guessed, as draws grow with the square of what a tolerance is finer, since a plan takes its time to make.
    """
    low, high = 0, math.ceil(math.log(COARSEST / 1e-4) / math.log(STEP))
    best = make(COARSEST)
    at, cost = 0, expected(best, rates, workers)
    for tries in itertools.count():
        if low >= high:
            return best, expected(best, rates, workers)
        guess = at + _steps(cost, budget, rates.computed / workers) if tries < GUESSES else (low + high + 1) // 2
        at = min(max(guess, low + 1), high)
        plan = make(float(f"{COARSEST / STEP**at:.3g}"))
        cost = expected(plan, rates, workers)
        if cost <= budget:
            low, best = at, plan
        else:
            high = at - 1
    raise AssertionError("the bracket never closed")


def _steps(cost: float, budget: float, fixed: float) -> int:
    """Return how many steps finer (or, negative, coarser) a plan of this cost would fit, if draws were all."""
    share = (budget - fixed) / max(cost - fixed, 1e-9)
    return math.floor(math.log(share) / (2 * math.log(STEP))) if share > 0 else -GUESSES


def timed(works: Sequence[tuple[bytes, str, int]], seed: int) -> dict[str, float]:
    """Return the seconds that a draw takes by scenario, the last of them first; up to the first fault.

    One that hangs or breaks in the least of them is not tried in the others.
    """
    made: dict[str, float] = {}
    for packed, name, most in reversed(works):
        seconds = timed_draws(packed, name, most, seed)
        if seconds is None:
            break
        made[name] = seconds
    return made


def timed_draws(packed: bytes, name: str, most: int, seed: int) -> float | None:
    """Return the seconds that a draw takes in calls of growing size; nothing of a sampler that breaks.

    The first call of all, which also imports and prepares, is not timed.
    """
    run_shard(packed, Shard(name, TIMED, 0, 1), seed)
    size, start = 1, time.perf_counter()
    while True:
        shards = [run_shard(packed, Shard(name, TIMED, 1 + i, size), seed) for i in range(REPEATS)]
        if any(shard.fault for shard in shards):
            return None
        if size >= most or time.perf_counter() - start > PATIENCE:
            return min(shard.seconds for shard in shards) / size
        size = min(16 * size, most)


def timed_computation(packed: bytes, name: str, seed: int) -> float:
    """Return the seconds that a computed check takes, or those after which it was ended."""
    return run_computation(packed, name, seed)[1]
