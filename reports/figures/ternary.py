"""Three categories: cells of draws in log ratios, where all have a size at every temperature; shares left, residuals right.

A draw stands at the sum over k of tau log(y_k) e_k, with three directions e_k that add up to zero: a ratio held constant
is a straight line, and the cells of a smallest coordinate r fill the third of the plane that points away from e_r.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from reports.drawing.arrays import Floats, floats
from reports.drawing.cells import SHARE_STEP, outlined, residual_cells, residual_key, share_cells
from reports.drawing.sheet import Sheet
from reports.drawing.style import INK, MUTED
from reports.drawing.tested import in_words, parts
from reports.words import number, plain, shorten

TITLE = "Draws against the integrated density"
_DIRECTIONS = np.array([[-math.sqrt(0.75), -0.5], [math.sqrt(0.75), -0.5], [0.0, 1.0]])
_NAMES = ("y₁", "y₂", "y₃")
_BEYOND = 1.1
"""Where cells without end are cut, in units of the log ratio beyond the last edge."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw what is expected of every cell, and what was observed in standard errors."""
    part, panel = parts(exhibit, "binomial")[0], exhibit["panels"][0]
    cells = panel["cells"]
    polygons = _polygons(cells)
    z, shares = floats([cell["z"] for cell in cells]), floats([cell["expected"] for cell in cells])
    beyond = {name for name, out in zip(part.names, part.outside, strict=True) if out}
    outside = np.array([name in beyond for name in _names(len(cells))])
    step = Line2D(
        [],
        [],
        linestyle="none",
        label=f"left: a step in shade is a factor of {number(SHARE_STEP)}; right: standard errors",
    )
    left, right = sheet.panels(
        215,
        columns=2,
        key=[step, *residual_key(bool(outside.any()))],
        left=10,
        right=10,
        bottom=12,
        gap=10,
        titled=True,
    )
    share_cells(left, polygons, shares)
    residual_cells(right, polygons, z)
    outlined(right, polygons, outside)
    for axes, title in (
        (left, f"expected share, at most {number(float(np.nanmax(shares)))}"),
        (right, "observed minus expected"),
    ):
        _frame(axes, polygons)
        axes.heading = shorten(title, 44)
    return (
        f"{plain(panel.get('title', ''))}: {len(cells)} cells of τ log(y_j / y_r), with y_r the smallest of the three. "
        f"{in_words(part, 'cells')}"
    )


def _names(count: int) -> list[str]:
    """Return the names that the test gives the cells: smallest coordinate, and the place of both ratios."""
    side = math.isqrt(max(count // 3, 1))
    return [f"{r}, {i}, {j}" for r in range(3) for i in range(side) for j in range(side)][:count]


def _polygons(cells: Any) -> list[Floats]:
    last = max(-math.log(edge) for cell in cells for side in cell["box"] for edge in side if edge > 0) + _BEYOND
    made = []
    for cell in cells:
        first, second = (_DIRECTIONS[k] for k in range(3) if k != int(cell["sector"]))
        (a, b), (c, d) = ([-math.log(edge) if edge > 0 else last for edge in side] for side in cell["box"])
        made.append(np.array([s * first + t * second for s, t in ((a, c), (b, c), (b, d), (a, d))]))
    return made


def _frame(axes: Any, polygons: list[Floats]) -> None:
    reach = float(np.abs(np.concatenate(polygons)).max())
    for direction, name in zip(_DIRECTIONS, _NAMES, strict=True):
        axes.text(*(direction * (reach + 0.45)), name, ha="center", va="center", size=9, color=INK)
        axes.plot(*np.array([[0, 0], direction * reach]).T, color=MUTED, linewidth=0.7)
    axes.set(xlim=(-1.25 * reach, 1.25 * reach), ylim=(-1.0 * reach, 1.15 * reach), aspect="equal")
    axes.set_axis_off()
