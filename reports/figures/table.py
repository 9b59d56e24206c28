"""A table of counts: the standardised residual of every cell as a heat map, with numbers where there is room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from reports.drawing.arrays import Floats, largest, matched
from reports.drawing.bands import level, normal_bound
from reports.drawing.cells import residual_cells, residual_key
from reports.drawing.sheet import Sheet
from reports.drawing.style import DIVERGING, INK, PAPER
from reports.words import number, plain

TITLE = "Table of counts, observed minus expected, in standard errors"
_NUMBERED = 64
_DARK = (0, len(DIVERGING) - 1)


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one square a cell; cells that the exhibit leaves out stay empty."""
    flat, z = matched(exhibit["category"], exhibit["z"])
    rows, columns = (int(size) for size in exhibit["shape"])
    i, j = np.divmod(flat.astype(int), columns)
    bound = normal_bound(level(sheet.record), rows * columns)
    height = min(240.0, max(120.0, 30.0 * rows))
    (axes,) = sheet.panels(height, key=residual_key(bound), square=True)
    squares = [np.array([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]) - 0.5 for x, y in zip(j, i, strict=True)]
    steps = residual_cells(axes, squares, z, bound, hatched=z.size > _NUMBERED)
    axes.set(
        xlim=(-0.5, columns - 0.5),
        ylim=(rows - 0.5, -0.5),
        xlabel=plain(exhibit.get("x_label", "column")),
        ylabel=plain(exhibit.get("y_label", "row")),
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(8, integer=True))
    if z.size <= _NUMBERED:
        _numbers(axes, i, j, z, steps)
    worst = largest(z)
    return (
        f"{rows} by {columns} cells, {z.size} of them shown; the largest deviation is {number(float(z[worst]))} standard "
        f"errors in row {i[worst]}, column {j[worst]}; the simultaneous bound at the check's level is {number(bound)}."
    )


def _numbers(axes: Any, i: Any, j: Any, z: Floats, steps: Any) -> None:
    for row, column, value, step in zip(i, j, z, steps, strict=True):
        color = PAPER if step in _DARK else INK
        axes.text(column, row, f"{value:+.1f}".replace("-", "−"), ha="center", va="center", size=7.5, color=color)
