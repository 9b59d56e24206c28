"""From a finished run folder to tables, figures and a page; nothing here draws a sample or decides a verdict."""

from __future__ import annotations

from pathlib import Path


def write(folder: Path) -> None:
    """Remake tables, figures and page of a run folder."""
    from reports.tables import write_tables

    write_tables(folder)
