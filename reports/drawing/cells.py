"""Cells of a plane are shaded in few steps, one path a step, and what lies below is hatched so that grey tells the sign."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from reports.drawing.arrays import Floats
from reports.drawing.style import DIVERGING, MUTED, PAPER, SEQUENTIAL
from reports.words import number

Polygon = NDArray[np.float64]
_HATCHES = (("//////", PAPER), ("//////", PAPER), ("//////", MUTED))
"""Hatch and its colour for the steps below zero."""


def residual_cells(
    axes: Axes, polygons: Sequence[Polygon], z: Floats, bound: float, *, hatched: bool = True
) -> NDArray[np.intp]:
    """Shade cells by their residual in seven steps; return each cell's step. Cells with a number need no hatch."""
    steps = np.digitize(np.nan_to_num(z), _edges(bound))
    for step, color in enumerate(DIVERGING):
        chosen = [polygon for polygon, at in zip(polygons, steps, strict=True) if at == step]
        _fill(axes, chosen, color, *(_HATCHES[step] if hatched and step < len(_HATCHES) else ()))
    return steps


def density_cells(axes: Axes, polygons: Sequence[Polygon], density: Floats) -> None:
    """Shade cells by their density, from none to the greatest, in equal steps."""
    share = np.nan_to_num(density / np.nanmax(density))
    steps = np.minimum((share * len(SEQUENTIAL)).astype(int), len(SEQUENTIAL) - 1)
    for step, color in enumerate(SEQUENTIAL):
        _fill(axes, [polygon for polygon, at in zip(polygons, steps, strict=True) if at == step], color)


def residual_key(bound: float) -> list[Artist]:
    """Return the key of the seven steps, in standard errors."""
    b = number(bound, 2)
    words = (f"< −{b}", f"−{b}…−3", "−3…−1", "−1…1", "1…3", f"3…{b}", f"> {b}")
    hatches = (*_HATCHES, *[("", MUTED)] * (len(DIVERGING) - len(_HATCHES)))
    return [
        Patch(facecolor=color, edgecolor=edge, linewidth=0.4, label=label, hatch=hatch or None)
        for (hatch, edge), color, label in zip(hatches, DIVERGING, words, strict=True)
    ]


def _edges(bound: float) -> list[float]:
    outer = max(bound, 3.0001)
    return [-outer, -3, -1, 1, 3, outer]


def _fill(axes: Axes, polygons: Sequence[Polygon], color: str, hatch: str = "", ink: str = PAPER) -> None:
    if not polygons:
        return
    path = Path.make_compound_path(*(Path(np.vstack([polygon, polygon[:1]]), closed=True) for polygon in polygons))
    axes.add_patch(PathPatch(path, facecolor=color, edgecolor=PAPER, linewidth=0.5))
    if hatch:
        axes.add_patch(PathPatch(path, facecolor="none", edgecolor=ink, linewidth=0, hatch=hatch))
