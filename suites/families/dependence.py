"""Draws know nothing of each other at any distance, in any coordinate, by twos or threes, and scatter as chance does."""

from __future__ import annotations

from collections.abc import Iterable

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check
from harness.samplers.registry import Sampler
from suites.calling import scatter, threes
from suites.calling.dependence import TOLERANCE, across_calls, many_calls, one_call
from suites.families.asking import Question, asked, put, scenarios

ORDER = 85
ASKED = "dependence"
QUESTIONS = {
    "every-distance": Question(
        "no coordinate of a draw knows of any of another draw of its call, however far apart, and no block comes again",
        "share of draws repeated",
        one_call,
        TOLERANCE["every-distance"],
    ),
    "across-calls": Question(
        "no coordinate of a draw knows of any in another call of forty (what comes back after more, up to 65,536 of them, "
        "is asked in the full profile alone)",
        "share of draws repeated",
        across_calls,
        TOLERANCE["across-calls"],
    ),
    "many-calls": Question(
        "a generator does not come back after 65,536 calls, or after fewer",
        "share of calls repeated",
        many_calls,
        TOLERANCE["many-calls"],
        "full",
        10.0,
    ),
    "threes": Question(
        "no two draws of a call determine a third", "share of draws determined", threes.threes, threes.TOLERANCE
    ),
    "scatter": Question(
        "counts of consecutive draws scatter as chance does: they neither clump nor fit too well",
        "share of the variance",
        scatter.scatter,
        scatter.TOLERANCE,
    ),
}


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the questions for each form, the posterior among them; none of half precision, whose cells are not even."""
    for scenario in scenarios(sampler, emits, cases, ASKED):
        yield from put("dependence", scenario, asked(scenario, options), QUESTIONS)
