"""The tables of the contract, from the ledger and the manifest."""

from __future__ import annotations

from harness.ledger.files import as_csv, replace
from reports.view import View


def write_tables(view: View) -> None:
    """Write checks.csv, claims.csv and samplers.csv."""
    for name, frame in view.frames.items():
        replace(view.folder / f"{name}.csv", as_csv(frame))
