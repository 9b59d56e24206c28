"""Every figure is a sheet of one width: title, check, key, panels, and a caption with n, seed and verdict; none overlaps."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, LogLocator, MaxNLocator
from matplotlib.transforms import IdentityTransform

from reports.drawing.gauges import ROW, gauges, put
from reports.drawing.lettering import Words
from reports.drawing.lettering import width as width_of
from reports.drawing.panel import Panel
from reports.drawing.style import INK, MUTED, WIDTH
from reports.words import number, plain, shorten, ten_to

PLAIN = (1e-3, 1e4)
"""Within these ends a logarithmic axis has plain numbers, else all its ticks are powers of ten."""
_POINT = 1 / 72
KEY_ROW = 14.0
_LETTERS, _SIGN, _GAP, _EDGE = 8.5, 21.0, 12.0, 10.0
Entry = tuple[Artist, str, float]
"""A key's sign, its words, and where it begins."""


@dataclass
class Sheet:
    """A figure under way: ``panels`` is called once and settles its size."""

    title: str
    record: dict[str, Any]
    figure: Figure = field(default_factory=Figure)
    made: list[Panel] = field(default_factory=list)

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
    ) -> list[Panel]:
        """Return the panels, row by row, each ``height`` points high, below title and key; titled ones have room above."""
        title = textwrap.wrap(plain(self.title), 72, max_lines=2, placeholder=" …") or ["untitled"]
        keys = key_rows(key, WIDTH)
        top = 20.0 + 13 * len(title) + (KEY_ROW * len(keys) + 4 if keys else 0) + (20 if titled else 8)
        shown = gauges(self.record)
        total = top + rows * height + (rows - 1) * gap + bottom + 18 + ROW * len(shown)
        self.figure.set_size_inches(WIDTH * _POINT, total * _POINT)
        self._words(title, total)
        put(self.figure, shown, 22)
        for i, row in enumerate(keys):
            put_keys(self.figure, row, total - 22.0 - 13 * len(title) - (i + 0.5) * KEY_ROW)
        width = (WIDTH - left - right - (columns - 1) * gap) / columns
        shift, width = ((width - height) / 2, height) if square and columns == 1 else (0.0, width)
        self.made = [
            Panel(self.figure, left + shift + j * (width + gap), top + i * (height + gap), width, height)
            for i in range(rows)
            for j in range(columns)
        ]
        return self.made

    def _words(self, title: Sequence[str], total: float) -> None:
        for i, line in enumerate(title):
            self.figure.add_artist(Words(_EDGE, total - 14 - 13 * i, line, size=10.5, weight="bold"))
        name = shorten(plain(self.record.get("check", "")), 100)
        self.figure.add_artist(Words(_EDGE, total - 14 - 13 * len(title), name, size=8, color=MUTED))
        self.figure.add_artist(Words(_EDGE, 6, caption(self.record), size=_LETTERS, color=INK))


def caption(record: dict[str, Any]) -> str:
    """Return n, seed and verdict of a record in words."""
    parts = [f"n = {number(record.get('n'))}", f"seed {record.get('seed')}", f"verdict: {record.get('verdict')}"]
    return plain("   ·   ".join(parts))


def key_rows(handles: Sequence[Artist], width: float) -> list[list[Entry]]:
    """Break the key into rows that fit a sheet so many points wide."""
    rows: list[list[Entry]] = []
    x = width
    for handle in handles:
        words = shorten(plain(handle.get_label()), 84)
        need = _room(handle) + width_of(words, _LETTERS)
        if not rows or x + need > width - _EDGE:
            rows.append([])
            x = _EDGE
        rows[-1].append((handle, words, x))
        x += need + _GAP
    return rows


def _room(handle: Artist) -> float:
    """Return the room of a sign; words without one stand for themselves."""
    bare = isinstance(handle, Line2D) and handle.get_linestyle() == "None" and handle.get_marker() == "None"
    return 0.0 if bare else _SIGN + 4


def put_keys(figure: Figure, row: Sequence[Entry], y: float) -> None:
    """Draw a row of the key whose middle is ``y`` points above the lower edge."""
    for handle, words, x in row:
        if isinstance(handle, Line2D):
            handle.set_data([x, x + _SIGN / 2, x + _SIGN], [y, y, y])
            handle.set_markevery([1])
            handle.set_transform(IdentityTransform())
            figure.add_artist(handle)
        elif isinstance(handle, Patch):
            box = Rectangle((x, y - 3.5), _SIGN, 7)
            box.update_from(handle)
            box.set_transform(IdentityTransform())
            figure.add_artist(box)
        figure.add_artist(Words(x + _room(handle), y - 3, words, size=_LETTERS, color=INK))


def scale(axes: Panel, which: str, label: str, *, log: bool = False, ticks: int = 6, grid: bool = False) -> None:
    """Label an axis, "x" or "y", and give it few ticks in plain numbers, logarithmic if asked."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(plain(label))
    if log:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        axis.set_major_locator(LogLocator(numticks=ticks))
    else:
        axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(float(value), 6)))
    if grid:
        axes.grids.add(which)


def named(axis: Any, names: Sequence[str]) -> None:
    """Give an axis a tick with a name at 0, 1, 2, ..."""
    axis.set_major_locator(FixedLocator(list(range(len(names)))))
    axis.set_major_formatter(FixedFormatter([*names]))


def refine(axes: Panel) -> None:
    """Give a logarithmic axis ticks of one style, and one that spans few decades ticks between them; then finish it."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        if axis.get_scale() == "log" and not PLAIN[0] <= low <= high <= PLAIN[1]:
            axis.set_major_formatter(FuncFormatter(lambda value, _: _decade(float(value))))
        if axis.get_scale() == "log" and 0 < low < high < 10**1.5 * low:
            narrow = high < 10**0.5 * low
            axis.set_major_locator(MaxNLocator(5) if narrow else LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.finish()


def _decade(value: float) -> str:
    """Return a tick of a logarithmic axis over many decades: a power of ten where it is one."""
    exponent = math.log10(value) if value > 0 else 0.5
    return ten_to(round(exponent)) if abs(exponent - round(exponent)) < 1e-9 else number(value)
