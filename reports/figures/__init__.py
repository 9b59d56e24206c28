"""A figure is found by the kind of its exhibit: the module of that name in this folder, which has TITLE and ``draw``.

``draw(sheet, exhibit)`` puts panels on the sheet and returns in words what is seen there. What has no exhibit, a
kind that has no module, and an exhibit that its module cannot draw become a sentence, never a crash.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from reports.drawing import style
from reports.drawing.sheet import Sheet, caption, refine
from reports.drawing.svg import export
from reports.words import number, plain, probability


@dataclass(frozen=True)
class Drawing:
    """A figure as SVG with its title and what is seen in it; ``svg`` is empty where nothing could be drawn."""

    name: str
    title: str
    words: str
    svg: str = ""


def nothing(record: Mapping[str, Any]) -> str:
    """Say why a check has no figure."""
    head = f"{record['check']} has no figure"
    if record.get("impossible"):
        return f"{head}: one such case is enough, and no number was held against a range: {record['impossible']}."
    if record.get("p_value") is None:
        return f"{head}: no number was held against a range; what must be equal, or must not be, was compared as it is."
    words = f"p {'' if record['p_value'] == 0 else '= '}{probability(record['p_value'])}"
    return f"{head}: it rests on one probability, {words} where α = {number(record.get('alpha'))}."


@cache
def kinds() -> frozenset[str]:
    """Return the kinds that have a figure."""
    return frozenset(module.name for module in pkgutil.iter_modules(__path__))


def draw(record: Mapping[str, Any], name: str, prefix: str) -> Drawing:
    """Return the figure of a record's exhibit; ``name`` is its file's, ``prefix`` begins the ids in it."""
    exhibit = record["exhibit"]
    if not exhibit:
        return Drawing(name, "", plain(nothing(record)))
    kind = str(exhibit.get("kind"))
    if kind not in kinds():
        return Drawing(name, "", plain(f"There is no figure for an exhibit of the kind {kind!r}."))
    module = importlib.import_module(f"{__name__}.{kind}")
    title = plain(exhibit.get("title") or module.TITLE)
    try:
        with style.applied():
            sheet = Sheet(title, dict(record))
            seen = module.draw(sheet, exhibit)
            for panel in sheet.made:
                refine(panel)
            cannot = f" No p-value is needed: {record['impossible']}." if record.get("impossible") else ""
            words = f"{seen}{cannot} {caption(sheet.record)}."
            return Drawing(name, title, plain(words), export(sheet.figure, prefix, title, words))
    except Exception as error:
        return Drawing(name, title, plain(f"The figure could not be drawn: {type(error).__name__}: {error}"))
