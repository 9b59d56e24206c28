"""Continuous draws do not repeat: as many values are distinct as the declared precision has room for.

A uniform of 23 or 24 bits, or noise in half precision, has the right distribution function to any test of a million
draws, but its values coincide. If no value has a probability above q, each of N values in turn coincides with an earlier
one with probability N q at most, so that the coincidences are bounded by Binomial(N, N q), exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.draws import measurements
from harness.methods import DyadicTails
from harness.methods.tails import binomial_at_least
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.samplers.registry import CONTINUOUS, Sampler
from suites.calling import shown
from suites.calling.caller import Caller

ORDER = 110
ASKED, EXTREMES = "noise", "extremes"
CALLS, SIZE = 64, 512
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
SLACK = 8
"""No value of a draw of order 1 is likelier than this many times the relative precision."""
COLUMNS = 3
DEEP = 7.4e-5
"""Relative change of the widest cell, by its width, at which an end that is cut at 2^-23 shows: 32 values are due there."""


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield one check for each of a few cases whose values are of order 1."""
    for case in cases if emits in CONTINUOUS else ():
        scenario = Scenario(sampler, emits, case)
        if EXTREMES in case.asks and emits == "gumbel":
            yield _extremes(scenario)
        if ASKED in case.asks:
            yield Check(
                name=f"noise/{scenario.name}/distinct",
                suite="noise",
                why="continuous values coincide no more often than the declared precision makes them",
                compute=partial(evidence, scenario, options.level, options.beta),
                computed_method="distinct values",
                computed_unit="probability that two values agree",
                subject=scenario,
                tolerance=_resolution(_coarsest(scenario, np.dtype(np.float32)), options.beta),
            )


def _extremes(scenario: Scenario) -> Check:
    d, bins = scenario.case.logits.size, 64
    measured = measurements.pooled_uniforms(d, bins)
    return Check(
        name=f"noise/{scenario.name}/extremes",
        suite="noise",
        why="both tails of the noise go on as far as a quarter of a billion values reach",
        inputs=((scenario, measured),),
        method=DyadicTails(bins, (d,), name="extremes"),
        tolerance=DEEP * bins,
        profile="full",
    )


def evidence(scenario: Scenario, level: float, beta: float, rng: np.random.Generator) -> Evidence:
    """Return the coincidences among the values of a coordinate, over many calls; the worst of a few coordinates."""
    caller = Caller(scenario)
    draws = np.concatenate([caller(SIZE, rng) for _ in range(CALLS)])
    likeliest = _coarsest(scenario, draws.dtype)
    columns = np.flatnonzero(np.isfinite(scenario.case.logits))[:COLUMNS]
    n = draws.shape[0]
    repeats = np.array([n - np.unique(draws[:, column]).size for column in columns])
    p_values = binomial_at_least(repeats, n, min(1.0, n * likeliest)) * columns.size
    worst = int(np.argmin(p_values))
    return Evidence(
        statistic=float(repeats[worst]),
        p_value=float(min(1.0, p_values[worst])),
        effect=2 * float(repeats[worst]) / n**2,
        n=n,
        resolution=_resolution(likeliest, beta),
        notes={"coordinate": float(columns[worst]), "distinct": float(n - repeats[worst]), "of": float(n)},
        seen=f"{repeats[worst]:,} of {n:,} values of coordinate {columns[worst]} stand there already, at most about "
        f"{n * min(1.0, n * likeliest):.3g} are due, calls of {SIZE}, {scenario.case.words}",
        exhibit=_shown(repeats, columns, n, min(1.0, n * likeliest), level),
    )


def _shown(repeats: NDArray[np.intp], columns: NDArray[np.intp], n: int, most: float, level: float) -> shown.Exhibit:
    """Return the coincidences of each coordinate, and up to how many the level leaves; too few are none of this check's."""
    # The range leaves half of a test's level on either side: with half as many tests the upper end has all of it.
    _, high = shown.coins(np.full(columns.size, float(n)), columns.size / 2, level, most)
    rows = [
        (f"coordinate {column} of {n:,} draws", float(seen), n * most, 0.0, float(end), 1.0)
        for column, seen, end in zip(columns, repeats, high, strict=True)
    ]
    return shown.ranged("Values that stand there already", "counts of coincidences", rows)


def _coarsest(scenario: Scenario, dtype: np.dtype[Any]) -> float:
    """Return the probability that no value exceeds, in the coarser of the declared precision and the array's."""
    return SLACK * max(EPSILON[scenario.sampler.dtype], EPSILON.get(dtype.name, EPSILON["float64"]))


def _resolution(likeliest: float, beta: float) -> float:
    """Return the probability of agreement of which the expected coincidences stand out from what is allowed."""
    n = CALLS * SIZE
    allowed = 8 + n * n * likeliest
    return 2 * (allowed + 2 * math.sqrt(-2 * math.log(beta) * allowed) - 2 * math.log(beta)) / n**2
