"""What a method promises to expose is tried: at the designed n, against alternatives that are off by the tolerance exactly.

The worst alternative for a chi-square moves mass in proportion to the probabilities, where Cauchy-Schwarz is an
equality; a concentrated one moves all of it between two categories. The rate of refutations at the plan's own level must
not lie below the designed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.methods import (
    ChiSquare,
    DyadicTails,
    Homogeneity,
    KolmogorovSmirnov,
    PairTables,
    PooledCells,
    SupportMethod,
    Tables,
)
from harness.methods.cells import standard_groups
from harness.methods.ks import bins_for
from harness.options import LOOKS
from harness.questions.check import Check, Method
from harness.questions.plan import Plan, tolerance_of
from harness.selftest.calibration import p_of
from harness.selftest.configurations import Configuration
from harness.selftest.intervals import clopper_pearson
from harness.selftest.null import Null, null
from harness.selftest.tasks import Task
from harness.statistics import Blocks, Support
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
ONE_OF_MANY = (KolmogorovSmirnov, DyadicTails, Tables)
"""Methods of several tables of which one alone deviates: the last."""
MANY = 50
"""Cells that gain from which on it matters which they are."""
ALTERNATIVES = 2
"""About how many are tried of each, at one look instead of two."""


def chosen(configurations: Sequence[Configuration], profile: str) -> list[Configuration]:
    """Return which configurations are tried: of each method the smallest, one between, the largest that fits."""
    kept: list[Configuration] = []
    for kind in dict.fromkeys(type(one.method) for one in configurations):
        fitting = [one for one in configurations if type(one.method) is kind and one.seconds <= DEAR[profile]]
        fitting = sorted((one for one in fitting if _known(one)), key=lambda one: (one.seconds, one.name))
        picked = np.unique(np.linspace(0, len(fitting) - 1, min(EACH[profile], len(fitting))).round().astype(int))
        kept += [fitting[i] for i in picked]
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
    hundred = KolmogorovSmirnov(bins_for(0.1, 100), (1,) * 100)
    more: list[tuple[str, Method, float]] = [
        ("pairs of ten coordinates", pairs, 0.05),
        ("triples of ten coordinates", triples, 0.05),
        ("one of a hundred coordinates", hundred, 0.1),
    ]
    return [_asked(name, method, tolerance, level, beta) for name, method, tolerance in [*made, *more]]


def _asked(name: str, method: Method, tolerance: float, level: float, beta: float) -> Configuration:
    check = Check(f"worst/{name}", "worst", "what the design promises", method=method, tolerance=tolerance)
    return Configuration(method, method.required(tolerance, level, beta), (check,))


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
    """Return the rows of power.csv of one configuration."""
    law, trials = null(configuration.method, configuration.n), REPLICATES[profile]
    assert law is not None
    made = []
    for name, other in alternatives(configuration.method, law, tolerance):
        rng = stream(seed, "power", configuration.name, name)
        hits = sum(p_of(configuration.method.evidence(_drawn(other, rng), rng)) <= level for _ in range(trials))
        made.append(row(configuration, name, tolerance, 1 - beta, hits, trials))
    return made


def _drawn(law: Null, rng: np.random.Generator) -> tuple[Any, ...]:
    return law.statistics(law.draw(rng))


def row(
    configuration: Configuration, alternative: str, tolerance: float, designed: float, hits: int, trials: int
) -> dict[str, Any]:
    """Return one row: not ok if even the upper end of the interval lies below the designed power."""
    low, high = clopper_pearson(hits, trials)
    return {
        "check": configuration.name,
        "method": configuration.checks[0].method_name,
        "alternative": alternative,
        "tolerance": tolerance,
        "n": configuration.n,
        "designed": designed,
        "observed": hits / trials,
        "low": low,
        "high": high,
        "replicates": trials,
        "oracle_ratio": None,
        "ok": high >= designed,
    }


def alternatives(method: Method, law: Null, tolerance: float) -> Iterator[tuple[str, Null]]:
    """Yield laws that are off by the tolerance in the method's own unit, by name; none for an unknown method."""
    if isinstance(method, SupportMethod):
        yield "impossible draws at that rate", _impossible(law, tolerance)
        return
    if not law.tables:
        return
    last = _deviating(method, law)
    for name, q in _changes(method, law.tables[last].probabilities, tolerance, law.n):
        if (q >= 0).all():
            changed = replace(law.tables[last], probabilities=q / q.sum())
            yield name, replace(law, tables=(*law.tables[:last], changed, *law.tables[last + 1 :]))


