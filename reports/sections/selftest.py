"""What the harness caught and spared when it was tried on itself, where the folder holds a self-test."""

from __future__ import annotations

from reports.sections import Section, csv_table
from reports.view import View

ORDER = 40


def section(view: View) -> Section | None:
    """Return the tables of controls.csv, calibration.csv, power.csv and peers.csv."""
    found = [
        csv_table(view.folder / "controls.csv", "Controls: samplers that are wrong on purpose"),
        csv_table(view.folder / "calibration.csv", "Calibration: how often right samplers are refuted"),
        csv_table(view.folder / "power.csv", "Power: measured beside designed, and draws beside the oracle's"),
        csv_table(view.folder / "peers.csv", "Today's decision rules on the same tables"),
    ]
    tables = [table for table in found if table]
    sentence = "Every control should be refuted, and every observed rate should agree with its nominal one."
    return Section("selftest", "Self-test", [sentence], tables) if tables else None
