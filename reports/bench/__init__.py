"""The page of a benchmark: goals, a figure and a table an output, and draws to a verdict; from the folder's files alone."""

from __future__ import annotations

from pathlib import Path


def write(folder: Path) -> None:
    """Write bench.html and figures/bench-*.svg into a folder of a finished benchmark."""
    from harness.ledger.files import replace
    from harness.ledger.owner import no_link
    from reports.bench.page import load, page
    from reports.drawing.svg import standalone
    from reports.files import FIGURES

    text, drawings = page(load(folder))
    no_link(folder / FIGURES).mkdir(exist_ok=True)
    for name, svg in drawings.items():  # beside those of a run, which stay
        replace(folder / FIGURES / f"{name}.svg", standalone(svg))
    replace(folder / "bench.html", text)