def _changes(method: Method, p: Floats, t: float, n: int) -> Iterator[tuple[str, Floats]]:
    if isinstance(method, ChiSquare | Homogeneity | PairTables) and (p > 0).sum() > 1:
        half = _half(method, p, n)
        yield "in proportion", shifted(p, half, t)
        if half.sum() >= MANY:
            yield "in proportion, a random half", shifted(p, _half(method, p, n, shuffled=True), t)
        yield "likeliest to rarest", moved(p, int(np.argmax(p)), _rarest(p), t)
        yield "second likeliest to likeliest", moved(p, int(np.argsort(-p, kind="stable")[1]), int(np.argmax(p)), t)
    elif isinstance(method, Tables):
        yield "one table of many, half its cells up", _one_table(method, p, t)
    elif isinstance(method, PooledCells):
        groups = method.groups or standard_groups(p)
        hardest = min(groups, key=lambda name: abs(float(p[groups[name]].sum()) - 0.5), default=None)
        if hardest is not None:
            yield f"more of group {hardest}", shifted(p, groups[hardest], t)
            yield f"less of group {hardest}", shifted(p, groups[hardest], -t)
    elif isinstance(method, KolmogorovSmirnov):
        low = np.arange(p.size) < p.size / 2
        yield "upper half to lower half", shifted(p, low, t)
        yield "around the median", shifted(p, np.abs(np.arange(p.size) - p.size / 2 + 0.5) < p.size / 4, -2 * t)
    elif isinstance(method, DyadicTails):
        low = np.arange(p.size) < p.size // 2
        yield "more of the low end", shifted(p, low, t * float(p[low].sum()))


def _deviating(method: Method, law: Null) -> int:
    """Return which table alone deviates: the last where there are many, or the block of the last pair or triple."""
    if isinstance(method, Tables) and method.blocks is not None:
        return list(method.blocks.places.values())[-1][0]
    return len(law.tables) - 1 if isinstance(method, ONE_OF_MANY) else 0


def _one_table(method: Tables, p: Floats, t: float) -> Floats:
    """Return a table with every other cell up and the others down, where Cauchy and Schwarz say: in proportion."""
    if method.blocks is None:
        return shifted(p, balanced(p), t)
    width, places = method.blocks.width, list(method.blocks.places.values())[-1][1]
    digits = np.indices([method.blocks.cells] * width).reshape(width, -1)
    changed: Floats = p * np.where(digits[list(places)].sum(axis=0) % 2 == 0, 1 + 2 * t, 1 - 2 * t)
    return changed


def _impossible(law: Null, rate: float) -> Null:
    """Return draws of which a share is impossible; the share is kept in a table of two cells."""
    from harness.selftest.null import Table

    def build(n: int, tables: Sequence[NDArray[np.int64]]) -> tuple[Support]:
        wrong = int(tables[0][0])
        return (Support(n, ("wrong",), (wrong,), ("wrong",)) if wrong else Support(n),)

    return Null(law.n, (Table(law.n, np.array([rate, 1 - rate])),), build)


def _half(method: Method, p: Floats, n: int, *, shuffled: bool = False) -> NDArray[np.bool_]:
    """Return a balanced set of whole cells as the method pools them: within a pool it does not promise to see."""
    if not isinstance(method, ChiSquare):
        return balanced(p, shuffled=shuffled)
    cell, masses = method.pooled(n)
    inside: NDArray[np.bool_] = balanced(masses, shuffled=shuffled)[cell] & (cell >= 0)
    return inside


def balanced(p: Floats, *, shuffled: bool = False) -> NDArray[np.bool_]:
    """Return a set of cells of mass near one half, the likeliest ones first wherever they fit, or in a random order.

    Scores are conditional on what is left: only where cells that gain lie among cells that lose does each one carry its
    share of the change, and cells that expect few lose some of theirs.
    """
    chosen, mass = np.zeros(p.size, np.bool_), 0.0
    order = (
        np.random.default_rng(p.size).permutation(np.flatnonzero(p > 0)) if shuffled else np.argsort(-p, kind="stable")
    )
    for k in order[: max(1, int((p > 0).sum()) - 1)]:
        if mass + p[k] <= 0.5 or mass == 0.0:
            chosen[k], mass = True, mass + float(p[k])
    return chosen


def shifted(p: Floats, cells: NDArray[np.bool_], t: float) -> Floats:
    """Return p with t more mass in these cells and less outside, in proportion on either side."""
    inside = float(p[cells].sum())
    made: Floats = p * np.where(cells, 1 + t / inside, 1 - t / (1 - inside))
    return made


def moved(p: Floats, source: int, target: int, t: float) -> Floats:
    """Return p with mass t moved from one cell to another."""
    q = p.copy()
    q[source] -= t
    q[target] += t
    return q


def _rarest(p: Floats) -> int:
    """Return the last of the least likely cells: among equals not the one that counts as the likeliest."""
    return p.size - 1 - int(np.argmin(np.where(p > 0, p, np.inf)[::-1]))


def failures(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return what fell short, in words."""
    return [_words(row) for row in rows if not row["ok"]]


def _words(row: dict[str, Any]) -> str:
    if row["oracle_ratio"] is not None:
        return f"{row['check']} against {row['alternative']}: {row['oracle_ratio']:.3g} times the draws of the oracle"
    return f"{row['check']} against {row['alternative']}: {row['observed']:.4g}, designed {row['designed']:.4g}"
