"""Peak memory is measured in a pass of its own, by memray, which sees what every library allocates; else it is unknown."""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
from pathlib import Path

from harness.bench.subjects import Subject
from harness.bench.timing import logits_of

MIB = 2**20


def peak(subject: Subject, categories: int) -> float | None:
    """Return the MiB that set-up and one call hold at most beyond what was there before; None without memray."""
    if not importlib.util.find_spec("memray"):
        return None
    memray = importlib.import_module("memray")
    logits = logits_of(categories)
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "allocations"
        try:
            with memray.Tracker(record):
                subject.prepare(logits, subject.size(categories))()
            return float(memray.FileReader(record).metadata.peak_memory) / MIB
        except Exception:
            return None
