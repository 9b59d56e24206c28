"""The envelope's figure: a panel a quantity, a row a sampler, a dot where it was last right and a cross where it was not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from harness.ledger.files import read_table
from reports.drawing.style import GRID, INK, MUTED, SERIES, applied
from reports.drawing.svg import export, standalone
from reports.words import number

PANEL, ROW, NAMES, TOP = 128.0, 13.0, 165.0, 62.0
"""Points: width of a panel, height of a row, room for the names and for the head."""
LINEAR = ("noise value",)


Edge = Mapping[str, Any]
"""A row of envelope.csv."""


def figure(table: Path, samplers: Collection[str] | None = None) -> str:
    """Return the SVG of an envelope.csv, samplers in the order in which they come, or of some of them."""
    edges = [edge for edge in read_table(table)[1] if samplers is None or edge["sampler"] in samplers]
    samplers = list(dict.fromkeys(edge["sampler"] for edge in edges))
    quantities = list(dict.fromkeys(edge["quantity"] for edge in edges))
    width, height = NAMES + PANEL * len(quantities) + 12, TOP + ROW * len(samplers) + 34
    with applied():
        sheet = Figure(figsize=(width / 72, height / 72))
        for i, quantity in enumerate(quantities):
            box = ((NAMES + i * PANEL + 5) / width, 34 / height, (PANEL - 12) / width, ROW * len(samplers) / height)
            axes = sheet.add_axes(box)
            _panel(axes, [edge for edge in edges if edge["quantity"] == quantity], samplers)
            axes.set_yticks(range(len(samplers)), samplers if i == 0 else [])
        _head(sheet, height)
        words = f"{len(samplers)} samplers, {len(quantities)} quantities; the numbers stand in envelope.csv"
        return standalone(export(sheet, "envelope", "Operating envelope", words))


def _panel(axes: Axes, edges: Sequence[Edge], samplers: Sequence[str]) -> None:
    """Draw one quantity; a dot without a cross was right as far as was tried."""
    good, bad = SERIES[0], SERIES[1]
    for edge in edges:
        row = samplers.index(edge["sampler"])
        ends = [value for value in (edge["last_verified"], edge["first_refuted"]) if value is not None]
        axes.plot(np.abs(ends), [row] * len(ends), color=MUTED, linewidth=0.8)
        if edge["last_verified"] is not None:
            axes.plot(abs(edge["last_verified"]), row, good.marker, color=good.color, markersize=4)
        if edge["first_refuted"] is not None:
            axes.plot(abs(edge["first_refuted"]), row, "x", color=bad.color, markersize=5)
    unit = edges[0]["unit"]
    if unit not in LINEAR:
        axes.set_xscale("log")
    axes.set_title(edges[0]["quantity"], size=8.5)
    negative = any((edge["last_verified"] or edge["first_refuted"] or 0) < 0 for edge in edges)
    axes.set_xlabel(f"−{unit}" if negative else unit, size=8)
    axes.set_ylim(len(samplers) - 0.5, -0.5)
    axes.grid(True, color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=7, length=2)
    axes.xaxis.set_major_locator(MaxNLocator(4) if unit in LINEAR else LogLocator(numticks=4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(float(value))))
    axes.minorticks_off()


def _head(sheet: Figure, height: float) -> None:
    sheet.text(
        0.008, 1 - 16 / height, "Operating envelope: how far each sampler is right", size=11, weight="bold", color=INK
    )
    good, bad = SERIES[0], SERIES[1]
    sheet.legend(
        handles=[
            Line2D([], [], marker=good.marker, color=good.color, linestyle="", label="last verified"),
            Line2D(
                [], [], marker="x", color=bad.color, linestyle="", label="first refuted (none: right as far as tried)"
            ),
        ],
        loc="upper left",
        bbox_to_anchor=(0.004, 1 - 20 / height),
        ncols=2,
        frameon=False,
    )
