"""The unit square: groups of points, each with its own marker, and the boundary between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from reports.drawing.arrays import Floats, floats, matched, thin
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, look
from reports.words import counted, plain

TITLE = "Points in the unit square"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw the groups and, if given, their boundary."""
    groups = [(plain(group.get("label", "")), _points(group)) for group in exhibit.get("groups") or []]
    boundary = exhibit.get("boundary") or {}
    marks = [_mark(i, label) for i, (label, _) in enumerate(groups)]
    key: list[Artist] = [Line2D([], [], label=label, **style) for label, style in marks]
    line = matched(boundary.get("u1"), boundary.get("u2"))
    if line[0].size:
        key.append(Line2D([], [], color=INK, linewidth=1.6, label=plain(boundary.get("label", "boundary"))))
    (axes,) = sheet.panels(250, key=key, square=True)
    for (_, style), (_, points) in zip(marks, groups, strict=True):
        axes.plot(points[:, 0], points[:, 1], **style)
    axes.plot(*line, color=INK, linewidth=1.6)
    scale(axes, "x", "u₁")
    scale(axes, "y", "u₂")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for side in ("top", "right"):
        axes.spines[side].set_visible(True)
    said = "; ".join(f"{counted(len(points), 'point')} of {label!r}" for label, points in groups)
    split = f", divided by {plain(boundary.get('label', 'a boundary'))}" if line[0].size else ""
    return f"The unit square with {said or 'no points'}{split}."


def _points(group: Mapping[str, Any]) -> Floats:
    points = floats(group.get("points")).reshape(-1, 2)
    return points[thin(len(points))]


def _mark(i: int, label: str) -> tuple[str, dict[str, Any]]:
    """Markers alternate between filled discs and open shapes, so that two groups differ without colour."""
    color = look(i).color
    face = color if i % 2 == 0 else "none"
    style = {"color": color, "markerfacecolor": face, "marker": look(i).marker, "linestyle": "none", "markersize": 3.4}
    return label, {**style, "markeredgewidth": 0.8}
