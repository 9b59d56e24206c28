"""bench.html is one file that needs no network: goals, figures on logarithmic axes, tables, draws to a verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from harness.errors import UsageError
from reports.bench.figure import figure, styles_of
from reports.drawing.svg import inline
from reports.sections import Table, csv_table
from reports.templating import asset, environment
from reports.verdicts import verdicts

TITLES = {
    "index": "Indices",
    "simplex": "Points of the simplex",
    "gumbel": "Perturbed logits",
    "ranking": "Rankings",
    "truncated": "Truncated draws",
    "speculative": "Speculative steps",
    "uniforms": "Uniforms",
}


def load(folder: Path) -> dict[str, Any]:
    """Return the tables of a benchmark's folder and what was pinned; raises UsageError if it is none."""
    try:
        told = json.loads((folder / "bench.json").read_text(encoding="utf-8"))["metadata"]
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{folder} is no folder of a benchmark: bench.json cannot be read") from error
    names = ("bench", "goals", *(["verdicts"] if told.get("verdicts") else []))
    tables = {name: csv_table(folder / f"{name}.csv", name) for name in names}
    if tables["bench"] is None:
        raise UsageError(f"{folder} is no folder of a benchmark: bench.csv is missing")
    return {"told": told} | tables


def page(tables: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the page, and its figures by file name."""
    bench, reached, caught = tables["bench"], tables["goals"], tables.get("verdicts")
    outputs = dict.fromkeys(str(row["output"]) for row in bench.rows)
    of = {name: [row for row in bench.rows if row["output"] == name] for name in outputs}
    titles = {name: TITLES.get(name, name) for name in of}
    looks = styles_of(bench.rows)
    drawings = {
        f"bench-{name}": figure(rows, looks, f"{titles[name]}: time of a draw", f"b{i}")
        for i, (name, rows) in enumerate(of.items())
    }
    text = (
        environment()
        .get_template("bench.html.j2")
        .render(
            told=tables["told"],
            goals=reached.rows if reached else [],
            outputs=[
                (name, titles[name], Markup(inline(drawings[f"bench-{name}"])), _table(bench, rows))
                for name, rows in of.items()
            ],
            verdicts=verdicts(caught.rows if caught else []),
            css=Markup(asset("report.css") + asset("selftest.css")),
        )
    )
    return text + "\n", drawings


def _table(bench: Table, rows: list[Any]) -> Table:
    return Table(bench.caption, [column for column in bench.columns if column.name != "output"], rows, bench.source)
