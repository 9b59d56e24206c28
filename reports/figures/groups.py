"""Groups of categories and the least likely single ones: each count within its exact binomial range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.drawing import stems
from reports.drawing.bands import level
from reports.drawing.sheet import Sheet, named, scale
from reports.drawing.tested import in_words, joined, parts
from reports.words import number, plain, shorten

TITLE = "Counts of whole groups of categories, in standard errors"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one lying stem a group or category, with the count that it expects."""
    part = joined(parts(exhibit, "binomial"))
    names = [shorten(name, 22) for name in part.names]
    (axes,) = sheet.panels(max(60.0, 15.0 * len(names)), key=stems.key(part, level(sheet.record)), left=170)
    far = stems.stems(axes, part, sideways=True)
    due = zip(names, part.expected, strict=True)
    named(axes.yaxis, [f"{name}  ({number(float(expected))} due)" for name, expected in due])
    axes.invert_yaxis()
    scale(axes, "x", "observed minus expected, in standard errors" + (", logarithmic outside the range" if far else ""))
    if far:
        stems.decades(axes, part, "x")
    return in_words(part, plain(exhibit.get("what") or "groups and categories"))
