"""Two samples: the first one's counts given both, one stem a tested cell, and the sum that decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.lines import Line2D

from reports.drawing import stems
from reports.drawing.bands import level
from reports.drawing.sheet import Sheet, scale
from reports.drawing.tested import in_words, parts
from reports.words import plain

TITLE = "Two samples: counts of the first, given both, in standard errors"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one stem for each cell shown; up means more in the first sample."""
    part = parts(exhibit, "hypergeometric")[0]
    one, two = _samples(sheet.record)
    names = [Line2D([], [], linestyle="none", label=f"up: more in {one}; down: more in {two}")]
    (axes,) = sheet.panels(key=[*stems.key(part, level(sheet.record)), *names])
    far = stems.stems(axes, part)
    scale(axes, "y", "standard errors" + (", logarithmic outside the range" if far else ""))
    if far:
        stems.decades(axes, part, "y")
    stems.ticks(axes, [name.replace(" rare categories together", " pooled") for name in part.names])
    axes.set_xlabel(
        "category" if len(part.names) == part.of else f"the {len(part.names)} farthest of {part.of:,} tested cells"
    )
    return f"Counts in {one}, given those in {two}. {in_words(part, 'cells')}"


def _samples(record: Mapping[str, Any]) -> tuple[str, str]:
    names = [plain(part["scenario"]) for part in record.get("inputs") or []]
    return (names[0], names[1]) if len(names) == 2 else ("the first sample", "the second")
