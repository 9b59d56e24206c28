"""A mean against its value: the sample mean with the intervals in which it would lie, at 95 % and at the check's level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from reports.drawing import bands
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, MUTED, NARROW, WIDE, look
from reports.words import number

TITLE = "Sample mean against the value claimed"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw the claimed value with its null intervals and the mean that was found."""
    mean, expected, error = (float(exhibit[name]) for name in ("mean", "expected", "error"))
    halves = [error * bands.normal_bound(alpha, 1) for alpha in (bands.EVERYDAY, bands.level(sheet.record))]
    (axes,) = sheet.panels(56, key=[*_key(), *bands.key(sheet.record)])
    axes.axvspan(expected - halves[1], expected + halves[1], color=WIDE, linewidth=0)
    axes.axvspan(expected - halves[0], expected + halves[0], color=NARROW, linewidth=0)
    for edge in (expected - halves[1], expected + halves[1]):
        axes.axvline(edge, color=MUTED, linewidth=0.7, linestyle="--")
    axes.axvline(expected, color=INK, linewidth=1.0)
    axes.plot(mean, 0, "D", color=look(0).color, markersize=7)
    reach = 1.12 * max(halves[1], abs(mean - expected))
    axes.set_xlim(expected - reach, expected + reach)
    axes.set_ylim(-1, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    scale(axes, "x", "mean", ticks=6)
    return (
        f"The mean is {number(mean, 6)}, the value claimed {number(expected, 6)}: a distance of "
        f"{number(abs(mean - expected) / error)} standard errors of {number(error)}."
    )


def _key() -> list[Artist]:
    mark = Line2D([], [], color=look(0).color, marker="D", linestyle="none", label="sample mean")
    return [mark, Line2D([], [], color=INK, linewidth=1.0, label="value claimed")]
