"""In a batch each row has the law of its own logits, whatever stands in the other rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.draws.bind import BATCH
from harness.laws import Categorical
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.precision import precision, rounded
from harness.samplers.registry import Sampler
from harness.statistics import Counts
from suites.calling import shown
from suites.calling.caller import Caller

ORDER = 90
ASKED = "rows"
TOLERANCE = 0.05


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield checks of a batch sampler: rows far apart, one row among rows that are certain, batches of other sizes."""
    for case in cases if sampler.batch else ():
        if ASKED not in case.asks:
            continue
        scenario = Scenario(sampler, emits, case)
        for name, batch in _batches(case.logits, sampler.dtype).items():
            yield Check(
                name=f"rows/{scenario.name}/{name}",
                suite="rows",
                why="a row draws from its own logits, whatever stands in the other rows",
                compute=partial(evidence, scenario, batch, options.level / len(batch), options.beta),
                computed_method="chi-square of rows",
                computed_unit="total variation",
                subject=scenario,
                tolerance=TOLERANCE,
            )


def _batches(logits: Floats, dtype: str) -> dict[str, Floats]:
    """Return batches by name; rows lie a thousand nats apart where that leaves the type its digits."""
    apart = 1e3 if precision(dtype).eps < 1e-6 else 10.0
    return {
        "own-logits": _rolled(logits, BATCH, apart),
        "composition": _among(logits),
        "batch-of-1": _rolled(logits, 1, 0.0),
        "batch-of-7": _rolled(logits, 7, 0.0),
    }


def _rolled(logits: Floats, rows: int, apart: float) -> Floats:
    return np.stack([np.roll(logits, row) + apart * row for row in range(rows)])


def _among(logits: Floats) -> Floats:
    batch = np.full((BATCH, logits.size), -np.inf)
    batch[:, 0] = 0.0
    batch[BATCH // 2] = logits
    return batch


def evidence(scenario: Scenario, batch: Floats, alpha: float, beta: float, rng: np.random.Generator) -> Evidence:
    """Return the chi-square of the row that fits worst, Bonferroni over the rows."""
    caller = Caller(scenario)
    methods = [ChiSquare(Categorical(rounded(row, scenario.sampler.dtype)).mass) for row in batch]
    n = max(method.required(TOLERANCE, alpha, beta) for method in methods)
    draws = caller.shaped(n, rng, batch.copy())
    index = draws if scenario.emits == "index" else np.argmax(draws, axis=2)
    if index.min() < 0 or index.max() >= batch.shape[1]:
        return Evidence(n=n * len(batch), impossible=f"index {index.max()} is out of range")
    found = [method.evidence((Counts.of(index[:, row], (batch.shape[1],)),), rng) for row, method in enumerate(methods)]
    impossible = [f"row {row}: {one.impossible}" for row, one in enumerate(found) if one.impossible]
    p_values = [1.0 if one.p_value is None else one.p_value for one in found]
    worst = int(np.argmin(p_values))
    return Evidence(
        statistic=found[worst].statistic,
        p_value=min(1.0, len(batch) * p_values[worst]),
        effect=found[worst].effect,
        n=n * len(batch),
        resolution=max(method.detectable(n, alpha, beta) for method in methods),
        impossible="; ".join(impossible),
        notes={"row": float(worst)},
        seen=f"row {worst} of {len(batch)} is {found[worst].effect:.2g} off its own law in total variation, "
        f"{n:,} steps, {scenario.case.words}",
        exhibit=shown.shared(found[worst].exhibit, len(batch), f"Law of row {worst} of {len(batch)}"),
    )
