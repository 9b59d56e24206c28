"""selftest.html is one file that needs no network: what was caught, what was spared, and at which rates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from harness.errors import UsageError
from reports.drawing.svg import inline
from reports.figures import Drawing
from reports.sections import Table, csv_table
from reports.selftest.figures import calibration_figures
from reports.selftest.matrix import SHADES, matrix
from reports.templating import asset, environment
from reports.verdicts import verdicts

CAPTIONS = {
    "controls": "Controls: samplers that are wrong on purpose",
    "kill_matrix": "Kill matrix",
    "calibration": "False alarms at right samplers",
    "pvalues": "P-values of right samplers",
    "power": "Power at the designed n, and draws beside the Neyman-Pearson oracle",
    "peers": "Today's decision rules on the same tables",
    "verdicts": "Draws and seconds to a verdict",
}
MOST = 400
"""Rows of a table that the page shows; those that are not ok come first, and the CSV file has all."""


def load(folder: Path) -> dict[str, Any]:
    """Return the tables of a selftest's folder and its manifest; raises UsageError if it is none."""
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} is no folder of a selftest: manifest.json cannot be read") from error
    return {"manifest": told} | {name: csv_table(folder / f"{name}.csv", words) for name, words in CAPTIONS.items()}


def page(tables: Mapping[str, Any]) -> tuple[str, list[Drawing]]:
    """Return the page and its figures."""
    drawings = calibration_figures(_rows(tables["pvalues"]), tables["manifest"]["seed"])
    controls = _rows(tables["controls"])
    spared = {row["control"] for row in controls if row["verdict"] != "refuted"}
    priced = spared & {*tables["manifest"]["selftest"]["priced"]}
    text = (
        environment()
        .get_template("selftest.html.j2")
        .render(
            manifest=tables["manifest"],
            controls=controls,
            refuted=sum(row["verdict"] == "refuted" for row in controls),
            priced=len(priced),
            rates=_rows(tables["calibration"]),
            matrix=matrix(_rows(tables["kill_matrix"]), controls),
            shades=range(1, SHADES + 1),
            verdicts=verdicts(_rows(tables["verdicts"])),
            tables=[
                _worst_first(tables[name]) for name in ("controls", "peers", "power", "calibration") if tables[name]
            ],
            figures=[(drawing, Markup(inline(drawing.svg))) for drawing in drawings if drawing.svg],
            most=MOST,
            css=Markup(asset("report.css") + asset("selftest.css")),
        )
    )
    return text + "\n", drawings


def _rows(table: Table | None) -> Sequence[Any]:
    return table.rows if table else []


def _worst_first(table: Table) -> Table:
    rows = sorted(table.rows, key=lambda row: (row.get("ok") != "False", row.get("verdict") == "refuted"))
    return Table(table.caption, table.columns, rows, table.source)
