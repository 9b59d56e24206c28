"""Contours of a surface over the points drawn from it; the greater the level, the heavier its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from reports.drawing.arrays import Floats, floats, span, thin
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, look
from reports.words import counted, number

TITLE = "Density contours over the draws"
_LEVELS = 6


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw the points, then equally spaced contours over them."""
    x, y, z = (floats(exhibit[name]) for name in ("x", "y", "z"))
    points = floats(exhibit.get("points")).reshape(-1, 2)
    points = points[thin(len(points))]
    low, high = span(z)
    levels = low + (high - low) * np.arange(1, _LEVELS + 1) / (_LEVELS + 1)
    (axes,) = sheet.panels(230, key=_key(levels, len(points)))
    axes.plot(points[:, 0], points[:, 1], "o", color=look(5).color, markersize=2.4, linestyle="none")
    if high > low:
        axes.contour(x, y, z, levels=levels, colors=INK, linewidths=np.linspace(0.5, 1.7, _LEVELS), linestyles="solid")
    axes.set(xlim=span(x), ylim=span(y))
    scale(axes, "x", str(exhibit.get("x_label", "x")))
    scale(axes, "y", str(exhibit.get("y_label", "y")))
    row, column = np.unravel_index(int(np.nanargmax(z)), z.shape)
    return (
        f"Contours of a surface whose maximum {number(high)} is at ({number(float(x[column]))}, {number(float(y[row]))}), "
        f"with {counted(len(points), 'point')}."
    )


def _key(levels: Floats, points: int) -> list[Artist]:
    values = ", ".join(number(float(level), 2) for level in levels)
    line = Line2D([], [], color=INK, linewidth=1.1, label=f"density {values}: the greater, the heavier")
    dots = Line2D(
        [], [], color=look(5).color, marker="o", markersize=3, linestyle="none", label=counted(points, "draw")
    )
    return [line, dots]
