"""A sampler has two doors, its function and a prepared fill, and calls of one to eight draws come through either."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.questions.law import masses
from harness.samplers.registry import CONTINUOUS, Sampler
from suites.calling.bits import CELLS, fine
from suites.calling.doors import TOLERANCE, Asked, prepared, short_calls
from suites.families.ks import dimension

ORDER = 102
ASKED = "doors"


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield short calls of every form, and both doors of those that have two; none of half precision."""
    for case in cases:
        scenario = Scenario(sampler, emits, case)
        if ASKED not in case.asks or not fine(scenario):
            continue
        continuous = emits in CONTINUOUS
        p = np.full(CELLS, 1 / CELLS) if continuous else masses(case, sampler.dtype)
        asked = Asked(scenario, p / p.sum(), dimension(emits, case) if continuous else 1, options.level, options.beta)
        yield _check(
            "short-calls", "calls of one to eight draws have the law of all others, in every coordinate", asked
        )
        if sampler.form(emits).prepare is not None:
            yield _check("prepared", "the function and what it prepares draw one law, in calls of any size", asked)


def _check(name: str, why: str, asked: Asked) -> Check:
    return Check(
        name=f"doors/{asked.scenario.name}/{name}",
        suite="doors",
        why=why,
        compute=partial(short_calls if name == "short-calls" else prepared, asked),
        computed_method=name,
        computed_unit="total variation",
        subject=asked.scenario,
        tolerance=TOLERANCE[name],
    )
