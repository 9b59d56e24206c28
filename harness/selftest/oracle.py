"""How many draws a control costs, beside the test that knows its broken law: no test of the same level needs fewer.

Neyman and Pearson 1933: reject where sum log(q / p) is large. Its level under p is the mean of p / q over tables drawn
from q that are rejected, so that levels of 1e-10 are measured from a few thousand tables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.methods import ChiSquare, PooledCells
from harness.questions.case import Case
from harness.questions.content import Control
from harness.questions.law import masses
from harness.selftest.calibration import p_of
from harness.selftest.intervals import clopper_pearson
from harness.selftest.tasks import Task
from harness.statistics import Counts
from harness.streams import stream

BETA = 0.01
"""Misses that both tests are given: quantiles at 0.001 would take ten times as many tables."""
ORACLE_TABLES = 4000
TABLES = {"quick": 400, "full": 2000}
SECONDS = {"quick": 1.0, "full": 4.0}
"""What one law takes, about."""
LARGEST = {"quick": 200, "full": 2000}
"""Categories of a control's case."""
MOST = 10**9
BOUND = 1.5
"""Draws over the oracle's that are allowed up to ten categories; beyond, the ratio grows as the fourth root of K."""
SMALL = 10


def told(controls: Iterable[Control], known: Iterable[Case], largest: int) -> Iterator[tuple[Control, Case, Floats]]:
    """Yield the controls that tell their law, with their trigger, if it has no more categories than that, and the law."""
    by_name = {case.name: case for case in known}
    for control in controls:
        case = by_name.get(control.trigger)
        if control.law is not None and case is not None and case.logits.size <= largest:
            yield control, case, np.asarray(control.law(case.logits), np.float64)


def cases(controls: Sequence[Control], known: Sequence[Case], profile: str) -> list[tuple[Control, Floats, Floats]]:
    """Return the controls whose law can be compared on their trigger: the same support, and not the right law itself."""
    made = []
    for control, case, q in told(controls, known, LARGEST[profile]):
        p = masses(case, control.sampler.dtype)
        if p.shape == q.shape and not ((q > 0) & (p == 0)).any() and np.abs(p - q).sum() > 2e-4:
            made.append((control, p, q / q.sum()))
    return made


def tasks(found: Sequence[tuple[Control, Floats, Floats]], level: float, profile: str, seed: int) -> list[Task]:
    """Return one task for every law."""
    return [
        Task(
            f"price of {control.sampler.name}",
            row,
            (control.sampler.name, p, q, level, profile, seed),
            SECONDS[profile],
        )
        for control, p, q in found
    ]


def row(name: str, p: Floats, q: Floats, level: float, profile: str, seed: int) -> dict[str, Any]:
    """Return a row of power.csv: the n that our two tests of counts need, and its ratio to the oracle's."""
    rng = stream(seed, "oracle", name)
    best = needed(lambda n: oracle_power(n, p, q, level, rng) >= 1 - BETA)
    trials = TABLES[profile]
    ours = needed(lambda n: our_hits(n, p, q, level, trials, rng) is not None, start=max(1, best // 2))
    hits = our_hits(ours, p, q, level, trials, rng, most=trials) or 0
    low, high = clopper_pearson(hits, trials)
    ratio, categories = ours / best, int((p > 0).sum())
    return {
        "check": f"chi_square and cells, K = {categories}",
        "method": "chi-square, pooled cells",
        "alternative": f"law of {name}",
        "tolerance": float(np.abs(p - q).sum() / 2),
        "n": ours,
        "designed": 1 - BETA,
        "observed": hits / trials,
        "low": low,
        "high": high,
        "replicates": trials,
        "oracle_ratio": ratio,
        "ok": categories > SMALL or ratio <= BOUND,
    }


def needed(suffices: Callable[[int], bool], start: int = 1) -> int:
    """Return an n, to one part in fifty, that suffices; MOST if none does."""
    low, high = 0, max(start, 1)
    while not suffices(high):
        low, high = high, 2 * high
        if high > MOST:
            return MOST
    while high - low > max(1, high // 50):
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def oracle_power(n: int, p: Floats, q: Floats, level: float, rng: np.random.Generator) -> float:
    """Return the power of the Neyman-Pearson test of p against q at this level, from tables drawn from q."""
    hit = q > 0
    with np.errstate(divide="ignore"):
        gain = np.log(q[hit]) - np.log(p[hit])
    scores = np.sort(rng.multinomial(n, q[hit] / q[hit].sum(), size=ORACLE_TABLES) @ gain)[::-1]
    levels = np.cumsum(np.exp(-scores)) / scores.size
    return float(np.searchsorted(levels, level, side="right") / scores.size)


def our_hits(
    n: int, p: Floats, q: Floats, level: float, trials: int, rng: np.random.Generator, most: int | None = None
) -> int | None:
    """Return how often the chi-square or the pooled cells refute n draws of q, each at the level of a check.

    None as soon as more than ``most`` tables are missed, BETA of them if it is not given: the power falls short.
    """
    methods = (ChiSquare(p), PooledCells(p)) if (p > 0).sum() > 2 else (ChiSquare(p),)
    missed, spare = 0, math.floor(BETA * trials) if most is None else most
    for table in rng.multinomial(n, q, size=trials):
        missed += not refutes(methods, Counts(n, table), level, rng)
        if missed > spare:
            return None
    return trials - missed


def refutes(methods: Sequence[Any], counts: Counts, level: float, rng: np.random.Generator) -> bool:
    """Tell whether any method refutes these counts."""
    return any(p_of(method.evidence((counts,), rng)) <= level for method in methods)
