"""One look for all figures: whatever a colour says, a dash, a marker or a hatch says too."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl

WIDTH = 480.0
"""Width of every figure in points."""

INK, MUTED, GRID, PAPER = "#1b1f24", "#59636e", "#d5dae0", "#ffffff"
WIDE, NARROW = "#e9edf2", "#c9d2dc"
"""The band at the check's own level, and the 95 % band inside it."""

Dashes = tuple[float, tuple[float, ...]]


@dataclass(frozen=True)
class Look:
    """How one series looks: its colour and, for eyes and prints without colour, its dashes, marker and hatch."""

    color: str
    dashes: Dashes
    marker: str
    hatch: str


SERIES = (
    Look("#0072b2", (0, ()), "o", ""),
    Look("#d55e00", (0, (5, 2)), "s", "////"),
    Look("#009e73", (0, (1.2, 1.6)), "^", "||||"),
    Look("#cc79a7", (0, (6, 2, 1.2, 2)), "D", "\\\\\\\\"),
    Look("#e69f00", (0, (3, 1.5)), "v", "xxxx"),
    Look("#56b4e9", (0, (8, 2, 1.2, 2, 1.2, 2)), "X", "----"),
)
"""Okabe and Ito's colours, in an order in which neighbours also differ in grey."""

DIVERGING = ("#00558c", "#5b9bc8", "#c3dcec", "#f7f7f7", "#f9d3b8", "#e58a4b", "#b34a00")
"""Far below to far above; what is below is hatched besides."""
SEQUENTIAL = ("#f4f6f8", "#dde4ea", "#c2ced8", "#a3b5c4", "#8099ad", "#5d7d96", "#3c607d", "#1d4463")

_NAMED = [
    ("--ink", INK),
    ("--muted", MUTED),
    ("--grid", GRID),
    ("--paper", PAPER),
    ("--wide", WIDE),
    ("--narrow", NARROW),
]
_NAMED += [(f"--s{i}", look.color) for i, look in enumerate(SERIES)]
_NAMED += [(f"--d{i}", color) for i, color in enumerate(DIVERGING)]
_NAMED += [(f"--q{i}", color) for i, color in enumerate(SEQUENTIAL)]
THEMED = {color: name for name, color in _NAMED}
"""Colours that a page with a dark side may replace, with the names of its custom properties."""

_RC: dict[str, Any] = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelpad": 3.0,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": 9,
    "axes.unicode_minus": True,
    "figure.facecolor": PAPER,
    "figure.dpi": 72,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "hatch.linewidth": 0.5,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.4,
    "path.simplify": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "gumbel-harness",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8.5,
}


def applied() -> AbstractContextManager[None]:
    """Return a context in which figures have this look, whatever the user's own settings are."""
    settings: dict[Any, Any] = {**mpl.rcParamsDefault}
    settings.update(_RC)
    settings.pop("backend", None)
    settings.pop("backend_fallback", None)
    return mpl.rc_context(settings)


def look(i: int) -> Look:
    """Return the look of the i-th series; more series than looks begin anew."""
    return SERIES[i % len(SERIES)]
