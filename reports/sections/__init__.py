"""Sections after the claims: each a module here with ORDER and ``section(view)``, which returns None if there is nothing.

A section is a heading, sentences and tables; adding one touches one file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.ledger.files import read_table
from reports.view import View

MOST_ROWS = 2000
"""Rows of a table that the page shows; the CSV beside it has all, and a table of checks shows others by its script."""


@dataclass(frozen=True)
class Column:
    """A column: the row's key, its heading, and how a cell is shown: text, number, probability, code or verdict."""

    name: str
    label: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """A table with its caption; ``source`` is the CSV file beside the page that has it in full."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    source: str = ""
    searchable: bool = False
    """Whether its rows are checks, each with an address, to be searched and sorted."""

    @property
    def shown(self) -> Sequence[Mapping[str, Any]]:
        """The rows that the page shows."""
        return self.rows[:MOST_ROWS]


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    id: str
    title: str
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = field(default_factory=tuple)


def sections(view: View) -> list[Section]:
    """Return the sections that this run has, in their order."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = sorted((importlib.import_module(f"{__name__}.{name}") for name in names), key=lambda module: module.ORDER)
    return [section for module in modules if (section := module.section(view)) is not None]


def columns(**labels: str) -> list[Column]:
    """Return columns from name="label" or name="label: kind"."""
    made = []
    for name, label in labels.items():
        words, _, kind = label.partition(": ")
        made.append(Column(name, words, kind or "text"))
    return made


def csv_table(path: Path, caption: str) -> Table | None:
    """Return a CSV file as a table, or None if there is no such file; numbers are shown as numbers."""
    if not path.is_file():
        return None
    names, found = read_table(path)
    rows = [{name: _shown(value) for name, value in row.items()} for row in found]
    kinds = {name: "verdict" if name == "verdict" else "number" if _numeric(rows, name) else "text" for name in names}
    made = [Column(name, name.replace("_", " "), kinds[name]) for name in names]
    return Table(caption, made, rows, path.name)


def _shown(value: Any) -> Any:
    return "" if value is None else str(value) if isinstance(value, bool) else value


def _numeric(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return any(not isinstance(row[name], str) for row in rows) and not any(
        isinstance(row[name], str) and row[name] for row in rows
    )
