"""Points within what the check's level allows at each place, shaded with a dashed edge; what is outside has its own mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reports.drawing import bands
from reports.drawing.arrays import Floats, matched
from reports.drawing.sheet import Sheet, scale
from reports.drawing.stems import marks
from reports.drawing.style import INK, MUTED, WIDE, look
from reports.drawing.tested import Part
from reports.words import counted, number, plain

TITLE = "What was seen, within what is allowed"
_FEW = 60
"""So few points are large."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw each point at its place, and what is due and allowed there; several points may share a place."""
    x, y, due, low, high = matched(*(exhibit.get(name) for name in ("x", "y", "due", "low", "high")))
    if not np.isfinite(y).any():
        raise ValueError("no point is finite")
    log_x, log_y = bool(exhibit.get("log_x")), bool(exhibit.get("log_y"))
    part = Part([number(float(at)) for at in x], y, due, low, high, np.ones_like(y), True, y.size)
    (axes,) = sheet.panels(190, key=[bands.allowed(sheet.record), *marks(part)])
    scale(axes, "x", str(exhibit.get("x_label", "")), log=log_x, grid=True)
    scale(axes, "y", str(exhibit.get("y_label", "")), log=log_y, grid=True)
    _, first = np.unique(x, return_index=True)
    _band(axes, x[first], due[first], low[first], high[first])
    for mask, style in ((~part.outside, look(0)), (part.outside, look(1))):
        size = 5.0 if y.size <= _FEW else 3.4
        axes.plot(x[mask], y[mask], style.marker, color=style.color, markersize=size, linestyle="none")
    axes.margins(x=0.02)
    return _said(part, x, plain(exhibit.get("what") or "points"), plain(exhibit.get("x_label", "")))


def _band(axes: Any, x: Floats, due: Floats, low: Floats, high: Floats) -> None:
    axes.fill_between(x, low, high, color=WIDE, linewidth=0)
    for edge in (low, high):
        axes.plot(x, edge, color=MUTED, linewidth=0.7, linestyle="--")
    axes.plot(x, due, color=INK, linewidth=0.8)


def _said(part: Part, x: Floats, what: str, place: str) -> str:
    """Say how many points lie outside, and of the farthest where it is and what is allowed there."""
    reach = np.where(part.observed < part.expected, part.expected - part.low, part.high - part.expected)
    i = int(np.nanargmax(np.abs(part.observed - part.expected) / np.maximum(reach, 1e-300)))
    return (
        f"{int(part.outside.sum())} of {counted(part.observed.size, 'point')} shown ({what}) lie outside what α allows; "
        f"the farthest out is {number(float(part.observed[i]))} at {number(float(x[i]))} {place}, where "
        f"{number(float(part.expected[i]))} is due and {number(float(part.low[i]))} to {number(float(part.high[i]))} "
        "is allowed."
    )
