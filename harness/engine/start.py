"""A run begins in a folder without an older run's results, and keeps a journal there until it has a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.engine.journal import Journal
from harness.errors import UsageError
from harness.ledger.owner import prepare

JOURNAL = "journal.jsonl"
RESULTS = (
    *("manifest.json", "ledger.jsonl", "timings.csv", "claims.csv", "checks.csv", "samplers.csv", "errata.csv"),
    *("summary.md", "report.html"),
)
"""What a run leaves, which an unfinished one must not seem to have left."""


def start(path: Path, header: Mapping[str, Any], *, resume: bool) -> Journal:
    """Clear a folder of an older run's results, which would be taken for this one's, and return the journal.

    Raises UsageError if the folder cannot be written, or if there is nothing that could be resumed.
    """
    journal = path / JOURNAL
    if resume and path.exists() and not journal.exists() and (path / "manifest.json").exists():
        raise UsageError(f"the run in {path} is finished; run again without --resume, or choose another --out")
    prepare(path)
    for name in RESULTS:
        (path / name).unlink(missing_ok=True)
    made = Journal(journal, header, resume)
    if made.fault:
        made.close(remove=True)
        raise UsageError(f"cannot write to {path}: {made.fault}; choose another --out")
    return made
