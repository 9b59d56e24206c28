"""Groups of categories: each group's count in standard errors of its exact binomial law, over its null bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reports.drawing import stems
from reports.drawing.arrays import matched
from reports.drawing.sheet import Sheet, scale
from reports.words import number, shorten

TITLE = "Counts of whole groups of categories, in standard errors"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one lying stem a group, with its probability."""
    names = [shorten(str(name), 22) for name in exhibit["group"]]
    p, observed = matched(exhibit["probability"], exhibit["observed"])
    units = float(exhibit["units"])
    z = (observed - units * p) / np.sqrt(np.maximum(units * p * (1 - p), 1e-300))
    rough = units * np.minimum(p, 1 - p) < stems.ROUGH
    halves = stems.bounds(sheet.record, z.size)
    (axes,) = sheet.panels(max(60.0, 24.0 * z.size), key=stems.key(sheet.record, rough), left=150)
    stems.stems(axes, z, rough, halves, sideways=True)
    axes.set_yticks(range(z.size), [f"{name}  ({number(float(q))})" for name, q in zip(names, p, strict=False)])
    axes.invert_yaxis()
    scale(axes, "x", "standard errors; in brackets the group's probability")
    return stems.in_words(z, [f"the group {name!r}" for name in names], halves)
