"""Distribution functions: empirical minus uniform against u, the worst coordinate in front, within Massart's band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from reports.drawing import bands
from reports.drawing.arrays import Floats, extremes, floats
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, MUTED, WIDE, look
from reports.drawing.tested import parts
from reports.words import counted, number

TITLE = "Empirical minus exact distribution function"
_BEHIND = 60
"""Points of a curve behind the worst one: the farthest from zero in each stretch."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw the difference curves; a coordinate with other draws is scaled to the worst one's band."""
    part = parts(exhibit, "massart")[0]
    u, curves, peak = floats(exhibit["u"]), floats(exhibit["difference"]), floats(exhibit["peak"])
    totals, worst, half = floats(exhibit["n"]), int(exhibit.get("worst", 0)), float(part.high[0])
    outside, tolerance = bool(part.outside[0]), bands.tolerance_of(sheet.record)
    key = [*_key(part.names[0], len(curves), outside), bands.allowed(sheet.record), bands.tolerance(sheet.record)]
    (axes,) = sheet.panels(key=key)
    _band(axes, half, tolerance)
    for i, curve in enumerate(curves):
        if i != worst:
            scaled = curve * np.sqrt(totals[i] / totals[worst])
            at = extremes(scaled, _BEHIND)
            axes.plot([0, *u[at], 1], [0, *scaled[at], 0], color=MUTED, linewidth=0.8)
    at = np.argsort([*u, peak[0]], kind="stable")
    front = np.array([*curves[worst], peak[1]])[at]
    axes.plot([0, *np.array([*u, peak[0]])[at], 1], [0, *front, 0], color=look(0).color, linewidth=1.5)
    axes.plot(*peak, look(int(outside)).marker, color=look(int(outside)).color, markersize=5.5)
    _limits(axes, [curves, peak[1:]], max(half, tolerance))
    scale(axes, "x", "u, the exact distribution function at the draws")
    scale(axes, "y", "empirical minus u")
    coordinates = int(exhibit.get("coordinates") or len(curves))
    return (
        f"{part.names[0].capitalize()} of {counted(coordinates, 'coordinate')}: the largest deviation, "
        f"{number(float(part.observed[0]))} at u = {number(float(peak[0]))}, lies {'outside' if outside else 'within'} the "
        f"band that α allows, {number(half)} on either side."
    )


def _band(axes: Any, half: float, tolerance: float) -> None:
    axes.axhspan(-half, half, color=WIDE, linewidth=0)
    for edge in (-half, half):
        axes.axhline(edge, color=MUTED, linewidth=0.7, linestyle="--")
    for sign in (-1, 1) if tolerance else ():
        axes.axhline(sign * tolerance, **bands.DOTTED)
    axes.axhline(0, color=INK, linewidth=0.8)


def _limits(axes: Any, curves: list[Floats], half: float) -> None:
    reach = 1.12 * max(half, *(float(np.nanmax(np.abs(curve))) for curve in curves))
    axes.set_ylim(-reach, reach)
    axes.set_xlim(0, 1)


def _key(name: str, count: int, outside: bool) -> list[Artist]:
    style = look(int(outside))
    front = Line2D(
        [], [], color=look(0).color, marker=style.marker, markerfacecolor=style.color, markeredgecolor=style.color
    )
    front.set_label(f"{name}, maximum marked" if count > 1 else "difference, maximum marked")
    return [front, Line2D([], [], color=MUTED, linewidth=0.8, label="others")] if count > 1 else [front]
