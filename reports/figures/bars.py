"""Grouped bars with their intervals; each series has its own hatch, and long names turn the bars on their side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator

from reports.drawing.arrays import Floats, floats
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, PAPER, WIDTH, look
from reports.words import counted, number, plain, shorten

TITLE = "Values by category"
_LETTER = 5.0


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one group of bars a category."""
    names = [shorten(plain(name), 30) for name in exhibit["categories"]]
    series = list(exhibit.get("series") or [])
    values = [_fitted(one.get("values"), len(names)) for one in series]
    if not any(np.isfinite(row).any() for row in values):
        raise ValueError("no bar has a finite height")
    labels = [plain(one.get("label") or f"series {i + 1}") for i, one in enumerate(series)]
    axes, sideways = _panel(sheet, exhibit, names, labels)
    for i, (one, heights) in enumerate(zip(series, values, strict=True)):
        _put(axes, i, len(series), heights, one, sideways)
    return " ".join(_said(label, names, row) for label, row in zip(labels, values, strict=True))


def _panel(sheet: Sheet, exhibit: Mapping[str, Any], names: list[str], labels: list[str]) -> tuple[Any, bool]:
    key = [
        Patch(facecolor=look(i).color, edgecolor=PAPER, hatch=look(i).hatch, label=label)
        for i, label in enumerate(labels)
    ]
    longest = _LETTER * max(map(len, names))
    sideways = longest > (WIDTH - 74) / len(names) and len(names) <= 40 and longest > 20
    height = max(60.0, len(names) * max(14.0, 8.0 * len(labels) + 4)) if sideways else 170.0
    (axes,) = sheet.panels(height, key=key, left=longest + 30 if sideways else 58)
    across, along = ("y", "x") if sideways else ("x", "y")
    scale(axes, along, str(exhibit.get("y_label", "")), grid=True)
    scale(axes, across, str(exhibit.get("x_label", "")))
    _names(axes.yaxis if sideways else axes.xaxis, names)
    (axes.axvline if sideways else axes.axhline)(0, color=INK, linewidth=0.8)
    ends = (-0.6, len(names) - 0.4)
    if sideways:
        axes.set_ylim(*reversed(ends))
    else:
        axes.set_xlim(*ends)
    return axes, sideways


def _fitted(values: Any, size: int) -> Floats:
    given = floats(values)[:size]
    return np.pad(given, (0, size - given.size), constant_values=np.nan)


def _put(axes: Any, i: int, count: int, heights: Floats, one: Mapping[str, Any], sideways: bool) -> None:
    width = 0.8 / count
    at = np.arange(heights.size) - 0.4 + (i + 0.5) * width
    style = {"color": look(i).color, "edgecolor": PAPER, "linewidth": 0, "hatch": look(i).hatch}
    (axes.barh if sideways else axes.bar)(at, np.nan_to_num(heights), width * 0.94, **style)
    if one.get("low") is not None and one.get("high") is not None:
        low, high = _fitted(one["low"], heights.size), _fitted(one["high"], heights.size)
        (axes.hlines if sideways else axes.vlines)(at, low, high, color=INK, linewidth=1.2)


def _names(axis: Any, names: list[str]) -> None:
    step = -(-len(names) // 40)
    axis.set_major_locator(FixedLocator(list(range(0, len(names), step))))
    axis.set_major_formatter(FixedFormatter(names[::step]))


def _said(label: str, names: list[str], heights: Floats) -> str:
    if heights.size <= 8:
        each = (f"{name} {number(float(value))}" for name, value in zip(names, heights, strict=True))
        return f"{label}: {', '.join(each)}."
    top = int(np.nanargmax(heights))
    return f"{label}: {counted(heights.size, 'value')}, the greatest {number(float(heights[top]))} at {names[top]}."
