"""A row of a batch neither depends on its place, on the batch's size and on its neighbours, nor shares their noise."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.questions.law import masses
from harness.samplers.registry import CONTINUOUS, Sampler
from suites.calling.batches import TOLERANCE, any_place, any_two_rows
from suites.calling.bits import CELLS, fine
from suites.calling.doors import Asked
from suites.families.ks import dimension
from suites.families.rows import ASKED

ORDER = 92
QUESTIONS = {
    "any-place": ("a row has the law of its own logits at any place of any batch", "total variation", any_place),
    "any-two-rows": ("no two rows of a batch share their noise", "share of draws repeated", any_two_rows),
}
"""Why, the unit, and how."""


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield both questions of a batch sampler; none of half precision."""
    for case in cases if sampler.batch else ():
        scenario = Scenario(sampler, emits, case)
        if ASKED not in case.asks or not fine(scenario):
            continue
        continuous = emits in CONTINUOUS
        p = np.full(CELLS, 1 / CELLS) if continuous else masses(case, sampler.dtype)
        asked = Asked(scenario, p / p.sum(), dimension(emits, case) if continuous else 1, options.level, options.beta)
        for name, (why, unit, compute) in QUESTIONS.items():
            yield Check(
                name=f"batches/{scenario.name}/{name}",
                suite="batches",
                why=why,
                compute=partial(compute, asked),
                computed_method=name,
                computed_unit=unit,
                subject=scenario,
                tolerance=TOLERANCE[name],
            )
