"""The page of an envelope: a figure and the table of its edges, from the folder's files alone."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path


def figure(table: Path, samplers: Collection[str] | None = None) -> str:
    """Return the SVG of an envelope.csv as a file of its own, or of some of its samplers."""
    from reports.drawing.svg import standalone
    from reports.envelope.panels import drawing, read

    return standalone(drawing(read(table, samplers)))


def write(folder: Path) -> None:
    """Write envelope.html and envelope.svg into a folder that has envelope.csv and envelope.json."""
    from harness.ledger.files import replace
    from reports.drawing.svg import standalone
    from reports.envelope.page import page

    text, svg = page(folder)
    replace(folder / "envelope.svg", standalone(svg))
    replace(folder / "envelope.html", text)
