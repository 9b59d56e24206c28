"""At levels of 1e-6 to 1e-9, where the budget sits, no simulation sees an alarm: rates are importance-sampled.

The rates of the looks, each at its share of the level, are added up: a bound on the rate of both together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.methods import ChiSquare, DyadicTails, Homogeneity, PairTables, PooledCells, Tables
from harness.methods.null import Null, null
from harness.options import LOOKS
from harness.questions.check import Method
from harness.selftest.calibration import p_of
from harness.selftest.configurations import Configuration, spread
from harness.selftest.intervals import weighted
from harness.selftest.tasks import Task
from harness.selftest.tilts import Spread, battery
from harness.streams import stream

NOMINAL = (1e-6, 1e-9)
BATTERIES = (PooledCells, DyadicTails)
SCORES = (ChiSquare, Homogeneity, PairTables, Tables)
CELLS = {"quick": 20, "full": 200}
"""Cells up to which weights keep a variance worth having."""
TOGETHER = 4
"""The same where two tables are spread at once, and all that they share is spread in vain."""
EACH = {"quick": 2, "full": 1000}
"""Configurations of a method."""
SAMPLES = {"quick": 1500, "full": 6000}


def chosen(configurations: Sequence[Configuration], profile: str) -> list[Configuration]:
    """Return which configurations are followed into the tail: of each method the smallest, some between, the largest."""
    kept: list[Configuration] = []
    for kind in (*SCORES, *BATTERIES):
        fitting = (one for one in configurations if type(one.method) is kind and _fits(one, profile))
        kept += spread(fitting, EACH[profile])
    return kept


def _fits(configuration: Configuration, profile: str) -> bool:
    law = null(configuration.method, configuration.n)
    if law is None or max(table.probabilities.size for table in law.tables) < 2:
        return False
    if isinstance(configuration.method, Homogeneity):
        return law.cells <= TOGETHER
    return isinstance(configuration.method, DyadicTails) or law.cells <= 2 * CELLS[profile]


def pairs(configurations: Sequence[Configuration]) -> list[tuple[Configuration, float]]:
    """Return each configuration with each nominal level."""
    return [(one, nominal) for one in configurations for nominal in NOMINAL]


def tasks(chosen: Sequence[tuple[Configuration, float]], profile: str, seed: int) -> list[Task]:
    """Return one task for every configuration and nominal level."""
    return [
        Task(f"tail of {one.name} at {nominal:g}", measure, (one, nominal, profile, seed), _cost(one, profile))
        for one, nominal in chosen
    ]


def _cost(configuration: Configuration, profile: str) -> float:
    return _samples(configuration, profile) * configuration.seconds


def _samples(configuration: Configuration, profile: str) -> int:
    """Return tables a look: weights of a battery hardly vary."""
    return SAMPLES[profile] // (1 if isinstance(configuration.method, SCORES) else 5)


def measure(configuration: Configuration, nominal: float, profile: str, seed: int) -> tuple[float, float, float, int]:
    """Return the rate at a nominal level, its interval, and how many tables it took."""
    total, low, high = 0.0, 0.0, 0.0
    samples = _samples(configuration, profile)
    for look, (n, (_, share)) in enumerate(zip(configuration.looks, LOOKS, strict=True)):
        law = null(configuration.method, n)
        assert law is not None
        rng = stream(seed, "tail", configuration.name, look, repr(nominal))
        weights = _weights(configuration.method, law, nominal * share, samples, rng)
        mean, below, above = weighted(float(weights.sum()), float((weights**2).sum()), samples)
        total, low, high = total + mean, low + below, high + above
    return total, low, high, samples * len(LOOKS)


def _weights(method: Method, law: Null, level: float, samples: int, rng: np.random.Generator) -> Floats:
    """Return the weight of every sampled table that alarms, 0 for the others; their mean is the rate."""
    sampler = (
        battery(method, law, level)
        if isinstance(method, BATTERIES)
        else Spread(law, level, isinstance(method, Homogeneity))
    )
    found = np.zeros(samples)
    for i in range(samples):
        tables, weight = sampler.draw(rng)
        if p_of(method.evidence(law.statistics(tables), rng)) <= level:
            found[i] = weight
    return found


def rows(
    chosen: Sequence[tuple[Configuration, float]], measured: Sequence[tuple[float, float, float, int]]
) -> Iterable[dict[str, Any]]:
    """Yield rows of calibration.csv for every check of the configurations followed into the tail."""
    for (configuration, nominal), (rate, low, high, samples) in zip(chosen, measured, strict=True):
        for check in configuration.checks:
            yield {
                "check": check.name,
                "method": check.method_name,
                "nominal": nominal,
                "observed": rate,
                "low": low,
                "high": high,
                "replicates": samples,
                "ok": low <= nominal,
            }
