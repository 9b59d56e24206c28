"""What a method promises to expose is tried: at the designed n, against alternatives that are off by the tolerance exactly.

The alternatives are the method's own. The rate of refutations at the plan's own level must not lie below the designed
one; where a first stage may settle a test, what is settled there is missed (``methods.curtailed``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from harness.judge import settled
from harness.methods import ChiSquare, KolmogorovSmirnov, Tables
from harness.methods.alternatives import Alternatives
from harness.methods.ks import bins_for
from harness.methods.null import Null, null
from harness.options import LATE, LOOKS
from harness.questions.check import Check, Method, staged
from harness.questions.plan import Plan, tolerance_of
from harness.selftest import sequential
from harness.selftest.calibration import p_of
from harness.selftest.configurations import Configuration, spread
from harness.selftest.intervals import clopper_pearson
from harness.selftest.tasks import Task
from harness.statistics import Blocks, Threes
from harness.streams import stream

COLUMNS = (
    *("check", "method", "alternative", "tolerance", "n", "designed", "observed", "low", "high", "replicates"),
    *("oracle_ratio", "ok"),
)
REPLICATES = {"quick": 400, "full": 2000}
EACH = {"quick": 3, "full": 1000}
FLAT = 300
DEAR = {"quick": 2e-3, "full": 1.0}
"""CPU-seconds of a replicate up to which a configuration is tried."""
EXPECTED = (5.5, 10.0, 20.0, 50.0)
"""Expected counts at which chi-square is asked for a random half of its cells."""
ALTERNATIVES = 2
"""About how many are tried of each, at one look instead of two."""


def chosen(configurations: Sequence[Configuration], profile: str) -> list[Configuration]:
    """Return which configurations are tried: of each method the smallest, one between, the largest that fits."""
    kept: list[Configuration] = []
    for kind in dict.fromkeys(type(one.method) for one in configurations):
        fitting = (one for one in configurations if type(one.method) is kind and one.seconds <= DEAR[profile])
        kept += spread(filter(_known, fitting), EACH[profile])
    return kept


def worst(plan: Plan) -> list[Configuration]:
    """Return what no check may ask for but every design promises: few expected a cell, one of a hundred coordinates."""
    level, beta = plan.alpha * LOOKS[-1][1], plan.options.beta
    flat = ChiSquare(np.full(FLAT, 1 / FLAT))
    made = [
        (f"{FLAT} cells, {expected:g} expected in each", flat, flat.detectable(int(FLAT * expected), level, beta))
        for expected in EXPECTED
    ]
    pairs = Tables(np.full((4, 4), 1 / 16), blocks=Blocks.of(10, 4, 2))
    triples = Tables(np.full((2, 2, 2), 1 / 8), blocks=Blocks.of(10, 2, 3))
    parities = Tables(np.full(2, 0.5), Threes.of(15))
    hundred = KolmogorovSmirnov(bins_for(0.1, 100), (1,) * 100)
    more: list[tuple[str, Method, float]] = [
        ("pairs of ten coordinates", pairs, 0.05),
        ("triples of ten coordinates", triples, 0.05),
        ("parities of threes of fifteen coordinates", parities, 0.05),
        ("one of a hundred coordinates", hundred, 0.1),
    ]
    return [_asked(name, method, tolerance, level, beta) for name, method, tolerance in [*made, *more]]


def _asked(name: str, method: Method, tolerance: float, level: float, beta: float) -> Configuration:
    check = Check(f"worst/{name}", "worst", "what the design promises", method=method, tolerance=tolerance)
    return Configuration(method, method.required(tolerance, level, LATE * beta), (check,))


def _known(configuration: Configuration) -> bool:
    law = null(configuration.method, configuration.n)
    return law is not None and any(True for _ in alternatives(configuration.method, law, 1e-3))


def tasks(configurations: Sequence[Configuration], plan: Plan, profile: str) -> list[Task]:
    """Return one task for every configuration."""
    return [
        Task(f"power of {one.name}", measure, (one, *_terms(one, plan), profile), _cost(one, profile))
        for one in configurations
    ]


def _cost(configuration: Configuration, profile: str) -> float:
    return REPLICATES[profile] * configuration.seconds * ALTERNATIVES / len(LOOKS)


def _terms(configuration: Configuration, plan: Plan) -> tuple[float, float, float, int]:
    """Return tolerance, level, beta and seed."""
    options = plan.options
    return tolerance_of(configuration.checks[0], options), plan.alpha * LOOKS[-1][1], options.beta, options.seed


def measure(
    configuration: Configuration, tolerance: float, level: float, beta: float, seed: int, profile: str
) -> list[dict[str, Any]]:
    """Return the rows of power.csv of one configuration; what holds is settled before the last replicate."""
    law, trials = null(configuration.method, configuration.n), REPLICATES[profile]
    assert law is not None
    made = []
    for name, other in alternatives(configuration.method, law, tolerance):
        rng = stream(seed, "power", configuration.name, name)
        hits, tried = 0, 0
        while tried < trials and not sequential.settled(tried - hits, tried, beta, trials):
            hits += _refuted(configuration.method, other, tolerance, level, beta, rng)
            tried += 1
        made.append(row(configuration, name, tolerance, 1 - beta, hits, tried))
    return made


def _refuted(method: Method, law: Null, tolerance: float, level: float, beta: float, rng: np.random.Generator) -> bool:
    """Do both stages of a test, as a run does: after the first it may be settled."""
    first = staged(method)
    stage = law.n if first is None else first.stage(law.n)
    found = _drawn(_part(law, 0, stage), rng)
    evidence = method.evidence(found, rng)
    if stage < law.n:
        if settled(method, evidence, alpha=level, beta=beta, tolerance=tolerance):
            return False
        rest = _drawn(_part(law, stage, law.n), rng)
        evidence = method.evidence([one.merge(other) for one, other in zip(found, rest, strict=True)], rng)
    return p_of(evidence) <= level


def _part(law: Null, start: int, end: int) -> Null:
    """Return the law of the draws from ``start`` to ``end``; a table's units are in proportion."""
    tables = (replace(table, units=table.units * end // law.n - table.units * start // law.n) for table in law.tables)
    return replace(law, n=end - start, tables=tuple(tables))


def _drawn(law: Null, rng: np.random.Generator) -> tuple[Any, ...]:
    return law.statistics(law.draw(rng))


def row(
    configuration: Configuration, alternative: str, tolerance: float, designed: float, hits: int, trials: int
) -> dict[str, Any]:
    """Return the row of a configuration and one of its alternatives."""
    what = (configuration.name, configuration.checks[0].method_name, alternative)
    return row_of(what, (tolerance, configuration.n, designed), (hits, trials))


def row_of(what: tuple[str, str, str], design: tuple[float, int, float], seen: tuple[int, int]) -> dict[str, Any]:
    """Return one row: not ok if even the upper end of the interval lies below the designed power.

    ``what`` is check, method and alternative; ``design`` tolerance, n and power; ``seen`` refutations and trials.
    """
    low, high = clopper_pearson(*seen)
    told = (*what, *design, seen[0] / seen[1], low, high, seen[1], None, high >= design[2])
    return dict(zip(COLUMNS, told, strict=True))


def alternatives(method: Any, law: Null, tolerance: float) -> Alternatives:
    """Return the method's alternatives; none if it does not say."""
    return method.alternatives(law, tolerance) if hasattr(method, "alternatives") else iter(())


def failures(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return what fell short, in words."""
    return [_words(row) for row in rows if not row["ok"]]


def _words(row: dict[str, Any]) -> str:
    if row["oracle_ratio"] is not None:
        return f"{row['check']} against {row['alternative']}: {row['oracle_ratio']:.3g} times the draws of the oracle"
    return f"{row['check']} against {row['alternative']}: {row['observed']:.4g}, designed {row['designed']:.4g}"
