"""The kill matrix as a table of colours: a row a control, a column a family, in each cell the draws that it took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.words import number

Row = dict[str, Any]
SHADES = 5


@dataclass(frozen=True)
class Cell:
    """What a family did to a control: words for the cell, more words behind it, and a shade (0: nothing, 5: at once)."""

    words: str
    title: str
    shade: int


@dataclass(frozen=True)
class Matrix:
    """Families, and for each control its verdict and cells in their order."""

    families: list[str]
    rows: list[tuple[str, str, list[Cell]]]


def matrix(kills: Sequence[Row], controls: Sequence[Row]) -> Matrix:
    """Return the matrix from the rows of kill_matrix.csv and controls.csv."""
    families = list(dict.fromkeys(str(row["family"]) for row in kills))
    cells = {(row["control"], row["family"]): _cell(row) for row in kills}
    blank = Cell("", "no check of this family", 0)
    rows = [
        (str(row["control"]), str(row["verdict"]), [cells.get((row["control"], family), blank) for family in families])
        for row in controls
    ]
    return Matrix(families, rows)


def _cell(row: Row) -> Cell:
    checks, refuted, n = int(row["checks"] or 0), int(row["refuted"] or 0), row["n"]
    if not checks:
        return Cell("", "no check of this family", 0)
    if not refuted:
        return Cell("·", f"none of {checks} checks", 0)
    shade = max(1, SHADES - int(math.log10(max(float(n), 1.0))))
    return Cell(number(int(n)), f"{refuted} of {checks} checks; first {row['first']}", min(shade, SHADES))
