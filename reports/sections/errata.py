"""Slips of the documents that no check can judge, beside the claims that are judged."""

from __future__ import annotations

from reports.sections import Section, Table, columns
from reports.view import View

ORDER = 5
COLUMNS = columns(document="document", where="where", slip="slip", reason="why it cannot be meant so")


def section(view: View) -> Section | None:
    """Return the table of errata.csv, or None for a run that judges no document."""
    rows = view.manifest.get("errata") or []
    if not rows:
        return None
    sentence = (
        "What is wrong in a document and can be judged is a claim above, refuted as written. These slips are not "
        "statistical: nothing is drawn for them, and they have no verdict."
    )
    return Section("errata", "Errata of the documents", [sentence], [Table("Errata", COLUMNS, rows, "errata.csv")])
