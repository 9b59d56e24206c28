"""Dyadic tails: observed over expected counts beyond each power of one half, within the exact ranges of the test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from reports.drawing import bands, stems
from reports.drawing.arrays import Floats, floats
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, MUTED, PAPER, WIDE, look
from reports.drawing.tested import Part, in_words, joined, parts
from reports.words import counted

TITLE = "Counts in the far tails, observed over expected"
_RARE = 0.02
"""Cells that expect fewer draws are shown only if one was hit."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw both tails side by side; a count of zero stands at the lower edge, hollow if it is allowed."""
    both, power = parts(exhibit, "binomial"), floats(exhibit["power"])
    if len(both) != 2 or any(part.observed.size != power.size for part in both):
        raise ValueError("two tails of as many cells as powers are needed")
    shown = np.any([(part.expected >= _RARE) | (part.observed > 0) for part in both], axis=0)
    reach = _reach(both, shown)
    key = [*stems.marks(joined(both)), *_none(both, shown)]
    panels = sheet.panels(150, columns=2, titled=True, gap=38, key=[bands.allowed(sheet.record), *key])
    for i, (axes, part, side) in enumerate(zip(panels, both, ("lower", "upper"), strict=True)):
        _panel(axes, power, part, shown, reach)
        axes.heading = f"{side} tail"
        scale(axes, "x", "j of the tail of mass 2⁻ʲ", ticks=8)
        scale(axes, "y", "observed / expected" if i == 0 else "", log=True)
    coordinates = int(exhibit.get("coordinates") or 1)
    which = f"Coordinate {exhibit.get('coordinate', 0)}, the least likely of {counted(coordinates, 'coordinate')}. "
    return (which if coordinates > 1 else "") + in_words(joined(both), "tails")


def _none(both: list[Part], shown: Any) -> list[Artist]:
    """Return the key of counts of zero: hollow within what is allowed, filled outside."""
    zero = {outside for part in both for outside in part.outside[shown & (part.observed == 0)].tolist()}
    names = ((False, "none observed", PAPER), (True, "none observed, outside", look(1).color))
    return [
        Line2D([], [], color=look(int(out)).color, marker="v", markerfacecolor=face, linestyle="none", label=label)
        for out, label, face in names
        if out in zero
    ]


def _reach(both: list[Part], shown: Any) -> tuple[float, float]:
    ratios = np.concatenate([(part.observed / part.expected)[shown] for part in both])
    top = max(float((np.maximum(part.observed, part.high) / part.expected)[shown].max()) for part in both)
    least = float(ratios[ratios > 0].min()) if (ratios > 0).any() else 1.0
    return min(least, 0.1) / 2, top * 2


def _panel(axes: Any, power: Floats, part: Part, shown: Any, reach: tuple[float, float]) -> None:
    power, expected, counts = power[shown], part.expected[shown], part.observed[shown]
    low, high, outside = part.low[shown], part.high[shown], part.outside[shown]
    edges = np.append(power - 0.5, power[-1] + 0.5)
    floor = np.maximum(low / expected, reach[0])
    axes.stairs(high / expected, edges, baseline=floor, fill=True, color=WIDE)
    for bound in (high / expected, floor):
        axes.stairs(bound, edges, baseline=None, color=MUTED, linewidth=0.7, linestyle="--")
    axes.axhline(1, color=INK, linewidth=0.8)
    hit = counts > 0
    for mask, style, face in ((~outside, look(0), PAPER), (outside, look(1), look(1).color)):
        seen, none = mask & hit, mask & ~hit
        axes.plot(power[seen], counts[seen] / expected[seen], style.marker, color=style.color, markersize=4)
        axes.plot(power[none], np.full(none.sum(), reach[0] * 1.3), "v", color=style.color, mfc=face, markersize=4)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(*reach)
    axes.spines["left"].set_color(MUTED)
