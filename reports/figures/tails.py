"""Dyadic tails: observed over expected counts beyond each power of one half, with exact Poisson intervals of the null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from reports.drawing import bands
from reports.drawing.arrays import Floats, matched
from reports.drawing.sheet import Sheet, scale
from reports.drawing.style import INK, MUTED, NARROW, PAPER, WIDE, look
from reports.words import number

TITLE = "Counts in the far tails, observed over expected"
_RARE = 0.02
"""Cells that expect fewer draws are shown only if one was hit."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw both tails side by side; a count of zero stands at the lower edge, hollow."""
    power, low, high = matched(exhibit["power"], exhibit["low"], exhibit["high"])
    n = float(exhibit["n"])
    expected = n * 2.0**-power
    shown = (expected >= _RARE) | (low > 0) | (high > 0)
    power, low, high, expected = power[shown], low[shown], high[shown], expected[shown]
    tests = 2 * max(power.size, 1)
    levels = (bands.EVERYDAY, bands.level(sheet.record))
    limits = [np.array([bands.poisson_bounds(alpha / tests, m) for m in expected]) for alpha in levels]
    reach = _reach(low, high, expected, limits)
    zero = Line2D(
        [], [], color=look(0).color, marker="v", markerfacecolor=PAPER, linestyle="none", label="none observed"
    )
    panels = sheet.panels(150, columns=2, titled=True, key=[*bands.key(sheet.record), zero])
    for i, (axes, counts, side) in enumerate(zip(panels, (low, high), ("lower", "upper"), strict=True)):
        _panel(axes, power, counts, expected, limits, reach)
        axes.set_title(f"{side} tail", loc="left")
        scale(axes, "x", "j of the tail of mass 2⁻ʲ", ticks=8)
        scale(axes, "y", "observed / expected" if i == 0 else "", log=True)
    return _in_words(power, low, high, expected)


def _reach(low: Floats, high: Floats, expected: Floats, limits: list[Floats]) -> tuple[float, float]:
    ratios = np.concatenate([low, high]) / np.tile(expected, 2)
    top = max(float(ratios.max()), *(float((bound[:, 1] / expected).max()) for bound in limits))
    least = float(ratios[ratios > 0].min()) if (ratios > 0).any() else 1.0
    return min(least, 0.1) / 2, top * 2


def _panel(
    axes: Any, power: Floats, counts: Floats, expected: Floats, limits: list[Floats], reach: tuple[float, float]
) -> None:
    edges = np.append(power - 0.5, power[-1] + 0.5)
    for bound, color in zip(reversed(limits), (WIDE, NARROW), strict=True):
        axes.stairs(
            bound[:, 1] / expected,
            edges,
            baseline=np.maximum(bound[:, 0] / expected, reach[0]),
            fill=True,
            color=color,
        )
    axes.axhline(1, color=INK, linewidth=0.8)
    hit = counts > 0
    axes.plot(power[hit], counts[hit] / expected[hit], "o", color=look(0).color, markersize=4)
    axes.plot(power[~hit], np.full((~hit).sum(), reach[0] * 1.3), "v", color=look(0).color, mfc=PAPER, markersize=4)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(*reach)
    axes.spines["left"].set_color(MUTED)


def _in_words(power: Floats, low: Floats, high: Floats, expected: Floats) -> str:
    said = []
    for side, counts in (("lower", low), ("upper", high)):
        far = int(np.argmax(np.abs(counts - expected) / np.sqrt(expected)))
        said.append(
            f"In the {side} tail the most unusual count is {number(int(counts[far]))} beyond 2^-{int(power[far])}, "
            f"where {number(float(expected[far]))} are expected."
        )
    return " ".join(said)
