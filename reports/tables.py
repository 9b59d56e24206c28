"""The tables of the contract, from the ledger and the manifest."""

from __future__ import annotations

from pathlib import Path

from harness.frames import checks_frame, claims_frame, samplers_frame
from harness.runfolder import read


def write_tables(folder: Path) -> None:
    """Write checks.csv, claims.csv and samplers.csv."""
    run = read(folder)
    frames = {
        "checks": checks_frame(run.records, run.manifest["budget"]["planned"]),
        "claims": claims_frame(run.records, run.manifest["claims"]),
        "samplers": samplers_frame(run.records, run.manifest["samplers"]),
    }
    for name, frame in frames.items():
        part = folder / f"{name}.csv.part"
        frame.to_csv(part, index=False, lineterminator="\n")
        part.replace(folder / f"{name}.csv")
