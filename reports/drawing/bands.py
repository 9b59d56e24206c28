"""What is allowed at the check's level is shaded with a dashed edge; the tolerance is dotted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reports.drawing.style import INK, MUTED, WIDE
from reports.words import number

DOTTED: dict[str, Any] = {"color": INK, "linewidth": 1.0, "linestyle": (0, (1, 2))}


def level(record: Mapping[str, Any]) -> float:
    """Return the check's alpha; NaN where a record has none."""
    alpha = record.get("alpha")
    return float(alpha) if isinstance(alpha, int | float) and 0 < alpha < 1 else math.nan


def tolerance_of(record: Mapping[str, Any]) -> float:
    """Return the check's tolerance; 0 where a record has none."""
    value = record.get("tolerance")
    return float(value) if isinstance(value, int | float) and math.isfinite(value) and value > 0 else 0.0


def allowed(record: Mapping[str, Any]) -> Artist:
    """Return the key of the allowed range."""
    label = f"allowed at α = {number(level(record))}"
    return Patch(facecolor=WIDE, edgecolor=MUTED, linestyle="--", linewidth=0.7, label=label)


def tolerance(record: Mapping[str, Any]) -> Artist:
    """Return the key of the tolerance."""
    return Line2D([], [], label=f"tolerance {number(tolerance_of(record))}", **DOTTED)
