"""From a finished run folder to tables, figures and a page; nothing here draws a sample or decides a verdict.

Reading order: view (what is shown), choice (which figures), figures (one kind a file), sections, page.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path


def write(folder: Path) -> None:
    """Remake tables, summary, figures and page of a run folder; the same folder gives the same bytes."""
    with _tidied_at_the_end():
        _write(folder)


@contextlib.contextmanager
def _tidied_at_the_end() -> Iterator[None]:
    """Leave what stood in memory before to a later search for garbage: figures make so much that it were often walked."""
    ours = gc.get_freeze_count() == 0
    if ours:
        gc.freeze()
    try:
        yield
    finally:
        if ours:
            gc.unfreeze()


def _write(folder: Path) -> None:
    from harness.ledger.files import replace
    from reports.choice import choose
    from reports.drawing.svg import standalone
    from reports.drawn import drawn
    from reports.files import replace_figures
    from reports.page import page
    from reports.summary import summary
    from reports.tables import write_tables
    from reports.view import load

    view = load(folder)
    choice = choose(view)
    drawings = drawn(view, choice)
    write_tables(view)
    replace(folder / "summary.md", summary(view))
    replace_figures(folder, {drawing.name: standalone(drawing.svg) for drawing in drawings.values() if drawing.svg})
    replace(folder / "report.html", page(view, choice, drawings))
