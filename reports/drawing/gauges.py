"""Below every figure: the number that decided within what was allowed, and the size seen beside tolerance and resolution."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import IdentityTransform

from reports.drawing.lettering import Words
from reports.drawing.style import INK, MUTED, NARROW, WIDTH, look
from reports.drawing.tested import deciding
from reports.words import finite, number, plain, probability, shorten

ROW = 31.0
"""Points that a gauge takes."""
DEEPEST = 307.0
"""Decades below which a p-value is no longer told from 0."""
LETTERS = 98
"""Letters of what cannot be, for which there is room in each of two lines."""
LINE = 104
"""Letters of sizes and their unit together."""
_EDGE = 10.0


@dataclass(frozen=True)
class Gauge:
    """A track from 0 to ``end``: allowed up to ``allowed`` if that is given, marks at values, and words with the numbers.

    An ``end`` of 0 leaves the words alone, of which there may be two lines.
    """

    words: str
    end: float
    marks: Sequence[tuple[float, str]]
    allowed: float | None = None


def gauges(record: Mapping[str, Any]) -> list[Gauge]:
    """Return the gauges of a record: of its evidence, if that is one number, and of its size."""
    return [made for made in (_evidence(record), _size(record)) if made]


def _evidence(record: Mapping[str, Any]) -> Gauge | None:
    """Say what cannot be if that refuted; else show the statistic if it is a sum of squares, else p if no cell decides."""
    if impossible := record.get("impossible"):
        lines = textwrap.wrap(f"no p-value needed: {plain(impossible)}", LETTERS, max_lines=2, placeholder=" …")
        return Gauge("\n".join(lines), 0.0, [])
    found = deciding(record)
    if len(found) == 1 and found[0].names == ["sum of squared scores"]:
        seen, high, due = float(found[0].observed[0]), float(found[0].high[0]), float(found[0].expected[0])
        words = (
            f"sum of squared scores ◆ {number(seen)}; about {number(due)} due, up to {number(high)} allowed (shaded)"
        )
        return Gauge(words, 1.15 * max(seen, high), [(seen, "D")], high)
    p, alpha = finite(record.get("p_value")), finite(record.get("alpha"))
    if found or p is None or alpha is None or not 0 < alpha < 1:
        return None
    depth, level = (-math.log10(value) if value > 0 else DEEPEST for value in (p, alpha))
    words = f"evidence ◆ p = {probability(p)}; down to α = {number(alpha)} allowed (shaded); scale −log₁₀ p"
    return Gauge(words.replace("p = <", "p <"), 1.15 * max(depth, level), [(depth, "D")], level)


def _size(record: Mapping[str, Any]) -> Gauge | None:
    """Show effect, detectable and tolerance in the check's unit."""
    values = [finite(record.get(name)) for name in ("effect", "detectable", "tolerance")]
    said = ("seen ◆", "would have shown ▲", "tolerance ❘")
    marks = [(abs(value), mark) for value, mark in zip(values, ("D", "^", "|"), strict=True) if value is not None]
    if len(marks) < 2 or max(value for value, _ in marks) <= 0:
        return None
    words = ", ".join(f"{word} {number(value)}" for word, value in zip(said, values, strict=True) if value is not None)
    unit = shorten(plain(record.get("unit", "")), min(44, LINE - len(words)))
    return Gauge(f"size: {words}  ({unit})", 1.15 * max(value for value, _ in marks), marks)


def put(figure: Figure, shown: Sequence[Gauge], above: float) -> None:
    """Draw gauges, the last one ``above`` points from the lower edge of a figure."""
    for i, gauge in enumerate(reversed(shown)):
        low = above + i * ROW
        for j, line in enumerate(gauge.words.split("\n")):
            figure.add_artist(Words(_EDGE, low + 15 - 11 * j, line, size=8, color=INK))
        for artist in _track(gauge, low + 6):
            artist.set_transform(IdentityTransform())
            figure.add_artist(artist)


def _track(gauge: Gauge, y: float) -> Iterator[Artist]:
    if not gauge.end:
        return

    def at(value: float) -> float:
        return _EDGE + (WIDTH - 2 * _EDGE) * value / gauge.end

    if gauge.allowed is not None:
        edge = at(gauge.allowed)
        yield Rectangle((at(0), y - 5), edge - at(0), 10, facecolor=NARROW, linewidth=0)
        yield Line2D([edge, edge], [y - 5, y + 5], color=MUTED, linewidth=0.9, linestyle="--")
    start, end = at(0), at(gauge.end)
    yield Line2D([end, start, start, start], [y, y, y - 3.5, y + 3.5], color=MUTED, linewidth=0.8)
    for value, marker in gauge.marks:
        color = look(0).color if marker == "D" else INK
        size = {"D": 5.0, "^": 5.0, "|": 9.0}[marker]
        edge = 1.6 if marker == "|" else 0.5
        yield Line2D([at(value)], [y], marker=marker, color=color, markersize=size, markeredgewidth=edge)
