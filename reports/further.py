"""Rows of the table of checks beyond the first two thousand go with the page as data, from which its script makes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from harness.ledger.states import MARKS, STATES, state
from reports.sections import Table
from reports.words import number, probability


def further(table: Table, whys: Mapping[str, int]) -> Markup:
    """Return as JSON the states with their marks, the lists of claims, and (check, state, why, claims, cells) of each row.

    A cell is what is shown, or that and the number it is sorted by; ``whys`` numbers the reasons for which checks were made.
    """
    rows = table.rows[len(table.shown) :]
    claims = {words: i for i, words in enumerate(dict.fromkeys(" ".join(row["claims"]) for row in rows))}
    places = {word: i for i, word in enumerate(STATES)}
    told = {
        "states": [[word, MARKS[word]] for word in STATES],
        "claims": list(claims),
        "rows": [
            [row["check"], places[state(row)], whys[row["why"]], claims[" ".join(row["claims"])], _cells(table, row)]
            for row in rows
        ],
    }
    # A "<" could end the element that holds the data; it stands in strings only, where JSON has another spelling for it.
    return Markup(json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _cells(table: Table, row: Mapping[str, Any]) -> list[Any]:
    return [_cell(row[column.name], column.kind) for column in table.columns[2:]]


def _cell(value: Any, kind: str) -> Any:
    if kind not in ("number", "probability"):
        return value if isinstance(value, str) else number(value)
    words = probability(value) if kind == "probability" else number(value)
    if not isinstance(value, int | float) or (isinstance(value, int) and value <= 999):
        return words
    return [words, value if isinstance(value, int) else float(f"{value:.4g}")]
