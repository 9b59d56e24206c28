"""The page of a selftest: its tables, the kill matrix as a heat map, and the p-values of right samplers with their bands.

It is made from the CSV files of a selftest's folder alone; nothing here draws a sample or decides a verdict.
"""

from __future__ import annotations

from pathlib import Path


def write(folder: Path) -> None:
    """Write selftest.html and figures/*.svg into a folder of a finished selftest."""
    from harness.ledger.files import replace
    from reports.drawing.svg import standalone
    from reports.files import replace_figures
    from reports.selftest.page import load, page

    tables = load(folder)
    text, drawings = page(tables)
    replace_figures(folder, {drawing.name: standalone(drawing.svg) for drawing in drawings if drawing.svg})
    replace(folder / "selftest.html", text)
