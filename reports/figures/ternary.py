"""The simplex of three categories: each panel's density above, the residuals of its cells below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reports.drawing.arrays import Floats, floats
from reports.drawing.bands import level, normal_bound
from reports.drawing.cells import density_cells, residual_cells, residual_key
from reports.drawing.sheet import Sheet
from reports.drawing.style import INK, MUTED, WIDTH
from reports.words import number, plain, shorten

TITLE = "Density on the simplex, and residuals of its cells in standard errors"
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
_NAMES = ("y₁", "y₂", "y₃")
_MOST = 4
_LEFT, _GAP = 30.0, 10.0


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw two triangles a panel: expected mass over area, and observed minus expected in standard errors."""
    panels = list(exhibit["panels"])[:_MOST]
    bound = normal_bound(level(sheet.record), sum(len(panel["cells"]) for panel in panels))
    columns = len(panels)
    height = min(190.0, (WIDTH - _LEFT - 10 - (columns - 1) * _GAP) / columns * 0.84)
    axes = sheet.panels(
        height, rows=2, columns=columns, key=residual_key(bound), left=_LEFT, right=10, bottom=14, gap=_GAP, titled=True
    )
    for row, label in ((0, "density, dark = most"), (columns, "residuals (key)")):
        axes[row].text(-0.06, 0.5, label, transform=axes[row].transAxes, rotation=90, va="center", size=8, color=MUTED)
    return " ".join(_panel(axes[i], axes[columns + i], panel, bound) for i, panel in enumerate(panels))


def _panel(above: Any, below: Any, panel: Mapping[str, Any], bound: float) -> str:
    title = plain(panel.get("title", ""))
    polygons = [floats(cell["vertices"]) @ _CORNERS for cell in panel["cells"]]
    z = floats([cell["z"] for cell in panel["cells"]])
    mass = floats([cell["expected"] for cell in panel["cells"]])
    density_cells(above, polygons, mass / np.array([_area(polygon) for polygon in polygons]))
    residual_cells(below, polygons, z, bound)
    for axes in (above, below):
        _frame(axes)
    above.set_title(shorten(title, 28))
    worst = int(np.nanargmax(np.abs(z)))
    return (
        f"{title}: {z.size} cells, largest residual {number(float(z[worst]))} standard errors "
        f"(simultaneous bound {number(bound)})."
    )


def _area(polygon: Floats) -> float:
    x, y = polygon.T
    return max(0.5 * abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))), 1e-12)


def _frame(axes: Any) -> None:
    outline = np.vstack([_CORNERS, _CORNERS[:1]])
    axes.plot(outline[:, 0], outline[:, 1], color=INK, linewidth=0.9)
    for corner, name, shift in zip(_CORNERS, _NAMES, ((-0.07, -0.02), (0.07, -0.02), (0.09, 0.0)), strict=True):
        axes.text(*(corner + shift), name, ha="center", va="center", size=9)
    axes.set(xlim=(-0.14, 1.14), ylim=(-0.07, 0.9), aspect="equal")
    axes.set_axis_off()
