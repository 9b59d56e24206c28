"""Draws and seconds to a verdict as a table: a row a control, a column a rule, ours first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.words import number

Row = dict[str, Any]
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


@dataclass(frozen=True)
class Verdicts:
    """Rules, and for each control its case and the words of its cells in their order."""

    rules: list[str]
    rows: list[tuple[str, str, list[tuple[str, bool]]]]


def verdicts(rows: Sequence[Row]) -> Verdicts:
    """Return the table from the rows of verdicts.csv: in each cell the draws and the time, and whether it was caught."""
    rules = sorted(dict.fromkeys(str(row["rule"]) for row in rows), key=lambda rule: "gumbel-harness" not in rule)
    cells = {(row["control"], row["rule"]): _cell(row) for row in rows}
    controls = {str(row["control"]): str(row["case"]) for row in rows}
    blank = ("", False)
    return Verdicts(
        rules, [(name, case, [cells.get((name, rule), blank) for rule in rules]) for name, case in controls.items()]
    )


def _cell(row: Row) -> tuple[str, bool]:
    if row["n"] in ("", None):
        return "not caught", False
    return ", ".join(filter(None, (number(int(float(row["n"]))), duration(row["seconds"])))), True


def duration(seconds: Any) -> str:
    """Return seconds in words with two digits; empty if they were not measured."""
    if seconds in ("", None):
        return ""
    value = float(seconds)
    unit, words = next(((unit, words) for unit, words in UNITS if value >= unit), UNITS[-1])
    return f"{value / unit:.{0 if value >= 10 * unit else 1}f} {words}"
