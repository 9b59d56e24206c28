"""Residuals of counts: observed minus expected in standard errors, one stem a category, over its null bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.drawing import stems
from reports.drawing.arrays import largest, matched
from reports.drawing.sheet import Sheet, scale
from reports.words import number

TITLE = "Observed minus expected counts, in standard errors"
_WITH_PROBABILITY = 12
"""So few categories have room for their probabilities."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one stem for each category shown."""
    z, p, observed = matched(exhibit["z"], exhibit["probability"], exhibit["observed"])
    names = [str(name) for name in exhibit["category"]][: z.size]
    categories = int(exhibit.get("categories", z.size))
    rough = float(exhibit["units"]) * p < stems.ROUGH
    halves = stems.bounds(sheet.record, categories)
    few = z.size <= _WITH_PROBABILITY
    (axes,) = sheet.panels(key=stems.key(sheet.record, rough), bottom=44 if few else 34)
    stems.stems(axes, z, rough, halves)
    scale(axes, "y", "standard errors")
    stems.ticks(axes, [f"{name}\n{number(float(q))}" for name, q in zip(names, p, strict=True)] if few else names)
    axes.set_xlabel(_label(z.size, categories, few))
    said = stems.in_words(z, [f"category {name}" for name in names], halves)
    return f"{z.size} of {categories:,} categories. {said} It was drawn {number(int(observed[largest(z)]))} times."


def _label(shown: int, categories: int, few: bool) -> str:
    if shown < categories:
        return f"the {shown} likeliest of {categories:,} categories, in their own order"
    return "category, with its probability" if few else "category"
