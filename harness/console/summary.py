"""What a finished run means to the caller: an exit status, and a summary that fits on a screen."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.questions.check import REMARK
from harness.validation import Validation

OK, REFUTED, USAGE, BROKEN, INTERRUPTED = 0, 1, 2, 3, 130


def exit_status(validation: Validation, *, strict: bool) -> int:
    """Return 130 if interrupted, 1 if a verdict contradicts what is deserved, 3 if something broke, else 0.

    With ``strict`` an inconclusive verdict counts as broken.
    """
    if validation.outcome.interrupted:
        return INTERRUPTED
    claims, samplers, records = validation.claims, validation.samplers, validation.records
    contradicted = ~claims["agrees"].astype(bool) & (claims["verdict"] != "inconclusive")
    if contradicted.any() or (samplers["verdict"] == "refuted").any():
        return REFUTED
    if any(record["broken"] for record in records):
        return BROKEN
    return BROKEN if strict and any(record["verdict"] == "inconclusive" for record in records) else OK


def print_summary(validation: Validation, folder: Path | None) -> None:
    """Print the verdicts of claims and samplers, and what is not as it should be, to standard output."""
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, highlight=False, markup=False)
    table = Table(title=None)
    for heading in ("", "verified", "refuted", "inconclusive", "as deserved"):
        table.add_column(heading, justify="left" if not heading else "right")
    claims, samplers, checks = validation.claims, validation.samplers, validation.checks
    for name, frame in (("claims", claims), ("samplers", samplers), ("checks", checks)):
        counts = frame["verdict"].value_counts()
        deserved = f"{int(frame['agrees'].sum())} of {len(frame)}" if "agrees" in frame else ""
        table.add_row(
            name, *(str(int(counts.get(word, 0))) for word in ("verified", "refuted", "inconclusive")), deserved
        )
    console.print(table)
    for line in [*deviations(validation), *remarks(validation)]:
        console.print(line, soft_wrap=True)
    if folder is not None and (folder / "report.html").exists():
        console.print(f"report: {folder}/report.html", soft_wrap=True)


def remarks(validation: Validation) -> list[str]:
    """Return what checks remarked on their samplers beside the verdict, each once."""
    said = {(record["sampler"], record["notes"].get(REMARK)): None for record in validation.records}
    return [f"remark: {sampler} {words}" for sampler, words in said if words]


def deviations(validation: Validation) -> list[str]:
    """Return a line for every claim whose verdict is not the one it deserves, each with its most telling checks."""
    lines = []
    claims, checks = validation.claims, validation.checks
    for claim in claims[~claims["agrees"].astype(bool)].itertuples():
        lines.append(f"{claim.claim}: {claim.verdict}, should be {claim.expected}")
        bearing = checks[[claim.claim in names.split() for names in checks["claims"]]]
        shown = bearing[bearing["verdict"] == claim.verdict].head(3)
        lines += [f"  {row.check} (n = {row.n}): {row.reason}" for row in shown.itertuples()]
    return lines
