"""Counts against what is expected: one stem a tested cell, within the exact range that the check's level leaves it."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator

from reports.drawing.arrays import span
from reports.drawing.style import INK, MUTED, WIDE, look
from reports.drawing.tested import Part
from reports.words import number

FAR = 6.0
"""Deviations of so many times the range are drawn on an axis that is logarithmic beyond the range."""

_LEAST = 0.5
"""An axis is linear so far at least, also where nothing is allowed."""


def stems(axes: Axes, part: Part, *, sideways: bool = False) -> bool:
    """Draw counts at 0, 1, 2, ... in standard errors; ``sideways`` lays the stems down. Tell if the axis is logarithmic."""
    low, z, high = (part.in_errors(counts) for counts in (part.low, part.observed, part.high))
    at, few = np.arange(z.size), z.size <= 30
    edges = np.append(at - 0.5, z.size - 0.5)
    axes.stairs(high, edges, baseline=low, fill=True, color=WIDE, orientation="horizontal" if sideways else "vertical")
    for bound in (low, high):
        axes.stairs(
            bound, edges, baseline=None, color=MUTED, linewidth=0.7, linestyle="--",
            orientation="horizontal" if sideways else "vertical",
        )  # fmt: skip
    (axes.axvline if sideways else axes.axhline)(0, color=INK, linewidth=0.8)
    bars = np.column_stack([at, np.zeros(z.size), at, z, at, np.full(z.size, np.nan)]).reshape(-1, 2)
    xy = bars[:, ::-1] if sideways else bars
    axes.plot(xy[:, 0], xy[:, 1], color=look(0).color, linewidth=1.6 if few else 0.9)
    for mask, style in ((~part.outside, look(0)), (part.outside, look(1))):
        if mask.any():
            x, y = (z[mask], at[mask]) if sideways else (at[mask], z[mask])
            axes.plot(x, y, style.marker, color=style.color, markersize=5.0 if few else 3.2, linestyle="none")
    inner = max(_LEAST, *map(abs, span(low, high)))
    reach = max(inner, *map(abs, span(z)))
    far = reach > FAR * inner
    if far:
        (axes.set_xscale if sideways else axes.set_yscale)("symlog", linthresh=inner)
    (axes.set_xlim if sideways else axes.set_ylim)(*(sign * reach * (2.0 if far else 1.12) for sign in (-1, 1)))
    (axes.set_ylim if sideways else axes.set_xlim)(-0.7, z.size - 0.3)
    return far


def decades(axes: Axes, part: Part, which: str) -> None:
    """Give an axis that is logarithmic beyond the range ticks at zero, the range and its multiples."""
    inner = max(_LEAST, *map(abs, span(part.in_errors(part.low), part.in_errors(part.high))))
    step = float(f"{inner:.0e}")
    top = max(map(abs, span(part.in_errors(part.observed))))
    powers = 10 ** max(1, round(np.log10(top / step) / (2 if which == "x" else 3)))
    steps = [step * powers**i for i in range(20) if step * powers**i <= 2 * top]
    values = [*(-one for one in reversed(steps)), 0.0, *steps]
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(FixedLocator(values))
    axis.set_major_formatter(FixedFormatter([number(value) for value in values]))


def ticks(axes: Axes, labels: list[str]) -> None:
    """Name every category where there is room, else every second, fifth, tenth, ..."""
    letters = max(map(len, "\n".join(labels).split("\n")))
    room = 400 / (5.5 * letters + 8)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(labels) / step <= room or step == 100)
    axes.xaxis.set_major_locator(FixedLocator(list(range(0, len(labels), step))))
    axes.xaxis.set_major_formatter(FixedFormatter(labels[::step]))


def key(part: Part, level: float, *, exact: bool = True) -> list[Artist]:
    """Return the key: the allowed range, and the marks within and outside; ``exact`` if no inequality widened it."""
    told = [", exactly" if exact else "", "" if part.decides else "; each cell alone decides nothing"]
    label = f"allowed at α = {number(level)}{''.join(told)}"
    return [Patch(facecolor=WIDE, edgecolor=MUTED, linestyle="--", linewidth=0.7, label=label), *marks(part)]


def marks(part: Part) -> list[Artist]:
    """Return the key of those marks that there are."""
    return [
        Line2D([], [], color=style.color, marker=style.marker, linestyle="none", label=label)
        for mask, style, label in ((~part.outside, look(0), "within"), (part.outside, look(1), "outside"))
        if mask.any()
    ]
