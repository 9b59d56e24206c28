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
from reports.drawing.style import DIVERGING, INK, MUTED, PAPER, SEQUENTIAL

Polygon = NDArray[np.float64]
EDGES = (-6.0, -3.0, -1.0, 1.0, 3.0, 6.0)
_STEPS = ("< −6", "−6…−3", "−3…−1", "−1…1", "1…3", "3…6", "> 6")
SHARE_STEP = 2.0
_HATCHES = (("//////", PAPER), ("//////", PAPER), ("//////", MUTED))
"""Hatch and its colour for the steps below zero."""


def residual_cells(axes: Axes, polygons: Sequence[Polygon], z: Floats, *, hatched: bool = True) -> NDArray[np.intp]:
    """Shade cells by their residual in seven steps; return each cell's step. Cells with a number need no hatch."""
    steps = np.digitize(np.nan_to_num(z), EDGES)
    for step, color in enumerate(DIVERGING):
        chosen = [polygon for polygon, at in zip(polygons, steps, strict=True) if at == step]
        _fill(axes, chosen, color, *(_HATCHES[step] if hatched and step < len(_HATCHES) else ()))
    return steps


def outlined(axes: Axes, polygons: Sequence[Polygon], outside: NDArray[np.bool_]) -> None:
    """Frame the cells that lie outside of what is allowed."""
    for polygon in (polygon for polygon, beyond in zip(polygons, outside, strict=True) if beyond):
        axes.plot(*np.vstack([polygon, polygon[:1]]).T, color=INK, linewidth=1.8)


def share_cells(axes: Axes, polygons: Sequence[Polygon], shares: Floats) -> None:
    """Shade cells by their share of all draws, on a logarithmic scale of one step a factor of two."""
    with np.errstate(divide="ignore"):
        steps = np.log(np.nan_to_num(shares) / np.nanmax(shares)) / np.log(SHARE_STEP)
    steps = np.clip(len(SEQUENTIAL) - 1 + np.ceil(steps), 0, len(SEQUENTIAL) - 1)
    for step, color in enumerate(SEQUENTIAL):
        _fill(axes, [polygon for polygon, at in zip(polygons, steps, strict=True) if at == step], color)


def residual_key(outside: bool, *, hatched: bool = True) -> list[Artist]:
    """Return the key of the seven steps, in standard errors, and of the frame."""
    hatches = (*(_HATCHES if hatched else ()), *[("", MUTED)] * len(DIVERGING))[: len(DIVERGING)]
    made: list[Artist] = [
        Patch(facecolor=color, edgecolor=edge, linewidth=0.4, label=label, hatch=hatch or None)
        for (hatch, edge), color, label in zip(hatches, DIVERGING, _STEPS, strict=True)
    ]
    return (
        [*made, Patch(facecolor="none", edgecolor=INK, linewidth=1.8, label="outside its range")] if outside else made
    )


def _fill(axes: Axes, polygons: Sequence[Polygon], color: str, hatch: str = "", ink: str = PAPER) -> None:
    if not polygons:
        return
    path = Path.make_compound_path(*(Path(np.vstack([polygon, polygon[:1]]), closed=True) for polygon in polygons))
    axes.add_patch(PathPatch(path, facecolor=color, edgecolor=PAPER, linewidth=0.5))
    if hatch:
        axes.add_patch(PathPatch(path, facecolor="none", edgecolor=ink, linewidth=0, hatch=hatch))
