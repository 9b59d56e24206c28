"""The false-alarm rate of every check is measured on right samplers, with both looks, and must not exceed its nominal one.

A replicate is what a run does with a check: the statistic at the first look, the same grown to the last look, and an
alarm if either p-value falls to its share of the nominal level. Most replicates are tables drawn straight from their
exact law at the designed n; some go through the real sampler and measurement, at a smaller n. Methods that rest on
an inequality (Massart, Bernstein, Bonferroni) may alarm less often than their level, never more often.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.engine.limits import Limits
from harness.engine.shards import Shard, Work, bounded, run_shard
from harness.methods.null import Null, null
from harness.options import LOOKS
from harness.questions.check import Check, Evidence, Method
from harness.selftest import sequential
from harness.selftest.configurations import Configuration
from harness.selftest.intervals import clopper_pearson
from harness.selftest.tasks import Task
from harness.statistics import Statistic
from harness.streams import stream

NOMINAL = (0.05, 0.01, 0.001)
REPLICATES = 2000
CHEAP = {"quick": 0.0, "full": 1.0}
"""CPU-seconds up to which a configuration gets more replicates than that."""
MOST = 10_000
DEAR = {"quick": 1.0, "full": math.inf}
"""CPU-seconds that a configuration may take: in the quick form big tables get fewer replicates, and the row says so."""
LEAST = 50
"""Replicates of a configuration however dear it is."""
REAL = {"quick": 40, "full": 100}
REAL_DRAWS, REAL_VALUES = 1024, 2**22
"""Draws of a replicate through the real sampler, fewer (64 at least) where they would be more values than that."""
BLOCK = 50
"""Replicates after which a configuration is asked whether more of them could matter."""
POINTS = 100
"""Points of a p-value distribution that a figure keeps."""


@dataclass(frozen=True)
class Rates:
    """Alarms at each nominal level in so many replicates, and the p-values of the last look at ``POINTS`` quantiles."""

    alarms: tuple[int, ...]
    replicates: int
    quantiles: tuple[float, ...]


def tasks(configurations: Sequence[Configuration], profile: str, seed: int) -> list[Task]:
    """Return one task for every configuration."""
    return [
        Task(f"calibration of {one.name}", measure, (one, profile, seed), planned(one, profile) * one.seconds)
        for one in configurations
    ]


def planned(configuration: Configuration, profile: str) -> int:
    """Return how many replicates a configuration gets: a function of its size alone."""
    cheap = np.clip(CHEAP[profile] / configuration.seconds, REPLICATES, MOST)
    return int(max(LEAST, min(cheap, DEAR[profile] / configuration.seconds)))


def measure(configuration: Configuration, profile: str, seed: int) -> Rates:
    """Return the rates of a configuration."""
    law, total = null(configuration.method, configuration.n), planned(configuration, profile)
    real = total if law is None else min(REAL[profile], total // 10)
    pairs: list[tuple[float, ...]] = []
    for replicate in islice(_replicates(configuration, real, seed), total):
        pairs.append(replicate)
        if len(pairs) % BLOCK == 0 and settled(pairs, total):
            break
    return rates(_looked(pairs))


def _replicates(configuration: Configuration, real: int, seed: int) -> Iterator[tuple[float, ...]]:
    """Yield so many through the real sampler, if it is a right one, then tables without end, if their law is known."""
    if configuration.right:
        yield from _real(configuration.checks[0], real, seed)
    first, last = (null(configuration.method, n) for n in (configuration.looks[0], configuration.n))
    rng = stream(seed, "calibration", configuration.name)
    while first is not None and last is not None:
        yield simulated(configuration.method, first, last, rng)


def settled(pairs: Sequence[tuple[float, ...]], total: int) -> bool:
    """Tell whether all rates lie below what ``total`` replicates would find too high."""
    found = rates(_looked(pairs))
    return all(
        sequential.settled(alarms, found.replicates, nominal, total)
        for nominal, alarms in zip(NOMINAL, found.alarms, strict=True)
    )


def _looked(pairs: Sequence[tuple[float, ...]]) -> NDArray[np.float64]:
    return np.array(pairs, dtype=np.float64).reshape(-1, len(LOOKS))


def simulated(method: Method, first: Null, last: Null, rng: np.random.Generator) -> tuple[float, ...]:
    """Return the p-values at both looks of one replicate; the tables of the last look contain those of the first."""
    early = first.draw(rng)
    more = (table.units - before.units for table, before in zip(last.tables, first.tables, strict=True))
    late = [
        tables + rng.multinomial(units, table.probabilities)
        for tables, units, table in zip(early, more, last.tables, strict=True)
    ]
    return (
        p_of(method.evidence(first.statistics(early), rng)),
        p_of(method.evidence(last.statistics(late), rng)),
    )


def p_of(evidence: Evidence) -> float:
    """Return the p-value; 0 for a contradiction, 1 where chance has no part."""
    if evidence.impossible or evidence.broken:
        return 0.0
    return 1.0 if evidence.p_value is None else evidence.p_value


def _real(check: Check, replicates: int, seed: int) -> Iterator[tuple[float, ...]]:
    """Yield the p-values at both looks of draws of the check's own sampler, through the engine's own shards."""
    inputs = [
        (bounded(Limits(), Work(scenario, (measurement,))), measurement.name) for scenario, measurement in check.inputs
    ]
    yield from (_replicate(check, inputs, number, seed) for number in range(replicates))


def _replicate(check: Check, inputs: Sequence[tuple[bytes, str]], number: int, seed: int) -> tuple[float, ...]:
    assert check.method is not None
    categories = check.inputs[0][0].case.logits.size
    draws = min(REAL_DRAWS, max(64, REAL_VALUES // categories))
    sizes = [max(1, int(draws * share)) for share, _ in LOOKS]
    pieces = [_drawn(check, inputs, look, number, n, seed) for look, n in enumerate(np.diff([0, *sizes]).tolist())]
    merged: list[tuple[Statistic, ...]] = [pieces[0]]
    for piece in pieces[1:]:
        merged.append(tuple(one.merge(other) for one, other in zip(merged[-1], piece, strict=True)))
    rng = stream(seed, "calibration spread", check.name, number)
    return tuple(
        p_of(check.method.evidence(statistics, rng)) if all(one.n for one in statistics) else 1.0
        for statistics in merged
    )


def _drawn(
    check: Check, inputs: Sequence[tuple[bytes, str]], look: int, number: int, n: int, seed: int
) -> tuple[Any, ...]:
    found = []
    for side, (payload, measurement) in enumerate(inputs):
        result = run_shard(payload, Shard(f"calibration/{check.name}/{side}", look, number, n), seed)
        if result.fault:
            raise RuntimeError(f"{check.name}: {result.fault}")
        found.append(result.statistics[measurement])
    return tuple(found)


def rates(p_values: NDArray[np.float64]) -> Rates:
    """Count alarms in (R, looks) p-values: at nominal level a, look i alarms at its share of a."""
    shares = np.array([share for _, share in LOOKS])
    alarms = tuple(int((p_values <= nominal * shares).any(axis=1).sum()) for nominal in NOMINAL)
    last = np.sort(p_values[:, -1]) if len(p_values) else np.ones(1)
    picked = np.linspace(0, last.size - 1, POINTS).round().astype(np.intp)
    return Rates(alarms, len(p_values), tuple(last[picked].tolist()))


def rows(configurations: Sequence[Configuration], measured: Sequence[Rates]) -> Iterable[dict[str, Any]]:
    """Yield the rows of calibration.csv: every check that a configuration stands for, at every nominal level.

    What could not be measured, as its law is unknown here and its sampler is wrong on purpose, has no row.
    """
    for configuration, found in zip(configurations, measured, strict=True):
        for check in configuration.checks if found.replicates else ():
            for nominal, alarms in zip(NOMINAL, found.alarms, strict=True):
                yield row(check.name, check.method_name, nominal, alarms, found.replicates)


def row(check: str, method: str, nominal: float, alarms: int, replicates: int) -> dict[str, Any]:
    """Return one row: the rate is not ok if even the lower end of its interval lies above the nominal one."""
    low, high = clopper_pearson(alarms, replicates)
    return {
        "check": check,
        "method": method,
        "nominal": nominal,
        "observed": alarms / replicates if replicates else None,
        "low": low,
        "high": high,
        "replicates": replicates,
        "ok": low <= nominal,
    }


def curves(configurations: Sequence[Configuration], measured: Sequence[Rates]) -> Iterable[dict[str, Any]]:
    """Yield the rows of pvalues.csv: quantiles of the p-value of the last look, a configuration that was measured each."""
    for configuration, found in zip(configurations, measured, strict=True):
        yield from (
            {
                "check": configuration.name,
                "method": configuration.checks[0].method_name,
                "replicates": found.replicates,
                "share": (i + 0.5) / POINTS,
                "p_value": p,
            }
            for i, p in enumerate(found.quantiles if found.replicates else ())
        )
