"""In a batch each row has the law of its own parameters, whatever those of the other rows are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.bind import called, checked
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.law import masses
from harness.questions.precision import rounded
from harness.samplers.per_row import for_rows
from harness.samplers.registry import Sampler
from harness.statistics import Counts

ORDER = 91
TOLERANCE = 0.05
WIDTH = 8
"""Categories of every row: cases of more are left out, cases of fewer are filled up with masked ones."""
GREEDY = "greedy"
REQUESTS = Case("requests", "requests of one batch, each with logits and parameters of its own", partial(np.zeros, 2))


@dataclass(frozen=True)
class Request:
    """A row of a batch: its name, its (K,) logits, the values of the stages that are on, and its law (K,)."""

    name: str
    logits: Floats
    settings: Mapping[str, float]
    law: Floats


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield checks of a sampler with parameters for each row: cases side by side, in batches of several kinds."""
    if emits != "index" or not sampler.form(emits).terms.per_row:
        return
    scenario = Scenario(sampler, emits, REQUESTS)
    for name, batch in batches(tuple(requests(cases, sampler.dtype))).items():
        yield Check(
            name=f"row_parameters/{scenario.name}/{name}",
            suite="row_parameters",
            why="a row draws with its own temperature, top_k, top_p, ..., whatever those of the other rows are",
            compute=partial(evidence, scenario, batch, options.level / len(batch), options.beta),
            computed_method="chi-square of rows",
            computed_unit="total variation",
            subject=scenario,
            tolerance=TOLERANCE,
        )


def requests(cases: Iterable[Case], dtype: str) -> Iterable[Request]:
    """Yield the truncated cases that have one law, and the logits of each with all stages off, once."""
    plain: set[bytes] = set()
    for case in cases:
        if not case.settings or case.logits.size > WIDTH or case.open:
            continue
        logits = _filled(case.logits, -np.inf)
        seen = rounded(case.logits, dtype)
        if logits.tobytes() not in plain:
            plain.add(logits.tobytes())
            bare = Case(f"{case.name}-off", "", case.build)
            yield Request(f"{case.name}, all off", logits, {}, _filled(masses(bare, dtype), 0.0))
        laws = case.laws_of(seen)
        if len(laws) == 1:
            yield Request(case.name, logits, dict(case.settings), _filled(laws[0], 0.0))


def _filled(values: Floats, by: float) -> Floats:
    return np.concatenate([values, np.full(WIDTH - values.size, by)])


def batches(every: tuple[Request, ...]) -> dict[str, tuple[Request, ...]]:
    """Return batches by name: all requests, in the other order, and each beside one that is off or greedy."""
    if len(every) < 2:
        return {}
    found = {"mixed": every, "reversed": every[::-1], "beside-off": _between(every, every[0])}
    greedy = [one for one in every if one.name == GREEDY]
    return found | ({"beside-greedy": _between(every, greedy[0])} if greedy else {})


def _between(every: Sequence[Request], other: Request) -> tuple[Request, ...]:
    return tuple(row for one in every[1:] for row in (one, other))


def given(batch: Sequence[Request], stages: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return the (B,) values of each stage."""
    return {stage: for_rows(stage, [one.settings.get(stage) for one in batch], WIDTH) for stage in stages}


def evidence(
    scenario: Scenario, batch: Sequence[Request], alpha: float, beta: float, rng: np.random.Generator
) -> Evidence:
    """Return the chi-square of the row that fits worst, Bonferroni over the rows; and whose parameters it would fit."""
    methods = [ChiSquare(one.law) for one in batch]
    n = max(method.required(TOLERANCE, alpha, beta) for method in methods)
    draws, changed = _drawn(scenario, batch, n, rng)
    if changed or draws.min() < 0 or draws.max() >= WIDTH:
        return Evidence(n=n * len(batch), impossible=changed or f"index {draws.min()} to {draws.max()}: out of range")
    counts = [Counts.of(np.ascontiguousarray(draws[:, row]), (WIDTH,)) for row in range(len(batch))]
    found = [method.evidence((one,), rng) for method, one in zip(methods, counts, strict=True)]
    p_values = [0.0 if one.impossible else 1.0 if one.p_value is None else one.p_value for one in found]
    worst = int(np.argmin(p_values))
    name = f"row {worst} ({batch[worst].name})"
    p_value = min(1.0, len(batch) * p_values[worst])
    fits = _fits(batch, worst, counts[worst], alpha, rng) if p_values[worst] <= alpha else ""
    return Evidence(
        statistic=found[worst].statistic,
        p_value=p_value,
        effect=found[worst].effect,
        n=n * len(batch),
        resolution=max(method.detectable(n, alpha, beta) for method in methods),
        impossible=f"{name}: {found[worst].impossible}{fits}" if found[worst].impossible else "",
        exhibit=found[worst].exhibit,
        notes={"row": name + fits},
    )


def _drawn(scenario: Scenario, batch: Sequence[Request], n: int, rng: np.random.Generator) -> tuple[NDArray[Any], str]:
    """Return (n, B) draws, and in words what the sampler changed that is not its own."""
    form = scenario.sampler.form(scenario.emits)
    logits = np.stack([one.logits for one in batch])
    parameters = given(batch, form.stages)
    with np.errstate(all="ignore"):
        made = called(form.draw, logits, n, rng, parameters)
    draws = checked(made, n, scenario.emits, WIDTH, len(batch))
    unchanged = all(np.array_equal(parameters[name], due) for name, due in given(batch, form.stages).items())
    return draws, "" if unchanged else "changed the parameters that it was given"


def _fits(batch: Sequence[Request], worst: int, counts: Counts, alpha: float, rng: np.random.Generator) -> str:
    """Say whose parameters a row's counts would fit, of the nearest rows of the same logits."""
    for row in sorted(range(len(batch)), key=lambda row: abs(row - worst)):
        same = np.array_equal(batch[row].logits, batch[worst].logits)
        if not same or np.array_equal(batch[row].law, batch[worst].law):
            continue
        seen = ChiSquare(batch[row].law).evidence((counts,), rng)
        if not seen.impossible and (seen.p_value or 0.0) > alpha:
            return f"; the counts fit the parameters of row {row} ({batch[row].name})"
    return ""
