"""A row of a batch neither depends on its place, on the batch's size and on its neighbours, nor shares their noise."""

from __future__ import annotations

from collections.abc import Iterable

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check
from harness.samplers.registry import Sampler
from suites.calling.batches import TOLERANCE, any_place, any_two_rows
from suites.calling.bits import fine
from suites.families.asking import Question, asked, put, scenarios
from suites.families.rows import ASKED

ORDER = 92
QUESTIONS = {
    "any-place": Question(
        "a row has the law of its own logits at any place of any batch",
        "total variation",
        any_place,
        TOLERANCE["any-place"],
    ),
    "any-two-rows": Question(
        "no two rows of a batch share their noise", "share of draws repeated", any_two_rows, TOLERANCE["any-two-rows"]
    ),
}


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield both questions of a batch sampler; of half precision, whether two rows of categories share their noise."""
    for scenario in scenarios(sampler, emits, cases if sampler.batch else (), ASKED, coarse=True):
        questions = {name: one for name, one in QUESTIONS.items() if name != "any-place" or fine(scenario)}
        yield from put("batches", scenario, asked(scenario, options), questions)
