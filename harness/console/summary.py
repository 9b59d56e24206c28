"""What a finished run means to the caller: an exit status, and a summary that fits on a screen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.ledger.states import PACKAGE, STATES, state, tallied
from harness.questions.check import REMARK
from harness.text import shown
from harness.validation import Validation
from harness.verdict import Verdict, contradicts

if TYPE_CHECKING:
    import pandas as pd

STYLES = {"verified": "green", "refuted": "bold red", "inconclusive": "yellow"}
"""Colours of the verdicts, which stand beside the words and never instead of them."""
NARROW = 66
"""Columns below which the table of verdicts would be cut."""
_WHY = {True: "a package is not installed", False: "it would take too long to ask"}
OK, REFUTED, USAGE, BROKEN, INTERRUPTED = 0, 1, 2, 3, 130


def exit_status(validation: Validation, *, strict: bool) -> int:
    """Return 130 if interrupted, 1 if a verdict contradicts what is deserved, 3 if something broke or is open, else 0.

    Open is a claim without the verdict that it deserves, unless a package is not installed or some of its checks were
    not selected. With ``strict`` any inconclusive verdict counts.
    """
    if validation.outcome.interrupted:
        return INTERRUPTED
    claims, samplers, records = validation.claims, validation.samplers, validation.records
    pairs = zip(claims["verdict"].map(Verdict), claims["expected"].map(Verdict), strict=True)
    if any(contradicts(verdict, expected) for verdict, expected in pairs) or (samplers["verdict"] == "refuted").any():
        return REFUTED
    left = set(claims.loc[~claims["agrees"].astype(bool), "claim"])
    inconclusive = [record for record in records if record["verdict"] == "inconclusive"]
    if any(record["broken"] or (not _lacking(record) and left & set(record["claims"])) for record in inconclusive):
        return BROKEN
    return BROKEN if strict and inconclusive else OK


def _lacking(record: dict[str, Any]) -> bool:
    """Tell whether a check lacks a package and nothing else."""
    return str(record["missing"]).startswith(PACKAGE)


def print_summary(validation: Validation, folder: Path | None) -> None:
    """Print the verdicts of claims and samplers, and what is not as it should be, to standard output."""
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False, markup=False)
    claims, samplers, checks = validation.claims, validation.samplers, validation.checks
    rows = {name: _counts(frame) for name, frame in (("claims", claims), ("samplers", samplers), ("checks", checks))}
    if console.width < NARROW:
        for name, row in rows.items():
            console.print(f"{name}: " + ", ".join(f"{count} {word}" for word, count in row.items() if count))
    else:
        console.print(_table(rows))
    if any(state(record) not in STYLES for record in validation.records):
        console.print(_coloured(f"checks: {tallied(validation.records)}"), soft_wrap=True)
    lines = interruption(validation, folder) if validation.outcome.interrupted else deviations(validation)
    for line in [*promise(validation), *lines, *remarks(validation)]:
        console.print(_coloured(line), soft_wrap=True)
    if folder is not None and (folder / "report.html").exists():
        console.print(f"report: {shown(folder)}/report.html", soft_wrap=True)


def _counts(frame: pd.DataFrame) -> dict[str, str]:
    """Return how many rows have each verdict, and how many claims have the one that they deserve."""
    counts = frame["verdict"].value_counts()
    made = {word: str(int(counts.get(word, 0))) for word in STYLES}
    made["as deserved"] = f"{int(frame['agrees'].sum())} of {len(frame)}" if "agrees" in frame else ""
    return made


def _table(rows: dict[str, dict[str, str]]) -> Any:
    from rich.table import Table

    table = Table(title=None)
    table.add_column("")
    for word in next(iter(rows.values())):
        table.add_column(word, justify="right", style=STYLES.get(word, ""), no_wrap=True)
    for name, row in rows.items():
        table.add_row(name, *row.values())
    return table


def _coloured(line: str) -> Any:
    """Return a line whose verdicts are coloured where the terminal has colours; the words stay."""
    from rich.text import Text

    text = Text(line)
    for word, style in STYLES.items():
        text.highlight_words([word], style)
    return text


def promise(validation: Validation) -> list[str]:
    """Return what "verified" means in this run, if anything is."""
    options = validation.manifest["options"]
    tolerance, found = f"a deviation of {options['tolerance']:g}", f"with probability {1 - options['beta']:.6g}"
    words = f"verified: {tolerance}, or what a case or check states in its place, would have been found {found}"
    return [words] if (validation.checks["verdict"] == "verified").any() else []


def interruption(validation: Validation, folder: Path | None) -> list[str]:
    """Return how far an interrupted run came, what it refuted until then, and the command that goes on with it."""
    records = validation.records
    unfinished = sum(record["verdict"] == "inconclusive" for record in records)
    lines = [f"interrupted: {len(records) - unfinished} of {len(records)} checks have a verdict"]
    refuted = validation.samplers.loc[validation.samplers["verdict"] == "refuted", "sampler"]
    lines += [f"sampler.{name}: refuted" for name in refuted]
    if folder is not None:
        lines.append(f"go on with: {resuming(validation.manifest['command'])}")
    return lines


def resuming(command: str) -> str:
    """Return the command that goes on with what a command began."""
    return command if "--resume" in command.split() else f"{command} --resume"


def remarks(validation: Validation) -> list[str]:
    """Return what checks remarked on their samplers beside the verdict, each once."""
    said = {(record["sampler"], record["notes"].get(REMARK)): None for record in validation.records}
    return [f"remark: {sampler} {words}" for sampler, words in said if words]


def deviations(validation: Validation) -> list[str]:
    """Return a line for every claim whose verdict is not the one it deserves, each with its most telling checks.

    Of inconclusive checks each says its state, the gravest first; a claim that only misses packages says so.
    """
    lines = []
    claims, checks = validation.claims, validation.checks
    states = {record["check"]: state(record) for record in validation.records}
    for claim in claims[~claims["agrees"].astype(bool)].itertuples():
        bearing = checks[[claim.claim in names.split() for names in checks["claims"]]]
        open_ = bearing[bearing["verdict"] == claim.verdict]
        found = {states[check] for check in open_["check"]}
        packages = all(reason.startswith(PACKAGE) for reason in open_["reason"])
        why = f", only because {_WHY[packages]}" if found == {"missing"} else ""
        lines.append(f"{claim.claim}: {claim.verdict}, should be {claim.expected}{why}")
        telling = sorted(open_.itertuples(), key=lambda row: STATES.index(states[row.check]))[:3]
        lines += [f"  {_state(states[row.check])}{row.check} (n = {row.n}): {row.reason}" for row in telling]
    return lines


def _state(word: str) -> str:
    """Return a state as the beginning of a line, unless the line above says it as a verdict."""
    return "" if word in STYLES else f"{word}: "
