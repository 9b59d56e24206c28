"""Distribution functions: empirical minus uniform against u, the worst coordinate in front, with Massart's bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from reports.drawing import bands
from reports.drawing.arrays import Floats, extremes, floats, largest
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, MUTED, NARROW, WIDE, look
from reports.words import number

TITLE = "Empirical minus exact distribution function"
_BEHIND = 60
"""Points of a curve behind the worst one: the farthest from zero in each stretch."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw the difference curves; a coordinate with other draws is scaled to the worst one's bands."""
    u, curves = floats(exhibit["u"]), floats(exhibit["difference"])
    totals, worst = floats(exhibit["n"]), int(exhibit.get("worst", 0))
    worst = worst if worst < len(curves) else 0
    n, front = float(totals[worst]), curves[worst]
    halves = [bands.ecdf_bound(alpha, n, len(curves)) for alpha in (bands.EVERYDAY, bands.level(sheet.record))]
    (axes,) = sheet.panels(key=[*_key(worst, len(curves)), *bands.key(sheet.record)])
    _bands(axes, halves)
    for i, curve in enumerate(curves):
        if i != worst:
            scaled = curve * np.sqrt(totals[i] / n)
            at = extremes(scaled, _BEHIND)
            axes.plot(u[at], scaled[at], color=MUTED, linewidth=0.6)
    axes.plot([0, *u, 1], [0, *front, 0], color=look(0).color, linewidth=1.5)
    peak = largest(front)
    axes.plot(u[peak], front[peak], "o", color=look(1).color, markersize=5)
    _limits(axes, curves, halves[1])
    scale(axes, "x", "u, the exact distribution function at the draws")
    scale(axes, "y", "empirical minus u")
    return (
        f"Coordinate {worst} of {len(curves)}: largest deviation {number(float(front[peak]))} at u = "
        f"{number(float(u[peak]))}; half-width of the 95 % band {number(halves[0])}, of the band at the check's level "
        f"{number(halves[1])}."
    )


def _bands(axes: Any, halves: list[float]) -> None:
    axes.axhspan(-halves[1], halves[1], color=WIDE, linewidth=0)
    axes.axhspan(-halves[0], halves[0], color=NARROW, linewidth=0)
    for edge in (-halves[1], halves[1]):
        axes.axhline(edge, color=MUTED, linewidth=0.7, linestyle="--")
    axes.axhline(0, color=INK, linewidth=0.8)


def _limits(axes: Any, curves: Floats, half: float) -> None:
    reach = 1.12 * max(half, float(np.nanmax(np.abs(curves))))
    axes.set_ylim(-reach, reach)
    axes.set_xlim(0, 1)


def _key(worst: int, count: int) -> list[Artist]:
    front = Line2D(
        [], [], color=look(0).color, marker="o", markerfacecolor=look(1).color, markeredgecolor=look(1).color
    )
    front.set_label(f"coordinate {worst}, maximum marked" if count > 1 else "difference, maximum marked")
    others = Line2D([], [], color=MUTED, linewidth=0.6, label="others")
    return [front, others] if count > 1 else [front]
