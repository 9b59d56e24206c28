"""Counts against probabilities: a stem a tested cell, rare ones pooled as the test did, and the sum that decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.drawing import stems
from reports.drawing.bands import level
from reports.drawing.sheet import Sheet, scale
from reports.drawing.tested import in_words, parts
from reports.words import number

TITLE = "Observed minus expected counts, in standard errors"
_WITH_EXPECTED = 9
"""So few cells have room for what they expect."""
POOLED = "rare categories together"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one stem for each cell shown."""
    part = parts(exhibit, "binomial")[0]
    few = len(part.names) <= _WITH_EXPECTED
    (axes,) = sheet.panels(key=stems.key(part, level(sheet.record)), bottom=44 if few else 34)
    far = stems.stems(axes, part)
    scale(axes, "y", "standard errors" + (", logarithmic outside the range" if far else ""))
    if far:
        stems.decades(axes, part, "y")
    names = [name.replace(f" {POOLED}", " pooled") for name in part.names]
    labels = [f"{name}\n{number(float(due))}" for name, due in zip(names, part.expected, strict=True)]
    stems.ticks(axes, labels if few else names)
    axes.set_xlabel(_label(len(part.names), part.of, few))
    categories = int(exhibit.get("categories") or part.of)
    pooled = f"{categories:,} categories make {part.of:,} tested cells. " if categories != part.of else ""
    return f"{pooled}{in_words(part, 'cells')}"


def _label(shown: int, cells: int, few: bool) -> str:
    if shown < cells:
        return f"the {shown} of {cells:,} tested cells that are farthest from what they expect, in their own order"
    return "category, with its expected count" if few else "category"
