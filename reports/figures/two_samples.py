"""Two samples: the difference of their shares in standard errors, one stem a category, over its null bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.drawing import stems
from reports.drawing.arrays import matched
from reports.drawing.sheet import Sheet, scale
from reports.words import plain, shorten

TITLE = "Difference of two samples' shares, in standard errors"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one stem for each category shown, first sample minus second."""
    z, first, second = matched(exhibit["z"], exhibit["first"], exhibit["second"])
    names = [str(name) for name in exhibit["category"]][: z.size]
    rough = (first + second) / 2 < stems.ROUGH
    halves = stems.bounds(sheet.record, z.size)
    (axes,) = sheet.panels(key=stems.key(sheet.record, rough))
    stems.stems(axes, z, rough, halves)
    scale(axes, "y", "standard errors")
    stems.ticks(axes, names)
    one, two = _samples(sheet.record)
    axes.set_xlabel(f"category   (up: more in {shorten(one, 32)}; down: in {shorten(two, 32)})", size=8)
    said = stems.in_words(z, [f"category {name}" for name in names], halves)
    return f"Shares in {one} minus shares in {two}. {said}"


def _samples(record: Mapping[str, Any]) -> tuple[str, str]:
    names = [plain(part["scenario"]) for part in record.get("inputs") or []]
    return (names[0], names[1]) if len(names) == 2 else ("the first sample", "the second")
