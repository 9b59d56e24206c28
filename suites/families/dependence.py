"""Draws know nothing of each other at any distance, in any coordinate, by twos or threes, and scatter as chance does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.law import masses
from harness.samplers.registry import CONTINUOUS, Sampler
from suites.calling.bits import CELLS, fine
from suites.calling.dependence import TOLERANCE, Draws, across_calls, many_calls, one_call, scatter, threes
from suites.families.ks import dimension

ORDER = 85
ASKED = "dependence"
QUESTIONS: dict[str, tuple[str, str, Callable[[Draws, np.random.Generator], Evidence]]] = {
    "every-distance": (
        "no coordinate of a draw knows of any of another draw of its call, however far apart, and no block comes again",
        "share of draws repeated",
        one_call,
    ),
    "across-calls": (
        "no coordinate of a draw knows of any in another call of forty (what comes back after more, up to 65,536 of them, "
        "is asked in the full profile alone)",
        "share of draws repeated",
        across_calls,
    ),
    "many-calls": (
        "a generator does not come back after 65,536 calls, or after fewer",
        "share of calls repeated",
        many_calls,
    ),
    "threes": ("no two draws of a call determine a third", "share of draws determined", threes),
    "scatter": (
        "counts of consecutive draws scatter as chance does: they neither clump nor fit too well",
        "share of the variance",
        scatter,
    ),
}
"""Why, the unit, and how."""
DEAR = {"many-calls": 10.0}
"""Seconds of what the full profile alone can pay."""


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the questions for each form, the posterior among them; none of half precision, whose cells are not even."""
    for case in cases:
        scenario = Scenario(sampler, emits, case)
        if ASKED not in case.asks or not fine(scenario):
            continue
        continuous = emits in CONTINUOUS
        d = dimension(emits, case) if continuous else 1
        cells = CELLS if continuous else int((masses(case, sampler.dtype) > 0).sum())
        draws = Draws(scenario, d, cells, options.level, options.beta)
        for name, (why, unit, compute) in QUESTIONS.items():
            yield Check(
                name=f"dependence/{scenario.name}/{name}",
                suite="dependence",
                why=why,
                compute=partial(compute, draws),
                computed_method=name,
                computed_unit=unit,
                subject=scenario,
                tolerance=TOLERANCE[name],
                seconds=DEAR.get(name, 0.0),
                profile="full" if name in DEAR else "quick",
            )
