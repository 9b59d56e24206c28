"""Scores against their null interval: one stem a category, hollow where the normal interval is rough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import NDArray

from reports.drawing import bands
from reports.drawing.arrays import Floats, span
from reports.drawing.bands import EVERYDAY, level, normal_bound
from reports.drawing.style import INK, MUTED, NARROW, PAPER, WIDE, look
from reports.words import number

ROUGH = 5.0
"""Expected counts below this make the normal interval rough; the verdict does not rest on it."""


def bounds(record: Mapping[str, Any], tests: int) -> tuple[float, float]:
    """Return the half-widths of the 95 % band and of the band at the check's level."""
    return normal_bound(EVERYDAY, tests), normal_bound(level(record), tests)


def stems(
    axes: Axes, z: Floats, rough: NDArray[np.bool_], halves: tuple[float, float], *, sideways: bool = False
) -> None:
    """Draw scores at 0, 1, 2, ... over the two bands; ``sideways`` lays the stems down."""
    narrow, wide = halves
    band, line = (axes.axvspan, axes.axvline) if sideways else (axes.axhspan, axes.axhline)
    band(-wide, wide, color=WIDE, linewidth=0)
    band(-narrow, narrow, color=NARROW, linewidth=0)
    for edge in (-wide, wide):
        line(edge, color=MUTED, linewidth=0.7, linestyle="--")
    line(0, color=INK, linewidth=0.8)
    at = np.arange(z.size)
    size = 5.0 if z.size <= 30 else 3.2
    bars = np.column_stack([at, np.zeros(z.size), at, z, at, np.full(z.size, np.nan)]).reshape(-1, 2)
    xy = bars[:, ::-1] if sideways else bars
    axes.plot(xy[:, 0], xy[:, 1], color=look(0).color, linewidth=1.6 if z.size <= 30 else 0.9)
    for mask, face in ((~rough, look(0).color), (rough, PAPER)):
        if mask.any():
            x, y = (z[mask], at[mask]) if sideways else (at[mask], z[mask])
            axes.plot(x, y, "o", color=look(0).color, markerfacecolor=face, markersize=size, linestyle="none")
    reach = 1.12 * max(wide, *map(abs, span(z)))
    (axes.set_xlim if sideways else axes.set_ylim)(-reach, reach)
    (axes.set_ylim if sideways else axes.set_xlim)(-0.7, z.size - 0.3)


def in_words(z: Floats, names: list[str], halves: tuple[float, float]) -> str:
    """Say which score is largest and how many leave the bands."""
    worst = int(np.nanargmax(np.abs(z)))
    beyond = [int((np.abs(z) > half).sum()) for half in halves]
    return (
        f"The largest deviation is {number(float(z[worst]))} standard errors at {names[worst]}; "
        f"{beyond[0]} of {z.size} leave the 95 % band (half-width {number(halves[0])}), "
        f"{beyond[1]} the band at the check's level ({number(halves[1])})."
    )


def ticks(axes: Axes, labels: list[str]) -> None:
    """Name every category where there is room, else every second, fifth, tenth, ..."""
    letters = max(map(len, "\n".join(labels).split("\n")))
    room = 400 / (5.5 * letters + 8)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(labels) / step <= room or step == 100)
    axes.xaxis.set_major_locator(FixedLocator(list(range(0, len(labels), step))))
    axes.xaxis.set_major_formatter(FixedFormatter(labels[::step]))


def key(record: Mapping[str, Any], rough: NDArray[np.bool_]) -> list[Artist]:
    """Return the key of the bands and, where there are any, of hollow marks."""
    hollow = Line2D([], [], color=look(0).color, marker="o", markerfacecolor=PAPER, linestyle="none")
    hollow.set_label(f"expects fewer than {ROUGH:g}")
    return [*bands.key(record), *([hollow] if rough.any() else [])]
