"""Two run folders side by side: verdicts that changed, effects that moved beyond noise, versions and options that differ.

Reading order: pairs (what is compared with what), page.
"""

from __future__ import annotations

from pathlib import Path

from reports.compare.pairs import Comparison


def write(old: Path, new: Path, out: Path) -> Comparison:
    """Write compare.csv and compare.html into a folder and return the comparison; raises UsageError and OSError."""
    from harness.ledger.files import replace, write_table
    from reports.compare.page import page
    from reports.compare.pairs import COLUMNS, compared, line

    found = compared(old, new)
    out.mkdir(parents=True, exist_ok=True)
    write_table(out / "compare.csv", COLUMNS, map(line, found.pairs))
    replace(out / "compare.html", page(found))
    return found
