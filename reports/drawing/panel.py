"""A panel is matplotlib's Axes without its ticks: frame, ticks, grid and labels are two paths and a few words.

An Axes with ticks takes 37 ms to make and to write, a panel 6: each tick is three artists with a transform of its own, and
each label is laid out by a font that no reader uses. Locators, formatters and scales are matplotlib's.
"""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from reports.drawing.lettering import Words, width
from reports.drawing.style import GRID, INK, MUTED
from reports.words import plain

SMALL, LABEL = 8.5, 9.0
"""Sizes of the words at ticks and of labels."""
_LEADING, _TICK, _LETTER = 10.5, 3.0, 4.9
Segment = tuple[tuple[float, float], tuple[float, float]]
Tick = tuple[float, str]


class _Across(XAxis):
    majorTicks = minorTicks = property(lambda self: [])  # noqa: N815 - what the panel draws itself is not made


class _Upwards(YAxis):
    majorTicks = minorTicks = property(lambda self: [])  # noqa: N815


class Panel(Axes):
    """Axes at (left, top, width, height), in points from the figure's upper left corner."""

    def __init__(self, figure: Figure, left: float, top: float, width: float, height: float) -> None:
        across, up = figure.get_size_inches() * 72
        super().__init__(figure, (left / across, 1 - (top + height) / up, width / across, height / up))
        super().set_axis_off()
        super().set_title("", y=1.0)  # a fixed place, so that none is searched
        self.framed, self.heading = True, ""
        self.grids: set[str] = set()
        figure.add_axes(self)

    def _init_axis(self) -> None:
        """Take axes without ticks; a matplotlib that does not ask here makes its own, which are slower and not drawn."""
        self.xaxis, self.yaxis = _Across(self, clear=False), _Upwards(self, clear=False)
        for name, spine in self.spines.items():
            spine.register_axis(self.xaxis if name in ("top", "bottom") else self.yaxis)

    def set_axis_off(self) -> None:
        """Leave frame, ticks and labels out."""
        self.framed = False

    def finish(self) -> None:
        """Add frame, ticks, grid, labels and heading, when all else is there."""
        (x0, y0), (x1, y1) = self.transAxes.transform([(0, 0), (1, 1)])
        if self.heading:
            self._words(x0, y1 + 6, self.heading, size=LABEL, color=INK)
        if not self.framed:
            return
        sides = {"left": ((x0, y0), (x0, y1)), "right": ((x1, y0), (x1, y1)),
                 "bottom": ((x0, y0), (x1, y0)), "top": ((x0, y1), (x1, y1))}  # fmt: skip
        lines = [ends for name, ends in sides.items() if self.spines[name].get_visible()]
        across, up = self._ticks("x"), self._ticks("y")
        lines += [((x, y0 - _TICK), (x, y0)) for x, _ in across] + [((x0 - _TICK, y), (x0, y)) for y, _ in up]
        self._lines(lines, MUTED, 0.8, 2.5)
        self._lines([((x, y0), (x, y1)) for x, _ in across if "x" in self.grids], GRID, 0.6, -1)
        self._lines([((x0, y), (x1, y)) for y, _ in up if "y" in self.grids], GRID, 0.6, -1)
        self._below(across, (x0 + x1) / 2, y0)
        self._beside(up, x0, (y0 + y1) / 2)

    def _ticks(self, which: str) -> list[Tick]:
        """Return places and words of the ticks that lie within the panel."""
        axis = self.xaxis if which == "x" else self.yaxis
        column = 0 if which == "x" else 1
        values = np.asarray(axis.get_major_locator()(), np.float64)
        shown = axis.get_major_formatter().format_ticks(values.tolist())
        transform = self.get_xaxis_transform() if which == "x" else self.get_yaxis_transform()
        pairs = np.zeros((values.size, 2))
        pairs[:, column] = values
        places = transform.transform(pairs)[:, column]
        low, high = sorted(self.transAxes.transform([(0, 0), (1, 1)])[:, column])
        within = (places >= low - 0.5) & (places <= high + 0.5)
        return [(float(at), str(words)) for at, words, good in zip(places, shown, within, strict=True) if good]

    def _lines(self, segments: list[Segment], color: str, thick: float, order: float) -> None:
        if segments:
            path = Path(np.array(segments).reshape(-1, 2), [Path.MOVETO, Path.LINETO] * len(segments))
            patch = PathPatch(path, fill=False, edgecolor=color, linewidth=thick, transform=IdentityTransform())
            patch.set_zorder(order)
            self.figure.add_artist(patch)

    def _words(self, x: float, y: float, words: str, **style: Any) -> None:
        self.figure.add_artist(Words(x, y, words, **style))

    def _below(self, ticks: list[Tick], middle: float, bottom: float) -> None:
        rows = 0
        for x, shown in ticks:
            lines = shown.split("\n")
            rows = max(rows, len(lines))
            for i, line in enumerate(lines):
                self._words(x, bottom - 12 - i * _LEADING, line, size=SMALL, ha="center", color=INK)
        for i, line in enumerate(
            _wrapped(self.get_xlabel(), _fitting(2 * min(middle, self.figure.bbox.width - middle)))
        ):
            y = bottom - 14 - (rows + i) * _LEADING
            self._words(middle, y, line, size=LABEL, ha="center", color=INK)

    def _beside(self, ticks: list[Tick], left: float, middle: float) -> None:
        for y, shown in ticks:
            rows = shown.split("\n")
            for i, row in enumerate(rows):
                at = y - 3 + ((len(rows) - 1) / 2 - i) * _LEADING
                self._words(left - 6, at, row, size=SMALL, ha="right", color=INK)
        lines = _wrapped(self.get_ylabel(), _fitting(1.15 * self.bbox.height))
        widest = max((width(row, SMALL) for _, shown in ticks for row in shown.split("\n")), default=0.0)
        x = max(left - 12 - widest, 9.0 + _LEADING * (len(lines) - 1))
        for i, line in enumerate(reversed(lines)):
            self._words(x - i * _LEADING, middle, line, size=LABEL, ha="center", rotation=90, color=INK)


def _fitting(room: float) -> int:
    """Return how many letters of a label find room in so many points."""
    return max(24, int(room / _LETTER))


def _wrapped(label: str, letters: int) -> list[str]:
    lines = plain(label).split("\n")
    return [row for line in lines for row in textwrap.wrap(line, letters, max_lines=2, placeholder=" …")]
