"""A sampler has two doors, its function and a prepared fill, and calls of one to eight draws come through either."""

from __future__ import annotations

from collections.abc import Iterable

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check
from harness.samplers.registry import Sampler
from suites.calling.doors import TOLERANCE, prepared, short_calls
from suites.families.asking import Question, asked, put, scenarios

ORDER = 102
ASKED = "doors"
SHORT = {
    "short-calls": Question(
        "calls of one to eight draws have the law of all others, in every coordinate",
        "total variation",
        short_calls,
        TOLERANCE["short-calls"],
    )
}
PREPARED = {
    "prepared": Question(
        "the function and what it prepares draw one law, in calls of any size",
        "total variation",
        prepared,
        TOLERANCE["prepared"],
    )
}


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield short calls of every form, and both doors of those that have two; none of half precision."""
    questions = SHORT | (PREPARED if emits in sampler.forms and sampler.form(emits).prepare is not None else {})
    for scenario in scenarios(sampler, emits, cases, ASKED):
        yield from put("doors", scenario, asked(scenario, options), questions)
