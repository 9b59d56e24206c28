"""Nanoseconds a draw against K, both logarithmic: a colour and marker a library, and every line named where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

from reports.drawing.lettering import Words
from reports.drawing.panel import Panel
from reports.drawing.sheet import KEY_ROW, key_rows, put_keys, refine, scale
from reports.drawing.style import INK, MUTED, Look, applied, look
from reports.drawing.svg import export
from reports.words import number, plain, shorten

WIDTH, LEFT, NAMES, TOP, BOTTOM = 640.0, 58.0, 215.0, 46.0, 36.0
"""Points: of the sheet, and around the panel; the names of the lines stand at its right."""
LETTERS, LONGEST = 7.5, 40
"""Height of a name in points, and its letters at most."""
LOOK = Look(INK, (0, ()), "o", "")
LIMIT = Look(MUTED, (0, (1.2, 1.6)), "", "")
INTERVAL = "95 % interval of the median"
OURS, LIMITS = "gumbel-harness", "limit"
Points = list[tuple[int, float, float, float]]
"""K, the median in nanoseconds, and the ends of its interval."""


def styles_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Look]:
    """Return the look of every library in a table, the same in all figures that are made from it."""
    others = sorted({str(row["library"]) for row in rows} - {OURS, LIMITS})
    return {OURS: LOOK, LIMITS: LIMIT} | {name: look(i) for i, name in enumerate(others)}


def figure(rows: Sequence[Mapping[str, Any]], looks: Mapping[str, Look], title: str, prefix: str) -> str:
    """Return the SVG for the rows of one output; controls (A/A) are left out, as they lie on their twins."""
    lines = _lines([row for row in rows if not str(row["sampler"]).endswith("(again)")])
    panel = max(220.0, (LETTERS + 1.5) * len(lines))
    with applied():
        keys = key_rows([*_keys(lines, looks), Line2D([], [], color=MUTED, linewidth=2.4, label=INTERVAL)], WIDTH)
        top = TOP + KEY_ROW * (len(keys) - 1)
        height = top + panel + BOTTOM
        sheet = Figure(figsize=(WIDTH / 72, height / 72))
        sheet.add_artist(Words(10, height - 15, title, size=10.5, weight="bold"))
        for i, row in enumerate(keys):
            put_keys(sheet, row, height - 22 - (i + 0.5) * KEY_ROW)
        axes = Panel(sheet, LEFT, top, WIDTH - LEFT - NAMES, panel)
        scale(axes, "x", "categories K", log=True, grid=True)
        scale(axes, "y", "nanoseconds a draw", log=True, grid=True)
        for (library, _), points in lines.items():
            _put(axes, points, looks[library], 1.8 if library == OURS else 0.9)
        refine(axes)
        _name(sheet, axes, lines, looks)
        words = f"{len(lines)} samplers, medians with their 95 % intervals. " + " ".join(
            f"{name}: {number(points[-1][1])} ns at K = {points[-1][0]}." for (_, name), points in lines.items()
        )
        return export(sheet, prefix, title, words)


def _keys(lines: Mapping[tuple[str, str], Points], looks: Mapping[str, Look]) -> list[Line2D]:
    present = {library for library, _ in lines}
    return [
        Line2D([], [], color=one.color, linestyle=one.dashes, marker=one.marker, markersize=4, label=name)
        for name, one in looks.items()
        if name in present
    ]


def _put(axes: Panel, points: Points, one: Look, width: float) -> None:
    """Draw a line of medians, and at each K the interval, which is seen where it is wider than the line."""
    k, median, low, high = zip(*points, strict=True)
    axes.vlines(k, low, high, color=one.color, linewidth=2.4)
    axes.plot(k, median, color=one.color, linestyle=one.dashes, marker=one.marker, markersize=3, linewidth=width)


def _lines(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Points]:
    """Return the points of each line by its library and name."""
    lines: dict[tuple[str, str], Points] = {}
    for row in rows:
        name = shorten(plain(row["sampler"]), LONGEST) + (
            "" if row["dtype"] == "float64" or "float" in row["sampler"] else ", float32"
        )
        lines.setdefault((str(row["library"]), name), []).append(
            (row["K"], row["ns_per_draw"], row["low"], row["high"])
        )
    return lines


def _name(sheet: Figure, axes: Panel, lines: Mapping[tuple[str, str], Points], looks: Mapping[str, Look]) -> None:
    """Write the names in the order of the lines' ends, apart by a letter's height, with a thread from each end."""
    ends = {key: axes.transData.transform(points[-1][:2]) for key, points in lines.items()}
    order = sorted(ends, key=lambda key: float(ends[key][1]))
    (_, bottom), (right, top) = axes.transAxes.transform([(0, 0), (1, 1)])
    places = spread([float(ends[key][1]) for key in order], LETTERS + 1.2, float(bottom), float(top))
    for key, y in zip(order, places, strict=True):
        (across, up), beside = ends[key], float(right)
        thread = Line2D([across, beside + 8], [up, y], color=MUTED, linewidth=0.4, transform=IdentityTransform())
        sheet.add_artist(thread)
        sheet.add_artist(Words(beside + 10, y - 2.6, key[1], size=LETTERS, color=looks[key[0]].color))


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return increasing places ``gap`` apart or more, near the wanted ones (increasing), from low to high if they fit."""
    placed: list[float] = []
    for value in wanted:
        placed.append(max(value, placed[-1] + gap if placed else low))
    excess = placed[-1] - high if placed else 0.0
    if excess > 0:
        placed[-1] -= excess
        for i in range(len(placed) - 2, -1, -1):
            placed[i] = min(placed[i], placed[i + 1] - gap)
    return placed
