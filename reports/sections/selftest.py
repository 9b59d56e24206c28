"""What the harness caught and spared when it was tried on itself, where the folder holds a self-test."""

from __future__ import annotations

from reports.sections import Column, Section, Table, csv_table
from reports.verdicts import Verdicts, verdicts
from reports.view import View

ORDER = 40


def section(view: View) -> Section | None:
    """Return the tables of controls.csv, calibration.csv, power.csv, peers.csv and, a column a rule, verdicts.csv."""
    found = [
        csv_table(view.folder / "controls.csv", "Controls: samplers that are wrong on purpose"),
        csv_table(view.folder / "calibration.csv", "Calibration: how often right samplers are refuted"),
        csv_table(view.folder / "power.csv", "Power: measured beside designed, and draws beside the oracle's"),
        csv_table(view.folder / "peers.csv", "Today's decision rules on the same tables"),
    ]
    tables = [table for table in found if table]
    sentences = ["Every control should be refuted, and every observed rate should agree with its nominal one."]
    if kept := csv_table(view.folder / "verdicts.csv", "Draws and seconds to a verdict"):
        made = verdicts(kept.rows)
        sentences.append(f"{kept.caption}. {made.sentence}")
        tables.append(_wide(kept, made))
    return Section("selftest", "Self-test", sentences, tables) if tables else None


def _wide(kept: Table, made: Verdicts) -> Table:
    rows = [
        {"control": control, "case": case} | {rule: words for rule, (words, _) in zip(made.rules, cells, strict=True)}
        for control, case, cells in made.rows
    ]
    columns = [
        Column("control", "control", "code"),
        Column("case", "case"),
        *(Column(rule, rule) for rule in made.rules),
    ]
    return Table(kept.caption, columns, rows, kept.source)
