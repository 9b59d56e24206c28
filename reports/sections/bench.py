"""Throughput, where the folder holds a benchmark."""

from __future__ import annotations

from reports.sections import Section, csv_table
from reports.view import View

ORDER = 50


def section(view: View) -> Section | None:
    """Return the table of bench.csv."""
    table = csv_table(view.folder / "bench.csv", "Throughput")
    sentence = "Nanoseconds a draw with their interval; times vary with the machine and say nothing about correctness."
    return Section("bench", "Throughput", [sentence], [table]) if table else None
