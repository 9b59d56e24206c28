"""Counts against the law of each convention: a row a convention, a square a category, shaded by its residual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.patches import Patch

from reports.drawing import stems
from reports.drawing.arrays import floats
from reports.drawing.cells import outlined, residual_cells, residual_key
from reports.drawing.lettering import width
from reports.drawing.panel import SMALL
from reports.drawing.sheet import Sheet, named
from reports.drawing.style import DIVERGING, INK, PAPER
from reports.drawing.tested import in_words, parts
from reports.words import plain

TITLE = "What each convention keeps, and counts against it in standard errors"
_IMPOSSIBLE = 99.0
_DARK = (0, len(DIVERGING) - 1)
_NUMBERED = 12
_CUT = "cut"
_CUT_AND_DRAWN = (Patch(facecolor="none", edgecolor=INK, linewidth=1.8, label="cut, and drawn"),)


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw one row a convention, the declared one first; a frame marks what a convention cuts and was drawn."""
    part = parts(exhibit, "binomial")[0]
    observed, laws = floats(exhibit["observed"]), list(exhibit["laws"])
    p = np.array([floats(law["probability"]) for law in laws])
    z = _residuals(observed, p, float(exhibit["units"]))
    rows, columns = z.shape
    i, j = np.divmod(np.arange(z.size), columns)
    drawn = ((p == 0) & (observed > 0)).ravel()
    names = [_named(law) for law in laws]
    (axes,) = sheet.panels(
        24.0 * rows,
        key=[*residual_key(False, hatched=columns > _NUMBERED), *_CUT_AND_DRAWN[: int(drawn.any())]],
        left=max(120.0, 16 + max(width(name, SMALL) for name in names)),
        bottom=44,
    )
    squares = [np.array([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]) - 0.5 for x, y in zip(j, i, strict=True)]
    kept = (p > 0).ravel() | drawn
    few = columns <= _NUMBERED
    steps = np.zeros(z.size, np.intp)
    steps[kept] = residual_cells(
        axes, [one for one, inside in zip(squares, kept, strict=True) if inside], z.ravel()[kept], hatched=not few
    )
    outlined(axes, squares, drawn)
    if few:
        _numbers(axes, zip(i, j, z.ravel(), steps, kept, drawn, strict=True))
    axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), xlabel="category")
    stems.ticks(axes, [str(int(name)) for name in exhibit["shown"]])
    named(axes.yaxis, names)
    keeps = "; ".join(f"{name}: keeps {int(law['keeps'])}" for name, law in zip(names, laws, strict=True))
    return f"{keeps}. Under the declared one: {in_words(part, 'cells')}"


def _residuals(observed: Any, p: Any, units: float) -> Any:
    error = np.sqrt(np.maximum(units * p * (1 - p), 1e-300))
    sure = np.where(observed == units * p, 0.0, _IMPOSSIBLE)
    return np.where((p > 0) & (p < 1), (observed - units * p) / error, np.where((p == 0) & (observed == 0), 0.0, sure))


def _named(law: Mapping[str, Any]) -> str:
    """Return a convention's name and, where it was asked, whether the counts fit it."""
    word = {True: ", fits", False: ", does not fit"}.get(law.get("fits"), "")  # type: ignore[arg-type]
    return plain(f"{law['name']}{word}")


def _numbers(axes: Any, cells: Any) -> None:
    for row, column, value, step, kept, drawn in cells:
        color = PAPER if kept and step in _DARK else INK
        words = "drawn" if drawn else _score(float(value)) if kept else _CUT
        axes.text(column, row, words, ha="center", va="center", size=7.5, color=color)


def _score(value: float) -> str:
    """Return a residual with its sign; where a convention keeps nothing else, there is no such number."""
    return "not all" if value >= _IMPOSSIBLE else f"{round(value, 1) + 0.0:+.1f}".replace("-", "−")
