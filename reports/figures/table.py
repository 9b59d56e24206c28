"""A table of counts: cells shaded by their deviation, framed where they leave their exact range, and what decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

from reports.drawing.arrays import Floats, floats
from reports.drawing.cells import outlined, residual_cells, residual_key
from reports.drawing.sheet import Sheet
from reports.drawing.style import DIVERGING, INK, PAPER
from reports.drawing.tested import Part, in_words, parts
from reports.words import plain

TITLE = "Table of counts, observed minus expected, in standard errors"
_NUMBERED = 64
_DARK = (0, len(DIVERGING) - 1)


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one square a cell."""
    part, z = parts(exhibit, "binomial")[0], floats(exhibit["z"])
    rows, columns = (int(size) for size in exhibit["shape"])
    i, j = np.divmod(np.arange(z.size), columns)
    outside = _outside(part, rows, columns)
    height = min(240.0, max(140.0, 30.0 * rows))
    (axes,) = sheet.panels(
        height, key=residual_key(bool(outside.any()), hatched=z.size > _NUMBERED), square=True, bottom=44
    )
    squares = [np.array([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]) - 0.5 for x, y in zip(j, i, strict=True)]
    steps = residual_cells(axes, squares, z, hatched=z.size > _NUMBERED)
    outlined(axes, squares, outside)
    axes.set(
        xlim=(-0.5, columns - 0.5),
        ylim=(rows - 0.5, -0.5),
        xlabel=plain(exhibit.get("x_label", "column")),
        ylabel=plain(exhibit.get("y_label", "row")),
    )
    for axis, size in ((axes.xaxis, columns), (axes.yaxis, rows)):
        axis.set_major_locator(FixedLocator(list(range(0, size, -(-size // 8)))))
        axis.set_major_formatter(FuncFormatter(lambda value, _: str(int(value))))
    if z.size <= _NUMBERED:
        _numbers(axes, i, j, z, steps)
    return f"{rows} by {columns} cells. {in_words(part, 'cells')}"


def _outside(part: Part, rows: int, columns: int) -> Any:
    """Return (rows * columns,) whether a cell that was tested on its own lies outside; its name is its row and column."""
    beyond = {name for name, out in zip(part.names, part.outside, strict=True) if out}
    return np.array([f"{row}, {column}" in beyond for row in range(rows) for column in range(columns)])


def _numbers(axes: Any, i: Any, j: Any, z: Floats, steps: Any) -> None:
    for row, column, value, step in zip(i, j, z, steps, strict=True):
        color = PAPER if step in _DARK else INK
        rounded = round(float(value), 1) + 0.0  # no sign for what rounds to zero
        words = f"{rounded:+.1f}" if rounded else "0.0"
        axes.text(column, row, words.replace("-", "−"), ha="center", va="center", size=7.5, color=color)
