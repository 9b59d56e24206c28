"""A suite that calls a sampler itself puts its questions to a few cases; one builder makes the check of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.law import masses
from harness.samplers.registry import CONTINUOUS, Sampler
from suites.calling.afford import within_reason
from suites.calling.asked import Asked
from suites.calling.bits import CELLS, fine
from suites.families.ks import dimension


@dataclass(frozen=True)
class Question:
    """What is asked and why, in which unit, and how large a deviation in it must not be missed.

    ``compute`` takes what it is put to, and a generator. One that takes long says in ``seconds`` how long, about.
    """

    why: str
    unit: str
    compute: Callable[[Any, np.random.Generator], Evidence]
    tolerance: float
    profile: str = "quick"
    seconds: float = 0.0


def put(suite: str, scenario: Scenario, to: object, questions: Mapping[str, Question]) -> Iterator[Check]:
    """Yield the check of each question, named after suite, scenario and question; what would take too long says so."""
    for name, question in questions.items():
        yield Check(
            name=f"{suite}/{scenario.name}/{name}",
            suite=suite,
            why=question.why,
            compute=partial(within_reason, question.compute, to),
            computed_method=name,
            computed_unit=question.unit,
            subject=scenario,
            tolerance=question.tolerance,
            profile=question.profile,
            seconds=question.seconds,
        )


def scenarios(
    sampler: Sampler, emits: str, cases: Iterable[Case], word: str, *, coarse: bool = False
) -> Iterator[Scenario]:
    """Yield the cases that ask for a suite by its word; none in half precision, where cells are not even.

    ``coarse`` says that the suite allows for that as far as categories go.
    """
    for case in cases:
        scenario = Scenario(sampler, emits, case)
        if word in case.asks and (fine(scenario) or (coarse and emits == "index")):
            yield scenario


def asked(scenario: Scenario, options: Options) -> Asked:
    """Return a scenario with its cells: categories and rows as they are, uniforms in equal parts."""
    emits, case = scenario.emits, scenario.case
    if emits in CONTINUOUS:
        return Asked(scenario, np.full(CELLS, 1 / CELLS), dimension(emits, case), options.level, options.beta)
    p = masses(case, scenario.sampler.dtype)
    return Asked(scenario, p / p.sum(), 1, options.level, options.beta)
