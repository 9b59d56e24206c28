"""What chance allows, at two levels: 95 % for the eye, and the check's own level, each for all that is shown at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.patches import Patch

from reports.drawing.style import MUTED, NARROW, WIDE
from reports.words import number

EVERYDAY = 0.05


def level(record: Mapping[str, Any]) -> float:
    """Return the check's alpha; where a record has none, the everyday one."""
    alpha = record.get("alpha")
    return float(alpha) if isinstance(alpha, int | float) and 0 < alpha < 1 else EVERYDAY


def normal_bound(alpha: float, tests: int) -> float:
    """Return z with P(any of so many normal scores is beyond +-z) <= alpha, by Bonferroni."""
    from scipy.special import ndtri

    return float(-ndtri(alpha / (2 * max(tests, 1))))


def ecdf_bound(alpha: float, n: float, tests: int) -> float:
    """Return the half-width sqrt(ln(2 / level) / 2n) for so many distribution functions at once, by Bonferroni.

    Massart 1990, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality", Corollary 1.
    """
    return math.sqrt(math.log(2 / (alpha / max(tests, 1))) / (2 * max(int(n), 1)))


def poisson_bounds(alpha: float, expected: float) -> tuple[float, float]:
    """Return the least and the greatest count whose Poisson tails both exceed alpha / 2."""
    from scipy.special import pdtrik

    low, high = pdtrik([alpha / 2, 1 - alpha / 2], expected)
    return float(math.ceil(low)), float(math.ceil(high))


def key(record: Mapping[str, Any]) -> list[Artist]:
    """Return the key of the two bands."""
    return [
        Patch(facecolor=NARROW, label="95 % band"),
        Patch(
            facecolor=WIDE, edgecolor=MUTED, linestyle="--", linewidth=0.7, label=f"band at α = {number(level(record))}"
        ),
    ]
