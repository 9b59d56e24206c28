"""Continuous draws, sent to independent uniforms by the Rosenblatt transform: each coordinate, both tails, and jointly."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from harness.draws import measurements
from harness.methods import DyadicTails, KolmogorovSmirnov
from harness.methods.dyadic import factor_for
from harness.methods.ks import bins_for
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.questions.precision import UNDERFLOW, tail_bits, underflow
from harness.samplers.registry import CONTINUOUS, Sampler

ORDER = 60
LOWEST_TEMPERATURE = 0.05
"""Below this temperature coordinates of the simplex underflow to 0 and no longer tell which draw they were."""


def resolved(scenario: Scenario) -> bool:
    """Tell whether coordinates of draws are what was drawn: in the sampler's dtype next to none underflows."""
    case = scenario.case
    if case.temperature is not None and case.temperature < LOWEST_TEMPERATURE:
        return False
    return scenario.emits != "simplex" or underflow(case, scenario.sampler.dtype) < UNDERFLOW


def dimension(emits: str, case: Case) -> int:
    """Return the number of Rosenblatt coordinates of a draw."""
    possible = int(np.isfinite(case.logits).sum())
    return possible - 1 if emits == "simplex" else possible


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield KS, dyadic tails and the joint KS for every continuous case."""
    for case in cases if emits in CONTINUOUS else ():
        d = dimension(emits, case)
        scenario, tolerance = Scenario(sampler, emits, case), case.tolerance_for(options.tolerance)
        if d == 0 or not resolved(scenario):
            continue
        _, repeats = measurements.coordinates(d)
        bins = bins_for(tolerance, len(repeats))
        binned = (scenario, measurements.uniform_bins(d, bins))
        stem = f"{sampler.name}/{emits}/{case.name}"
        yield Check(f"ks/{stem}", "ks", case.why, (binned,), KolmogorovSmirnov(bins, repeats))
        tails = DyadicTails(bins, repeats, tail_bits(sampler.dtype))
        yield Check(f"ks/{stem}/tails", "ks", case.why, (binned,), tails, tolerance=factor_for(tolerance))
        if d > 1:
            bins = bins_for(tolerance)
            joint = (scenario, measurements.joint_bins(d, bins))
            yield Check(f"ks/{stem}/joint", "ks", case.why, (joint,), KolmogorovSmirnov(bins, (1, 1), name="joint ks"))
