"""The tables of the contract, from the ledger and the manifest."""

from __future__ import annotations

from harness.ledger.files import as_csv, replace, write_table
from harness.ledger.tables import ERRATA
from reports.view import View


def write_tables(view: View) -> None:
    """Write checks.csv, claims.csv, samplers.csv and errata.csv."""
    write_table(view.folder / "errata.csv", ERRATA, view.manifest.get("errata") or [])
    for name, frame in view.frames.items():
        replace(view.folder / f"{name}.csv", as_csv(frame))
