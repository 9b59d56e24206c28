"""At levels of 1e-6 to 1e-9, where the budget sits, no simulation sees an alarm: rates are importance-sampled.

The rates of the looks, each at its share of the level, are added up: a bound on the rate of both together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.methods.null import Null, null
from harness.methods.tilts import Proposal
from harness.options import LOOKS
from harness.questions.check import Method
from harness.selftest.calibration import p_of
from harness.selftest.configurations import Configuration, spread
from harness.selftest.intervals import weighted
from harness.selftest.tasks import Task
from harness.streams import stream

NOMINAL = (1e-6, 1e-9)
CELLS = {"quick": 40, "full": 400}
"""Cells up to which a method is asked for its tail."""
EACH = {"quick": 2, "full": 1000}
"""Configurations of a method."""
SAMPLES = {"quick": 1500, "full": 6000}


def chosen(configurations: Sequence[Configuration], profile: str) -> list[Configuration]:
    """Return which configurations are followed into the tail: of each method the smallest, some between, the largest."""
    fitting: dict[type, list[Configuration]] = {}
    for one in configurations:
        if _proposal(one, one.n, NOMINAL[0], profile) is not None:
            fitting.setdefault(type(one.method), []).append(one)
    return [one for several in fitting.values() for one in spread(several, EACH[profile])]


def _proposal(configuration: Configuration, n: int, level: float, profile: str) -> Proposal | None:
    """Return the method's own proposal for its tail, None if it has none."""
    law = null(configuration.method, n)
    if law is None or not hasattr(configuration.method, "tail"):
        return None
    found: Proposal | None = configuration.method.tail(law, level, CELLS[profile])
    return found


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
    return _samples(_proposal(configuration, configuration.n, NOMINAL[0], profile), profile) * configuration.seconds


def _samples(proposal: Proposal | None, profile: str) -> int:
    """Return tables a look."""
    return SAMPLES[profile] // (proposal.thrift if proposal else 1)


def measure(configuration: Configuration, nominal: float, profile: str, seed: int) -> tuple[float, float, float, int]:
    """Return the rate at a nominal level, its interval, and how many tables it took."""
    total, low, high, taken = 0.0, 0.0, 0.0, 0
    for look, (n, (_, share)) in enumerate(zip(configuration.looks, LOOKS, strict=True)):
        law, proposal = null(configuration.method, n), _proposal(configuration, n, nominal * share, profile)
        assert law is not None and proposal is not None
        rng = stream(seed, "tail", configuration.name, look, repr(nominal))
        samples = _samples(proposal, profile)
        found = weights(configuration.method, law, proposal, nominal * share, samples, rng)
        mean, below, above = weighted(float(found.sum()), float((found**2).sum()), samples)
        total, low, high, taken = total + mean, low + below, high + above, taken + samples
    return total, low, high, taken


def weights(
    method: Method, law: Null, proposal: Proposal, level: float, samples: int, rng: np.random.Generator
) -> Floats:
    """Return the weight of every sampled table that alarms, 0 for the others; their mean is the rate."""
    found = np.zeros(samples)
    for i in range(samples):
        tables, weight = proposal.draw(rng)
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
