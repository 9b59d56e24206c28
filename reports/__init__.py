"""From a finished run folder to tables, figures and a page; nothing here draws a sample or decides a verdict.

Reading order: view (what is shown), choice (which figures), figures (one kind a file), sections, page.
"""

from __future__ import annotations

from pathlib import Path


def write(folder: Path) -> None:
    """Remake tables, summary, figures and page of a run folder; the same folder gives the same bytes."""
    from harness.ledger.files import replace
    from reports.choice import choose
    from reports.drawing.svg import standalone
    from reports.figures import draw
    from reports.files import replace_figures
    from reports.page import page
    from reports.summary import summary
    from reports.tables import write_tables
    from reports.view import load

    view = load(folder)
    choice = choose(view)
    drawings = {row["check"]: draw(row, choice.names[row["check"]], f"f{i}") for i, row in enumerate(choice.in_order)}
    write_tables(view)
    replace(folder / "summary.md", summary(view))
    replace_figures(folder, {drawing.name: standalone(drawing.svg) for drawing in drawings.values() if drawing.svg})
    replace(folder / "report.html", page(view, choice, drawings))
