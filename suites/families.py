"""The suites that judge any sampler by what it declares to emit; one file each, listed here in the order of a report."""

from __future__ import annotations

from collections.abc import Mapping

from harness.content import Suite
from suites import chi_square, density_integral, homogeneity, independence, ks, support

FAMILIES: Mapping[str, Suite] = {
    "support": support.checks,
    "chi_square": chi_square.checks,
    "ks": ks.checks,
    "density_integral": density_integral.checks,
    "independence": independence.checks,
    "homogeneity": homogeneity.checks,
}
