"""Nanoseconds a draw against K, both logarithmic: a colour and marker a library, and every line named where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reports.drawing.sheet import scale
from reports.drawing.style import INK, MUTED, Look, applied, look
from reports.drawing.svg import export
from reports.words import plain, shorten

WIDTH, LEFT, NAMES, TOP, BOTTOM = 640.0, 58.0, 215.0, 46.0, 36.0
"""Points: of the sheet, and around the panel; the names of the lines stand at its right."""
LETTERS, LONGEST = 7.5, 40
"""Height of a name in points, and its letters at most."""
LOOK = Look(INK, (0, ()), "o", "")
LIMIT = Look(MUTED, (0, (1.2, 1.6)), "", "")
OURS, LIMITS = "gumbel-harness", "limit"
Points = list[tuple[int, float]]


def styles_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Look]:
    """Return the look of every library in a table, the same in all figures that are made from it."""
    others = sorted({str(row["library"]) for row in rows} - {OURS, LIMITS})
    return {OURS: LOOK, LIMITS: LIMIT} | {name: look(i) for i, name in enumerate(others)}


def figure(rows: Sequence[Mapping[str, Any]], looks: Mapping[str, Look], title: str, prefix: str) -> str:
    """Return the SVG for the rows of one output; controls (A/A) are left out, as they lie on their twins."""
    lines = _lines([row for row in rows if not str(row["sampler"]).endswith("(again)")])
    panel = max(220.0, (LETTERS + 1.5) * len(lines))
    height = TOP + panel + BOTTOM
    with applied():
        sheet = Figure(figsize=(WIDTH / 72, height / 72))
        sheet.text(10 / WIDTH, 1 - 15 / height, title, size=10.5, weight="bold")
        sheet.legend(
            handles=[
                Line2D([], [], color=one.color, linestyle=one.dashes, marker=one.marker, markersize=4, label=name)
                for name, one in looks.items()
                if any(library == name for library, _ in lines)
            ],
            loc="upper left",
            bbox_to_anchor=(8 / WIDTH, 1 - 20 / height),
            ncols=len(looks),
            frameon=False,
            borderpad=0,
            handlelength=2.4,
            columnspacing=1.2,
        )
        axes = sheet.add_axes(
            (LEFT / WIDTH, BOTTOM / height, (WIDTH - LEFT - NAMES) / WIDTH, panel / height),
        )
        scale(axes, "x", "categories K", log=True, grid=True)
        scale(axes, "y", "nanoseconds a draw", log=True, grid=True)
        for (library, _), points in lines.items():
            one = looks[library]
            axes.plot(
                *zip(*points, strict=True),
                color=one.color,
                linestyle=one.dashes,
                marker=one.marker,
                markersize=3,
                linewidth=1.8 if library == OURS else 0.9,
            )
        _name(axes, lines, looks)
        words = f"{len(lines)} samplers. " + " ".join(
            f"{name}: {points[-1][1]:.3g} ns at K = {points[-1][0]}." for (_, name), points in lines.items()
        )
        return export(sheet, prefix, title, words)


def _lines(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Points]:
    """Return the points of each line by its library and name."""
    lines: dict[tuple[str, str], Points] = {}
    for row in rows:
        name = shorten(plain(row["sampler"]), LONGEST) + (
            "" if row["dtype"] == "float64" or "float" in row["sampler"] else ", float32"
        )
        lines.setdefault((str(row["library"]), name), []).append((row["K"], row["ns_per_draw"]))
    return lines


def _name(axes: Any, lines: Mapping[tuple[str, str], Points], looks: Mapping[str, Look]) -> None:
    """Write the names in the order of the lines' ends, apart by a letter's height, with a thread from each end."""
    figure = axes.figure
    figure.draw_without_rendering()
    to_points = 72 / figure.dpi
    ends = {key: axes.transData.transform(points[-1]) * to_points for key, points in lines.items()}
    order = sorted(ends, key=lambda key: float(ends[key][1]))
    box = axes.get_window_extent()
    right, bottom, top = (float(value) * to_points for value in (box.x1, box.y0, box.y1))
    for key, y in zip(order, spread([float(ends[key][1]) for key in order], LETTERS + 1.2, bottom, top), strict=True):
        height = figure.get_figheight() * 72
        x0, y0 = float(ends[key][0]), float(ends[key][1])
        place = ([x0 / WIDTH, (right + 8) / WIDTH], [y0 / height, y / height])
        figure.add_artist(Line2D(*place, color=MUTED, linewidth=0.4))
        color = looks[key[0]].color
        figure.text((right + 10) / WIDTH, y / height, key[1], size=LETTERS, color=color, va="center")


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
