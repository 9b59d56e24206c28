"""A mean against its value: the sample mean within the interval that Bernstein's bound leaves at the check's level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from reports.drawing import bands
from reports.drawing.sheet import Sheet, named, scale
from reports.drawing.style import INK, MUTED, WIDE, look
from reports.drawing.tested import parts
from reports.words import number

TITLE = "Sample mean against the value claimed"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw the claimed value with the interval that is allowed, the tolerance, and the mean that was found."""
    part = parts(exhibit, "bernstein")[0]
    mean, expected, low, high = (float(values[0]) for values in (part.observed, part.expected, part.low, part.high))
    (axes,) = sheet.panels(
        56, key=[*_key(bool(part.outside[0])), bands.allowed(sheet.record), bands.tolerance(sheet.record)]
    )
    axes.axvspan(low, high, color=WIDE, linewidth=0)
    for edge in (low, high):
        axes.axvline(edge, color=MUTED, linewidth=0.7, linestyle="--")
    axes.axvline(expected, color=INK, linewidth=1.0)
    tolerance = bands.tolerance_of(sheet.record)
    for sign in (-1, 1) if tolerance else ():
        axes.axvline(expected + sign * tolerance, **bands.DOTTED)
    style = look(int(part.outside[0]))
    axes.plot(mean, 0, style.marker, color=style.color, markersize=7)
    reach = 1.12 * max(high - expected, abs(mean - expected), tolerance)
    axes.set_xlim(expected - reach, expected + reach)
    axes.set_ylim(-1, 1)
    named(axes.yaxis, [])
    axes.spines["left"].set_visible(False)
    scale(axes, "x", "mean", ticks=6)
    return (
        f"The mean is {number(mean, 6)}, the value claimed {number(expected, 6)}; allowed at α are {number(low, 6)} to "
        f"{number(high, 6)}: it lies {'outside' if part.outside[0] else 'within'}."
    )


def _key(outside: bool) -> list[Artist]:
    style, label = look(int(outside)), "sample mean" + (", outside" if outside else "")
    mark = Line2D([], [], color=style.color, marker=style.marker, linestyle="none", label=label)
    return [mark, Line2D([], [], color=INK, linewidth=1.0, label="value claimed")]
