"""Categories against softmax(logits): an exact chi-square over all cells, and exact binomials of groups of cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.draws import measurements
from harness.methods import ChiSquare, PooledCells
from harness.methods.stages import stages_of
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.questions.law import masses
from harness.samplers.registry import ROWS, Sampler
from suites.families.conventions import one_of

ORDER = 40


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield both checks for every case in which the category is random and has one law; rows are judged by their argmax."""
    for case in cases:
        if case.observed is not None or case.open:
            continue
        scenario = Scenario(sampler, emits, case)
        p = masses(case, sampler.dtype)
        plain = of_counts(f"chi_square/{sampler.name}/{emits}/{case.name}", scenario, p)
        if case.settings:
            plain = replace(plain, method=one_of(case, sampler.dtype))
        elif emits in ROWS:
            plain = replace(plain, method=ChiSquare(p, stages=partial(stages_of, case, sampler.dtype)))
        yield plain
        if p.size > 2 and (p > 0).sum() > 1:
            yield Check(
                name=f"chi_square/{sampler.name}/{emits}/{case.name}/cells",
                suite="chi_square",
                why=case.why,
                inputs=((scenario, measurements.category_counts(p.size)),),
                method=PooledCells(p),
                tolerance=max(options.tolerance, case.pooled or 0.0),
            )


def of_counts(
    name: str, scenario: Scenario, probabilities: NDArray[np.float64], *, judges: bool = True, why: str = ""
) -> Check:
    """Return the chi-square check of the categories of a scenario against any probabilities (K,)."""
    return Check(
        name=name,
        suite="chi_square",
        why=why or scenario.case.why,
        inputs=((scenario, measurements.category_counts(probabilities.size)),),
        method=ChiSquare(probabilities),
        judges=judges,
    )
