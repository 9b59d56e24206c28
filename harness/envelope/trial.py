"""A trial is one point of a quantity: a scenario, its draws designed beforehand, and an exact test at a fixed level."""

from __future__ import annotations

import time
from dataclasses import dataclass

from harness.engine.limits import Limits
from harness.engine.shards import Shard, ShardResult, Work, bounded, run_shard
from harness.judge import improbable
from harness.methods import SupportMethod
from harness.options import Options
from harness.questions.check import Measurement, Method, Scenario
from harness.samplers.registry import Sampler
from harness.statistics.support import SUPPORT
from harness.streams import stream

STEPS = 16
"""Points that a search of one quantity may try; each has its share of alpha, tried or not."""
SECONDS = 600.0
"""Seconds that one point may take."""


@dataclass(frozen=True)
class Effort:
    """What a search may spend: error rates and seed, and ``budget`` noise values a point."""

    options: Options
    budget: int = 2**26

    @property
    def alpha(self) -> float:
        """The level of one point: the run's alpha, split as a plan splits it over its checks."""
        return self.options.level

    def draws(self, sampler: Sampler, categories: int) -> int:
        """Return how many draws the budget buys; one that does not depend on K costs about four values."""
        return self.budget // (4 if sampler.cost == "draw" else categories)


@dataclass(frozen=True)
class Trial:
    """What is drawn at one point, and what is asked of it; ``powered`` if its silence means something."""

    scenario: Scenario
    n: int
    measurement: Measurement
    method: Method
    powered: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a trial found: ``refuted`` says in words what contradicts the sampler, and is empty if nothing does."""

    n: int
    powered: bool
    refuted: str
    seconds: float


def tried(trial: Trial, effort: Effort) -> Outcome:
    """Draw and judge one point; never raises for what a sampler does."""
    start = time.perf_counter()
    result = drawn(trial, effort)
    words = _words(trial, result, effort)
    return Outcome(trial.n, trial.powered, words, time.perf_counter() - start)


def drawn(trial: Trial, effort: Effort) -> ShardResult:
    """Return the statistics of a trial's draws, made as one shard."""
    work = bounded(Limits(SECONDS), Work(trial.scenario, (trial.measurement,)))
    return run_shard(work, Shard(f"envelope/{trial.scenario.name}", 0, 0, trial.n), effort.options.seed)


def _words(trial: Trial, result: ShardResult, effort: Effort) -> str:
    if result.fault:
        return f"refused: {result.fault}"
    rng = stream(effort.options.seed, "spread", trial.scenario.name)
    impossible = SupportMethod().evidence((result.statistics[SUPPORT],), rng).impossible
    if impossible:
        return f"impossible: {impossible}"
    evidence = trial.method.evidence((result.statistics[trial.measurement.name],), rng)
    if evidence.impossible:
        return f"impossible: {evidence.impossible}"
    if not improbable(evidence.p_value, effort.alpha):
        return ""
    notes = ", ".join(f"{name} {value}" for name, value in evidence.notes.items() if name in SAID)
    return f"improbable: p = {evidence.p_value:.3g}" + (f" ({notes})" if notes else "")


SAID = ("group", "expected", "observed")
"""Notes of a method that say where a deviation is."""
