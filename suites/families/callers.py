"""Whoever calls, with whatever seed, from a fresh or one of many threads or in a fresh process, gets draws of his own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.samplers.registry import CONTINUOUS, Sampler
from suites.calling import callers
from suites.calling.bits import CELLS, fine
from suites.calling.dependence import Draws
from suites.families.ks import dimension

ORDER = 97
ASKED = "callers"
CHANCE = "share of draws that agree"
QUESTIONS: dict[str, tuple[str, str, Callable[[Draws, np.random.Generator], Evidence]]] = {
    "same-seed": ("the same seed gives the same hundred thousand draws", "share of draws", callers.same_seed),
    "other-seeds": ("seeds that lie near each other give draws that do not", CHANCE, callers.other_seeds),
    "fresh-threads": (
        "a thread's first call gives what any call of its seed gives, and not what another thread got",
        CHANCE,
        callers.fresh_threads,
    ),
    "eight-threads": (
        "calls from eight threads at once give what each gives alone, as the sampler declares with threads=True",
        "share of calls",
        callers.eight_threads,
    ),
    "fresh-processes": (
        "a process's first call gives what any call of its seed gives, and not what another process got",
        CHANCE,
        callers.fresh_processes,
    ),
}
"""Why, the unit, and how."""
PROCESSES = "fresh-processes"
SECONDS = 1.0
"""What it takes to start them. Built-in samplers, which keep nothing between calls, are asked in the full profile alone."""


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the questions of a few cases: threads at once of samplers that declare them, chance where cells are even."""
    for case in cases:
        scenario = Scenario(sampler, emits, case)
        if ASKED not in case.asks or not fine(scenario):
            continue
        d = dimension(emits, case) if emits in CONTINUOUS else 1
        draws = Draws(scenario, d, CELLS, options.level, options.beta)
        for name, (why, unit, compute) in QUESTIONS.items():
            if name == "eight-threads" and not sampler.threads:
                continue
            yield Check(
                name=f"callers/{scenario.name}/{name}",
                suite="callers",
                why=why,
                compute=partial(compute, draws),
                computed_method=name,
                computed_unit=unit,
                subject=scenario,
                tolerance=callers.TOLERANCE[name],
                profile="full" if name == PROCESSES and sampler.trusted else "quick",
                seconds=SECONDS if name == PROCESSES else 0.0,
            )
