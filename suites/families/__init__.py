"""The suites that judge any sampler by what it declares to emit; one file each, listed here in the order of a report."""

from __future__ import annotations

from collections.abc import Mapping

from harness.questions.content import Suite
from suites.families import (
    calls,
    chi_square,
    density_integral,
    endpoints,
    homogeneity,
    independence,
    ks,
    metamorphic,
    noise,
    rows,
    support,
    sweep,
    tail,
    thresholds,
)

FAMILIES: Mapping[str, Suite] = {
    "support": support.checks,
    "endpoints": endpoints.checks,
    "metamorphic": metamorphic.checks,
    "chi_square": chi_square.checks,
    "thresholds": thresholds.checks,
    "tail": tail.checks,
    "ks": ks.checks,
    "density_integral": density_integral.checks,
    "independence": independence.checks,
    "rows": rows.checks,
    "calls": calls.checks,
    "noise": noise.checks,
    "homogeneity": homogeneity.checks,
    "sweep": sweep.checks,
}
