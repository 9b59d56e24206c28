"""Contours of a surface over the points drawn from it; the greater the level, the heavier its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from reports.drawing.arrays import floats, span, thin
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, look
from reports.words import counted, number

TITLE = "Density contours over the draws"
_LEVELS = 6
_ROOM = 24.0
"""Points between two written levels, and half as many to the edge."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw the points, then equally spaced contours over them."""
    x, y, z = (floats(exhibit[name]) for name in ("x", "y", "z"))
    points = floats(exhibit.get("points")).reshape(-1, 2)
    points = points[thin(len(points))]
    low, high = span(z)
    levels = low + (high - low) * np.arange(1, _LEVELS + 1) / (_LEVELS + 1)
    (axes,) = sheet.panels(230, key=_key(len(points)))
    axes.plot(points[:, 0], points[:, 1], "o", color=look(5).color, markersize=2.4, linestyle="none")
    if high > low:
        drawn = axes.contour(
            x, y, z, levels=levels, colors=INK, linewidths=np.linspace(0.5, 1.7, _LEVELS), linestyles="solid"
        )
    axes.set(xlim=span(x), ylim=span(y))
    if high > low:
        _label(axes, drawn)
    scale(axes, "x", str(exhibit.get("x_label", "x")))
    scale(axes, "y", str(exhibit.get("y_label", "y")))
    row, column = np.unravel_index(int(np.nanargmax(z)), z.shape)
    return (
        f"Contours of a surface whose maximum {number(high)} is at ({number(float(x[column]))}, {number(float(y[row]))}), "
        f"with {counted(len(points), 'point')}."
    )


def _label(axes: Any, drawn: Any) -> None:
    """Write each level on its line where it is farthest from what is written already; where there is no room, nowhere."""
    placed: list[NDArray[np.float64]] = []
    for level, path in reversed(list(zip(drawn.levels, drawn.get_paths(), strict=True))):
        at = axes.transData.transform(path.vertices) if len(path.vertices) else np.empty((0, 2))
        low, high = axes.transAxes.transform([(0, 0), (1, 1)])
        kept = ((at > low + _ROOM / 2) & (at < high - _ROOM / 2)).all(axis=1)
        if not kept.any():
            continue
        far = np.min([np.hypot(*(at - one).T) for one in placed], axis=0) if placed else at[:, 0]
        i = int(np.argmax(np.where(kept, far, -1.0)))
        if not placed or far[i] > _ROOM:
            placed.append(at[i])
            axes.clabel(
                drawn, [level], fmt=lambda value: number(float(value), 2), fontsize=7, manual=[path.vertices[i]]
            )


def _key(points: int) -> list[Artist]:
    line = Line2D([], [], color=INK, linewidth=1.1, label="equal density, its value written on the line")
    dots = Line2D(
        [], [], color=look(5).color, marker="o", markersize=3, linestyle="none", label=counted(points, "draw")
    )
    return [line, dots]
