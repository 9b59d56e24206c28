"""In a batch each row has the law of its own logits, whatever stands in the other rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from harness.case import Case
from harness.check import Check, Evidence, Scenario
from harness.drawing import BATCH
from harness.laws import Categorical
from harness.methods import ChiSquare
from harness.options import Options
from harness.registry import Sampler
from harness.statistics import Counts
from suites.calling import Caller, Floats, level

CASES = frozenset({"l8", "die@2"})
TOLERANCE = 0.05


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield two checks of a batch sampler: all rows different, and one row among rows that are certain."""
    for case in cases if sampler.batch else ():
        if case.name not in CASES:
            continue
        scenario = Scenario(sampler, emits, case)
        for name, batch in {"own-logits": _rolled(case.logits), "composition": _among(case.logits)}.items():
            yield Check(
                name=f"rows/{scenario.name}/{name}",
                suite="rows",
                why="a row draws from its own logits, whatever stands in the other rows",
                compute=partial(evidence, scenario, batch, level(options) / BATCH, options.beta),
                computed_method="chi-square of rows",
                computed_unit="total variation",
                subject=scenario,
                tolerance=TOLERANCE,
            )


def _rolled(logits: Floats) -> Floats:
    return np.stack([np.roll(logits, row) + 10.0 * row for row in range(BATCH)])


def _among(logits: Floats) -> Floats:
    batch = np.full((BATCH, logits.size), -np.inf)
    batch[:, 0] = 0.0
    batch[BATCH // 2] = logits
    return batch


def evidence(scenario: Scenario, batch: Floats, alpha: float, beta: float, rng: np.random.Generator) -> Evidence:
    """Return the chi-square of the row that fits worst, Bonferroni over the rows."""
    caller = Caller(scenario)
    methods = [ChiSquare(Categorical(row).mass) for row in batch]
    n = max(method.required(TOLERANCE, alpha, beta) for method in methods)
    draws = caller.shaped(n, rng, batch.copy())
    index = draws if scenario.emits == "index" else np.argmax(draws, axis=2)
    if index.min() < 0 or index.max() >= batch.shape[1]:
        return Evidence(n=n * BATCH, impossible=f"index {index.max()} is out of range")
    found = [method.evidence((Counts.of(index[:, row], (batch.shape[1],)),), rng) for row, method in enumerate(methods)]
    impossible = [f"row {row}: {one.impossible}" for row, one in enumerate(found) if one.impossible]
    p_values = [1.0 if one.p_value is None else one.p_value for one in found]
    worst = int(np.argmin(p_values))
    return Evidence(
        statistic=found[worst].statistic,
        p_value=min(1.0, BATCH * p_values[worst]),
        effect=found[worst].effect,
        n=n * BATCH,
        resolution=max(method.detectable(n, alpha, beta) for method in methods),
        impossible="; ".join(impossible),
        notes={"row": float(worst)},
    )
