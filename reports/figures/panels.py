"""Several sets of curves over one another on the same horizontal axis; one key serves them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reports.drawing.sheet import Sheet, scale
from reports.figures.curves import _line_handle, _put_line, _Series
from reports.words import plain

TITLE = "Curves"


def draw(sheet: Sheet, exhibit: Mapping[str, Any]) -> str:
    """Draw each of ``panels``, exhibits as of the kind "curves", in a panel of its own; labels name one look throughout."""
    panels = [panel for panel in exhibit.get("panels") or [] if panel.get("series")]
    labels = list(dict.fromkeys(str(one.get("label")) for panel in panels for one in panel["series"]))
    made = [_made(panel, labels) for panel in panels]
    if not made or not any(made):
        raise ValueError("no panel has a finite point")
    first = {one.label: one.handle for row in made for one in reversed(row)}
    lines = [line for panel in panels for line in panel.get("lines") or []]
    marks = list({plain(line["label"]): _line_handle(0, line) for line in lines if line.get("label")}.values())
    key = [first[plain(label)] for label in labels if plain(label) in first]
    axes = sheet.panels(110, rows=len(panels), key=[*key, *marks], gap=34, titled=True)
    for at, panel, row in zip(axes, panels, made, strict=True):
        at.heading = plain(panel.get("title", ""))
        last = panel is panels[-1]
        scale(at, "x", str(panel.get("x_label", "")) if last else "", log=bool(panel.get("log_x")), grid=True)
        scale(at, "y", "", log=bool(panel.get("log_y")), ticks=5, grid=True)
        for one in row:
            one.put(at)
        for line in panel.get("lines") or []:
            _put_line(at, 0, line)
    return " ".join(_said(panel, row) for panel, row in zip(panels, made, strict=True))


def _made(panel: Mapping[str, Any], labels: list[str]) -> list[_Series]:
    log_x, log_y = bool(panel.get("log_x")), bool(panel.get("log_y"))
    series = [_Series(labels.index(str(one.get("label"))), one, log_x, log_y) for one in panel["series"]]
    return [one for one in series if np.isfinite(one.y).any()]


def _said(panel: Mapping[str, Any], row: list[_Series]) -> str:
    marks = [f"{plain(line['label'])} at {line.get('x', line.get('y')):.3g}" for line in panel.get("lines") or []]
    words = " ".join(one.words for one in row if one.style != "points")
    return f"{plain(panel.get('title', ''))}: {words}" + (f" {'; '.join(marks)}." if marks else "")
