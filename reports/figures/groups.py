"""Groups of categories and the least likely single ones: each count within its exact binomial range."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from reports.drawing import stems
from reports.drawing.bands import level
from reports.drawing.lettering import width
from reports.drawing.panel import SMALL
from reports.drawing.sheet import Sheet, named, scale
from reports.drawing.tested import Part, in_words, joined, parts
from reports.words import number, plain

TITLE = "Counts of whole groups of categories"
LETTERS = 52
"""A longer name takes two lines."""
UNEVEN = 8.0
"""Ranges of which one is so many times another are drawn to one width."""


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one lying stem a group or category, with the count that it expects."""
    part = joined(parts(exhibit, "binomial", "given"))
    names = [_name(name, float(due)) for name, due in zip(part.names, part.expected, strict=True)]
    rows = max(name.count("\n") for name in names) + 1
    left = min(300.0, 24 + max(width(row, SMALL) for name in names for row in name.split("\n")))
    exact = all(one.get("law") != "given" for one in exhibit["tested"])
    key = stems.key(part, level(sheet.record), exact=exact)
    (axes,) = sheet.panels(max(60.0, (4.0 + 11.0 * rows) * len(names)), key=key, left=left, bottom=44)
    even = _evened(part)
    far = stems.stems(axes, even or part, sideways=True)
    named(axes.yaxis, names)
    axes.invert_yaxis()
    unit = "as a share of what is allowed" if even else plain(exhibit.get("unit", "in standard errors"))
    far_out = "logarithmic outside the range" if far else ""
    scale(axes, "x", ", ".join(filter(None, ("observed minus expected", unit, far_out))))
    if far:
        stems.decades(axes, even or part, "x")
    return in_words(part, plain(exhibit.get("what") or "groups and categories"))


def _name(name: str, due: float) -> str:
    return "\n".join(textwrap.wrap(f"{name} ({number(due)}\u00a0due)", LETTERS, max_lines=2, placeholder=" …"))


def _evened(part: Part) -> Part | None:
    """Return a part in shares of what each number is allowed at most, if the ranges in standard errors are uneven."""
    reach = np.maximum(part.high - part.expected, part.expected - part.low)
    wide = reach / np.maximum(part.error, 1e-9)
    return replace(part, error=reach) if wide.max() > UNEVEN * wide.min() else None
