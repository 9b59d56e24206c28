"""The residual of every line of a derivation, or of an equation at many points, and the bound that is allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.lines import Line2D

from reports.drawing.sheet import Sheet, named, scale
from reports.drawing.style import INK, look
from reports.words import counted, number, plain, shorten

TITLE = "Residuals, line by line"
EXACT = 1e-17
"""Where a residual of 0 is drawn on the logarithmic axis: below the spacing of floats."""
_LETTER = 5.0


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw a row a line: its median and its largest residual over all points, against the bound."""
    rows = [row for row in exhibit["lines"] if isinstance(row, Mapping)]
    full = [plain(row.get("label") or f"line {i + 1}") for i, row in enumerate(rows)]
    names = [shorten(name, 44) for name in full]
    middle, largest = ([_value(row.get(name)) for row in rows] for name in ("median", "largest"))
    if not any(math.isfinite(one) for one in largest):
        raise ValueError("no line has a residual")
    bound = _value(exhibit.get("bound"))
    allowed = "none" if exhibit.get("bound") == 0 else _words(bound)
    key = [_mark(0, "median over the points"), _mark(1, "largest")]
    if math.isfinite(bound):
        key.append(Line2D([], [], color=INK, linewidth=0.9, linestyle=(0, (4, 2)), label=f"allowed: {allowed}"))
    (axes,) = sheet.panels(
        max(48.0, 17.0 * len(rows) + 14), key=key, left=min(300.0, _LETTER * max(map(len, names)) + 24)
    )
    unit = shorten(plain(sheet.record.get("unit") or "relative error"), 40)
    scale(axes, "x", f"residual, {unit} (0 is drawn at 10⁻¹⁷)", log=True, ticks=5, grid=True)
    for i, values in enumerate((middle, largest)):
        axes.plot(values, range(len(rows)), linestyle="none", marker=look(i).marker, color=look(i).color, markersize=5)
    if math.isfinite(bound):
        axes.axvline(bound, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    named(axes.yaxis, names)
    said = "; ".join(
        f"{name}: largest {_words(row.get('largest'))} at {counted(int(row.get('points') or 0), 'point')}"
        for name, row in zip(full, rows, strict=True)
    )
    return f"Residuals: {said}. Allowed: {allowed}."


def _mark(i: int, label: str) -> Line2D:
    return Line2D([], [], color=look(i).color, marker=look(i).marker, linestyle="none", markersize=5, label=label)


def _words(value: Any) -> str:
    return number(float(value)) if isinstance(value, int | float) else "unknown"


def _value(value: Any) -> float:
    """Return a residual where it can be drawn: 0 at `EXACT`, what is missing nowhere."""
    if not isinstance(value, int | float) or math.isnan(value):
        return math.nan
    return max(float(value), EXACT) if math.isfinite(value) else math.nan
