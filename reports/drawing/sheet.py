"""Every figure is a sheet of one width: title, check, key, panels, and a caption with n, seed and verdict; none overlaps."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from reports.drawing.gauges import ROW, gauges, put
from reports.drawing.style import GRID, INK, MUTED, WIDTH
from reports.words import number, plain, shorten, ten_to

PLAIN = (1e-3, 1e4)
"""Within these ends a logarithmic axis has plain numbers, else all its ticks are powers of ten."""
_POINT = 1 / 72
_KEY_ROW = 14.0
_LETTER = 4.9
"""Points that a letter of the key takes, on the wide side."""


@dataclass
class Sheet:
    """A figure under way: ``panels`` is called once and settles its size."""

    title: str
    record: dict[str, Any]
    figure: Figure = field(default_factory=Figure)

    def panels(
        self,
        height: float = 165.0,
        *,
        rows: int = 1,
        columns: int = 1,
        key: Sequence[Artist] = (),
        left: float = 58.0,
        right: float = 16.0,
        bottom: float = 34.0,
        gap: float = 30.0,
        square: bool = False,
        titled: bool = False,
    ) -> list[Axes]:
        """Return the panels, row by row, each ``height`` points high, below title and key; titled ones have room above."""
        title = textwrap.wrap(plain(self.title), 72, max_lines=2, placeholder=" …") or ["untitled"]
        keys = _key_rows(key)
        top = 20.0 + 13 * len(title) + (_KEY_ROW * len(keys) + 4 if keys else 0) + (20 if titled else 8)
        shown = gauges(self.record)
        total = top + rows * height + (rows - 1) * gap + bottom + 18 + ROW * len(shown)
        self.figure.set_size_inches(WIDTH * _POINT, total * _POINT)
        self._words(title, total)
        put(self.figure, shown, total, 22)
        for i, row in enumerate(keys):
            self._key(row, 1 - (22.0 + 13 * len(title) + i * _KEY_ROW) / total)
        width = (WIDTH - left - right - (columns - 1) * gap) / columns
        shift, width = ((width - height) / 2, height) if square and columns == 1 else (0.0, width)
        return [
            self.figure.add_axes(
                (
                    (left + shift + j * (width + gap)) / WIDTH,
                    1 - (top + (i + 1) * height + i * gap) / total,
                    width / WIDTH,
                    height / total,
                )
            )
            for i in range(rows)
            for j in range(columns)
        ]

    def _words(self, title: Sequence[str], total: float) -> None:
        for i, line in enumerate(title):
            self.figure.text(10 / WIDTH, 1 - (14 + 13 * i) / total, line, size=10.5, weight="bold")
        name = shorten(plain(self.record.get("check", "")), 100)
        self.figure.text(10 / WIDTH, 1 - (14 + 13 * len(title)) / total, name, size=8, color=MUTED)
        self.figure.text(10 / WIDTH, 6 / total, caption(self.record), size=8.5, color=INK)

    def _key(self, handles: Sequence[Artist], y: float) -> None:
        self.figure.legend(
            handles=list(handles),
            loc="upper left",
            bbox_to_anchor=(10 / WIDTH, y),
            ncols=len(handles),
            frameon=False,
            borderpad=0,
            borderaxespad=0,
            handlelength=2.4,
            handletextpad=0.5,
            columnspacing=1.4,
        )


def caption(record: dict[str, Any]) -> str:
    """Return n, seed and verdict of a record in words."""
    parts = [f"n = {number(record.get('n'))}", f"seed {record.get('seed')}", f"verdict: {record.get('verdict')}"]
    return plain("   ·   ".join(parts))


def _key_rows(handles: Sequence[Artist]) -> list[list[Artist]]:
    """Break the key into rows that fit the sheet."""
    rows: list[list[Artist]] = []
    room = 0.0
    for handle in handles:
        handle.set_label(shorten(plain(handle.get_label()), 72))
        need = 34 + _LETTER * len(str(handle.get_label()))
        if not rows or need > room:
            rows.append([])
            room = WIDTH - 20
        rows[-1].append(handle)
        room -= need
    return rows


def scale(axes: Axes, which: str, label: str, *, log: bool = False, ticks: int = 6, grid: bool = False) -> None:
    """Label an axis, "x" or "y", and give it few ticks in plain numbers, logarithmic if asked."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(
        "\n".join(textwrap.wrap(plain(label), 84 if which == "x" else 36, max_lines=2, placeholder=" …"))
    )
    if log:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        axis.set_major_locator(LogLocator(numticks=ticks))
    else:
        axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(float(value), 6)))
    if grid:
        axis.grid(True, color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)


def refine(axes: Axes) -> None:
    """Give a logarithmic axis ticks of one style, and one that spans few decades ticks between them."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        if axis.get_scale() == "log" and not PLAIN[0] <= low <= high <= PLAIN[1]:
            axis.set_major_formatter(FuncFormatter(lambda value, _: _decade(float(value))))
        if axis.get_scale() == "log" and 0 < low < high < 10**1.5 * low:
            narrow = high < 10**0.5 * low
            axis.set_major_locator(MaxNLocator(5) if narrow else LogLocator(subs=(1.0, 2.0, 5.0)))


def _decade(value: float) -> str:
    """Return a tick of a logarithmic axis over many decades: a power of ten where it is one."""
    exponent = math.log10(value) if value > 0 else 0.5
    return ten_to(round(exponent)) if abs(exponent - round(exponent)) < 1e-9 else number(value)
