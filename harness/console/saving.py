"""What was found is saved where it can be: in the folder that was asked for, else in a temporary one; what is lost, said."""

from __future__ import annotations

import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.engine.journal import Journal
from harness.engine.left import Told
from harness.errors import StorageError, UsageError
from harness.text import shown
from harness.validation import Validation


@dataclass(frozen=True)
class Saved:
    """The folder that holds the evidence, None if there is none; ``trouble`` is what went wrong, in a sentence."""

    folder: Path | None
    trouble: str = ""


def save(validation: Validation, out: Path, journal: Journal) -> Saved:
    """Write the evidence and the page, then let the journal go: a run that is killed in between can be resumed.

    Where there is no room for the page the journal goes first, since the evidence stands in the ledger too.
    """
    whole = not validation.outcome.interrupted
    try:
        validation.keep(out)
        saved = _reported(validation, Saved(out))
        journal.close(remove=whole)
        return _reported(validation, Saved(out)) if saved.trouble and whole else saved
    except (StorageError, UsageError) as error:
        trouble = str(error).split("; ")[0]
    journal.close()
    try:
        elsewhere = validation.keep(Path(tempfile.mkdtemp(prefix="gumbel-harness-")))
        return _reported(validation, Saved(elsewhere, f"{trouble}; the run is kept in {elsewhere}"))
    except (StorageError, UsageError, OSError):
        return Saved(None, f"{trouble}; {_left(journal)}")


def _reported(validation: Validation, saved: Saved) -> Saved:
    """Make tables and page; raises UsageError if the evidence is gone meanwhile."""
    assert saved.folder is not None
    try:
        validation.report(saved.folder)
    except StorageError as error:
        again = shlex.join(["gumbel-harness", "report", str(saved.folder)])
        words = f"{error}; the evidence is there, tables and page are not: make room and run {again}"
        return Saved(saved.folder, "; ".join(filter(None, (saved.trouble, words))))
    return saved


def watched(report: Told, journal: Journal) -> Told:
    """Return ``report`` with a sentence on standard error when the journal cannot be written, once for each trouble."""
    told = ""

    def tell(what: str, done: int, total: int, left: float) -> None:
        nonlocal told
        report(what, done, total, left)
        if journal.fault and journal.fault != told:
            words = f"cannot write to {journal.path}: {journal.fault}; the run goes on and tries again"
            print(f"gumbel-harness: {shown(words)}", file=sys.stderr, flush=True)
        told = journal.fault

    return tell


def _left(journal: Journal) -> str:
    if journal.path is None or not journal.path.exists():
        return "nothing could be saved"
    lost = f", all but the last {journal.waiting} finished pieces" if journal.waiting else ""
    return f"what was finished stands in {journal.path}{lost}: make room and run again with --resume"
