"""The envelope's figure: a panel a quantity, a row a sampler, a dot where it was last right and a cross where it was not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harness.ledger.files import read_table
from reports.drawing.lettering import Words, width
from reports.drawing.panel import Panel
from reports.drawing.sheet import key_rows, named, put_keys, refine, scale
from reports.drawing.style import INK, MUTED, SERIES, applied
from reports.drawing.svg import export
from reports.words import counted, number, plain, shorten

PANEL, GAP, ROW, TOP, FOOT = 132.0, 20.0, 13.0, 74.0, 58.0
"""Points: width of a panel and what is left beside it, height of a row, room above and below."""
LINEAR = ("noise value",)
SMALLER = ("rarest category", "lowest temperature", "lowest noise")
"""Quantities of which a sampler is the better, the smaller they may become."""
GOOD: dict[str, Any] = {"marker": SERIES[0].marker, "color": SERIES[0].color, "markersize": 4, "linestyle": "none"}
BAD: dict[str, Any] = {"marker": "x", "color": SERIES[1].color, "markersize": 5, "linestyle": "none"}
Edge = Mapping[str, Any]
"""A row of envelope.csv."""


def read(table: Path, samplers: Collection[str] | None = None) -> list[Edge]:
    """Return the rows of an envelope.csv, or those of some samplers."""
    return [edge for edge in read_table(table)[1] if samplers is None or edge["sampler"] in samplers]


def drawing(edges: Sequence[Edge], seed: int | None = None, prefix: str = "envelope") -> str:
    """Return the SVG of edges, samplers in the order in which they come; raises ValueError if there are none."""
    if not edges:
        raise ValueError("there is no row to show")
    samplers = list(dict.fromkeys(str(edge["sampler"]) for edge in edges))
    names = [shorten(plain(name), 36) for name in samplers]
    quantities = list(dict.fromkeys(str(edge["quantity"]) for edge in edges))
    left = max(width(name, 8.5) for name in names) + 16
    across, up = left + (PANEL + GAP) * len(quantities), TOP + ROW * len(samplers) + FOOT
    title = "Operating envelope: how far each sampler is right"
    with applied():
        sheet = Figure(figsize=(across / 72, up / 72))
        sheet.add_artist(Words(10, up - 16, title, size=11, weight="bold"))
        for i, row in enumerate(key_rows(_keys(), across)):
            put_keys(sheet, row, up - 30 - i * 14)
        for i, quantity in enumerate(quantities):
            panel = Panel(sheet, left + i * (PANEL + GAP), TOP, PANEL, ROW * len(samplers))
            _put(panel, [edge for edge in edges if edge["quantity"] == quantity], samplers)
            named(panel.yaxis, names if i == 0 else [])
            refine(panel)
            way = "← smaller is better" if quantity in SMALLER else "further is better →"
            sheet.add_artist(Words(left + i * (PANEL + GAP), up - TOP + 16, quantity, size=9, weight="bold"))
            sheet.add_artist(Words(left + i * (PANEL + GAP), up - TOP + 5, way, size=8, color=MUTED))
        sheet.add_artist(Words(10, 6, caption(edges, seed), size=8.5, color=INK))
        return export(sheet, prefix, title, _said(edges, samplers, quantities, seed))


def _keys() -> list[Line2D]:
    return [
        Line2D([], [], label="last verified", **GOOD),
        Line2D([], [], label="first refuted (none: right as far as was tried)", **BAD),
    ]


def _said(edges: Sequence[Edge], samplers: Sequence[str], quantities: Sequence[str], seed: int | None) -> str:
    many = f"{len(quantities)} quantities" if len(quantities) > 1 else "one quantity"
    return f"{counted(len(samplers), 'sampler')}, {many}. {caption(edges, seed)}. The numbers stand in envelope.csv."


def caption(edges: Sequence[Edge], seed: int | None) -> str:
    """Return n, alpha and, if it is known, the seed in words."""
    sizes, levels = [int(edge["n"]) for edge in edges], sorted({float(edge["alpha"]) for edge in edges})
    told = [f"n = {number(min(sizes))} to {number(max(sizes))} draws a point"]
    told.append(
        f"alpha {' or '.join(map(number, levels))} a point"
        if len(levels) < 4
        else f"alpha at most {number(levels[-1])}"
    )
    return "   ·   ".join([*told, *([f"seed {seed}"] if seed is not None else [])])


def _put(panel: Panel, edges: Sequence[Edge], samplers: Sequence[str]) -> None:
    """Draw one quantity; a dot without a cross was right as far as was tried."""
    unit = plain(edges[0]["unit"])
    negative = any((edge["last_verified"] or edge["first_refuted"] or 0) < 0 for edge in edges)
    minus = negative and unit not in LINEAR
    scale(panel, "x", f"−{unit}" if minus else unit, log=unit not in LINEAR, ticks=3, grid=True)
    rows = np.array([samplers.index(str(edge["sampler"])) for edge in edges], np.float64)
    good, bad = (
        np.array([np.nan if edge[name] is None else float(edge[name]) for edge in edges])
        for name in ("last_verified", "first_refuted")
    )
    if minus:
        good, bad = np.abs(good), np.abs(bad)
    both = np.isfinite(good) & np.isfinite(bad)
    panel.hlines(rows[both], good[both], bad[both], color=MUTED, linewidth=0.8)
    panel.plot(good, rows, **GOOD)
    panel.plot(bad, rows, **BAD)
    panel.set_ylim(len(samplers) - 0.5, -0.5)
