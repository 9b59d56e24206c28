"""Named curves with their bands or intervals, points or steps, and lines to hold them against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from reports.drawing.arrays import Floats, matched, span, thin
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, PAPER, Look, look
from reports.words import number, plain

TITLE = "Curves"
_MARKED = 25
"""A line of at most so many points shows them."""
_FEW = 60
"""So few points are large; more are small. Every second series is hollow, so that small ones differ without colour too."""
_LINE_DASHES = ((0, (4, 2)), (0, (1, 1.5)), (0, (7, 2, 1, 2)), (0, (2, 2)))


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw all series that have a finite point, then the reference lines."""
    log_x, log_y = bool(exhibit.get("log_x")), bool(exhibit.get("log_y"))
    series = [_Series(i, given, log_x, log_y) for i, given in enumerate(exhibit.get("series") or [])]
    shown = [one for one in series if np.isfinite(one.y).any()]
    if not shown:
        raise ValueError("no curve has a finite point")
    lines = list(exhibit.get("lines") or [])
    key = [one.handle for one in shown] + [_line_handle(i, line) for i, line in enumerate(lines) if line.get("label")]
    (axes,) = sheet.panels(190, key=key)
    scale(axes, "x", str(exhibit.get("x_label", "")), log=log_x, grid=True)
    scale(axes, "y", str(exhibit.get("y_label", "")), log=log_y, grid=True)
    for one in shown:
        one.put(axes)
    for i, line in enumerate(lines):
        _put_line(axes, i, line)
    axes.margins(x=0.01 if any(one.style != "points" for one in shown) else 0.04)
    return " ".join(one.words for one in shown) + _said(lines)


class _Series:
    """One curve as it is drawn; on a logarithmic axis only positive numbers exist."""

    def __init__(self, i: int, given: Mapping[str, Any], log_x: bool, log_y: bool) -> None:
        self.look: Look = look(i)
        self.hollow = i % 2 == 1 and str(given.get("style", "line")) == "points"
        self.label = plain(given.get("label") or f"curve {i + 1}")
        self.style = str(given.get("style", "line"))
        x, y = matched(given.get("x"), given.get("y"))
        banded = given.get("low") is not None and given.get("high") is not None
        low, high = matched(given["low"], given["high"]) if banded else (y, y)
        size = min(x.size, low.size)
        at = thin(size)
        self.x = _positive(x[:size][at], log_x)
        self.y, self.low, self.high = (_positive(values[:size][at], log_y) for values in (y, low, high))
        self.banded = banded

    @property
    def marker(self) -> str:
        """Points always show; of a line only a few do."""
        return self.look.marker if self.style == "points" or self.x.size <= _MARKED else ""

    @property
    def handle(self) -> Artist:
        """The key's entry."""
        return Line2D([], [], label=self.label, **self._drawn())

    def _drawn(self) -> dict[str, Any]:
        color, line = self.look.color, "none" if self.style == "points" else self.look.dashes
        made = {
            "color": color,
            "linestyle": line,
            "marker": self.marker,
            "markersize": 5.5 if self.x.size <= _FEW else 3.8,
        }
        face, edge, width = ("none", color, 0.9) if self.hollow else (color, PAPER, 0.4)
        return {**made, "markerfacecolor": face, "markeredgecolor": edge, "markeredgewidth": width}

    def put(self, axes: Any) -> None:
        """Draw the interval, then the curve over it."""
        if self.banded and self.style == "points":
            axes.vlines(self.x, self.low, self.high, color=self.look.color, linewidth=1.0)
        elif self.banded:
            step = "post" if self.style == "steps" else None
            axes.fill_between(self.x, self.low, self.high, color=self.look.color, alpha=0.18, linewidth=0, step=step)
        steps = "steps-post" if self.style == "steps" else "default"
        axes.plot(self.x, self.y, drawstyle=steps, **self._drawn())

    @property
    def words(self) -> str:
        """Where the curve begins, ends, and how far it ranges."""
        finite = np.flatnonzero(np.isfinite(self.x) & np.isfinite(self.y))
        first, last = finite[0], finite[-1]
        low, high = span(self.y)
        return (
            f"{self.label}: from {number(float(self.y[first]))} at {number(float(self.x[first]))} to "
            f"{number(float(self.y[last]))} at {number(float(self.x[last]))}, between {number(low)} and {number(high)}."
        )


def _positive(values: Floats, log: bool) -> Floats:
    return np.where(values > 0, values, np.nan) if log else values


def _line_handle(i: int, line: Mapping[str, Any]) -> Artist:
    dashes = _LINE_DASHES[i % len(_LINE_DASHES)]
    return Line2D([], [], color=INK, linewidth=0.9, linestyle=dashes, label=plain(line["label"]))


def _put_line(axes: Any, i: int, line: Mapping[str, Any]) -> None:
    style: dict[str, Any] = {"color": INK, "linewidth": 0.9, "linestyle": _LINE_DASHES[i % len(_LINE_DASHES)]}
    if line.get("y") is not None:
        axes.axhline(float(line["y"]), **style)
    if line.get("x") is not None:
        axes.axvline(float(line["x"]), **style)


def _said(lines: list[Mapping[str, Any]]) -> str:
    named = [f"{plain(line['label'])} at {number(line.get('y', line.get('x')))}" for line in lines if line.get("label")]
    return f" Lines: {'; '.join(named)}." if named else ""
