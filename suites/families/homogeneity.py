"""Two samplers of the same law against each other, with no law in between."""

from __future__ import annotations

from collections.abc import Iterable

from harness.draws import measurements
from harness.methods import Homogeneity
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.questions.law import masses
from harness.samplers.registry import Sampler, get

ORDER = 120
REFERENCE = "direct"
ASKED = "homogeneity"


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the categories of every other sampler against those of the direct one."""
    for case in cases:
        if sampler.name == REFERENCE or emits == "simplex" or ASKED not in case.asks or sampler.dtype != "float64":
            continue
        p = masses(case)
        counted = measurements.category_counts(p.size)
        yield Check(
            name=f"homogeneity/{sampler.name}/{emits}/{case.name}",
            suite="homogeneity",
            why=f"{sampler.name} and {REFERENCE} must agree, whatever the law",
            inputs=((Scenario(sampler, emits, case), counted), (Scenario(get(REFERENCE), "index", case), counted)),
            method=Homogeneity(p),
            tolerance=2 * case.tolerance_for(options.tolerance),
        )
