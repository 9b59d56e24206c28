"""At a threshold several laws are right: ties may break either way, and a sum may meet its threshold or miss it."""

from __future__ import annotations

from collections.abc import Iterable

from harness.draws import measurements
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.samplers.registry import Sampler
from suites.families.conventions import one_of

ORDER = 45


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield one check for every case in which the declared convention allows more than one law."""
    for case in cases:
        if not case.open:
            continue
        yield Check(
            name=f"thresholds/{sampler.name}/{emits}/{case.name}",
            suite="thresholds",
            why=case.why,
            inputs=((Scenario(sampler, emits, case), measurements.category_counts(case.logits.size)),),
            method=one_of(case, sampler.dtype),
        )
