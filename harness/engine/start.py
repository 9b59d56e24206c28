"""A run begins in a folder without an older run's results, and keeps a journal there until it has a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.engine.journal import Journal
from harness.errors import UsageError
from harness.ledger.owner import prepare
from harness.text import shown

JOURNAL = "journal.jsonl"
RESULTS = (
    *("manifest.json", "ledger.jsonl", "timings.csv", "claims.csv", "checks.csv", "samplers.csv", "errata.csv"),
    *("summary.md", "report.html"),
)
"""What a run leaves, which an unfinished one must not seem to have left."""


def start(path: Path, header: Mapping[str, Any], *, resume: bool) -> Journal:
    """Clear a folder of an older run's results, which would be taken for this one's, and return the journal.

    Raises UsageError if the folder cannot be written, or if what would be resumed is finished or another run.
    """
    journal = path / JOURNAL
    if resume and path.exists() and not journal.exists() and (path / "manifest.json").exists():
        words = f"the run in {shown(path)} is finished"
        raise UsageError(f"{words}; remake its page with gumbel-harness report, or begin anew without --resume")
    prepare(path)
    try:
        made = Journal(journal, header, resume)
        for name in RESULTS:
            (path / name).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {shown(path)}: {error.strerror}; choose another --out") from error
    if made.fault:
        made.close(remove=True)
        raise UsageError(f"cannot write to {shown(path)}: {made.fault}; choose another --out")
    return made
