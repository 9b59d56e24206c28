"""No draw may be impossible: out of range, of probability zero, off the simplex, infinite, or not a number."""

from __future__ import annotations

from collections.abc import Iterable

from harness.draws import measurements
from harness.methods import SupportMethod
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.samplers.registry import Sampler

ORDER = 10


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield one check for every case."""
    for case in cases:
        yield Check(
            name=f"support/{sampler.name}/{emits}/{case.name}",
            suite="support",
            why=case.why,
            inputs=((Scenario(sampler, emits, case), measurements.support()),),
            method=SupportMethod(),
            tolerance=options.tolerance,
        )
