"""What each suite asks, in a sentence: a family says it in its module, of what claims bring themselves it stands here."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from suites.families import FAMILIES

OWN = {
    "binomial": "How often something happens in draws made for a claim, by exact binomials.",
    "calibration": "Among draws in a cell, what the claim says of them happens as often as it says.",
    "derivation": "Every line of a derivation follows from the line before it, at many points.",
    "identity": "Two sides of an equation agree at many points, as far as rounding allows.",
    "mean": "A mean of draws against the value claimed, within Bernstein's bound.",
    "moments": "Means and variances of draws against those claimed, within Bernstein's bound.",
    "quadrature": "An integral against what it should be, within the bound on its own error.",
    "simulation": "Draws made for a claim show what it says, chance being bounded.",
}


def _asks() -> Mapping[str, str]:
    documented = {name: (sys.modules[suite.__module__].__doc__ or "").splitlines() for name, suite in FAMILIES.items()}
    return OWN | {name: lines[0] for name, lines in documented.items() if lines}


ASKS = _asks()
