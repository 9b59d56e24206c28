"""Draws and seconds to a verdict as a table: a row a control, a column a rule, ours first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.words import number

Row = Mapping[str, Any]
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


@dataclass(frozen=True)
class Verdicts:
    """Rules, for each control its case and the words of its cells in their order, and what they mean in a sentence."""

    rules: list[str]
    rows: list[tuple[str, str, list[tuple[str, bool]]]]
    sentence: str


def verdicts(rows: Sequence[Row]) -> Verdicts:
    """Return the table from the rows of verdicts.csv: in each cell the draws and the time, and whether it was caught."""
    rules = sorted(dict.fromkeys(str(row["rule"]) for row in rows), key=lambda rule: "gumbel-harness" not in rule)
    cells = {(row["control"], row["rule"]): _cell(row) for row in rows}
    controls = {str(row["control"]): str(row["case"]) for row in rows}
    blank = ("", False)
    made = [(name, case, [cells.get((name, rule), blank) for rule in rules]) for name, case in controls.items()]
    return Verdicts(rules, made, _sentence(rows))


def _sentence(rows: Sequence[Row]) -> str:
    """Return what the table holds, with its rates: the plan's rows have no power, as they were run and not simulated."""
    simulated = [row["rate"] for row in rows if row["power"] not in ("", None)]
    run = [row["rate"] for row in rows if row["power"] in ("", None)]
    words = []
    if run:
        words.append(
            f"The whole plan: draws of the check that refuted, at a level of {number(run[0])} a check, and the CPU time of "
            "all its checks, measured."
        )
    if simulated:
        words.append(
            "The rules, on the counts of one case: the least n, of powers of four up to a million, at which nine tables in "
            "ten are rejected, each rule with the threshold that right tables exceed at a rate of "
            f"{number(simulated[0])}, whatever rate its authors state; the time is that of the draws and of one decision, "
            "n times a measured draw."
        )
    return " ".join([*words, "Nothing where the rules cannot be asked, as they see counts alone."])


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
