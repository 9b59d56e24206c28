"""The summary says how many and what is not as expected, and stays far below the 1 MiB that a CI step summary may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reports.view import Row, View
from reports.words import counted, number, plain, probability, shorten

ROWS = 200
_WORDS = ("verified", "refuted", "inconclusive")


def summary(view: View) -> str:
    """Return summary.md."""
    claims, rows = view.deviating_claims, view.deviating_rows
    parts = [
        "# gumbel-harness",
        headline(view),
        _table(("", *_WORDS, "all"), [_counts("claims", view.claims), _counts("checks", view.rows)]),
        _budget(view),
    ]
    if claims:
        parts += ["## Claims not as expected", _table(*_claims(claims)), *_left(claims)]
    if rows:
        parts += ["## Checks not as expected", _table(*_checks(rows)), *_left(rows)]
    parts.append(f"Run again: `{view.command()}`")
    return "\n\n".join(parts) + "\n"


def headline(view: View) -> str:
    """Say in one sentence whether all is as expected."""
    claims, rows = len(view.deviating_claims), len(view.deviating_rows)
    total = f"{counted(len(view.claims), 'claim')} and {counted(len(view.rows), 'check')}"
    unfinished = "The run was interrupted. " if view.manifest.get("interrupted") else ""
    if not view.rows:
        return f"{unfinished}Nothing was checked."
    if tone(view) == "open":
        left = f"{counted(claims, 'claim')} and {counted(rows, 'check')}"
        return f"Nothing contradicts what is expected; of {total}, {left} are open."
    if claims or rows:
        return f"{unfinished}Not as expected: {counted(claims, 'claim')} and {counted(rows, 'check')}, of {total}."
    return f"{unfinished}All is as expected: {total}."


def tone(view: View) -> str:
    """Return "good" if all is as expected, "open" if only some evidence is lacking, else "bad"."""
    deviating = [*view.deviating_claims, *view.deviating_rows]
    if not view.rows or view.manifest.get("interrupted") or any(row["verdict"] != "inconclusive" for row in deviating):
        return "bad"
    return "open" if deviating else "good"


def _counts(name: str, rows: Sequence[Row]) -> list[Any]:
    return [name, *(sum(row["verdict"] == word for row in rows) for word in _WORDS), len(rows)]


def _budget(view: View) -> str:
    budget, options = view.manifest["budget"], view.manifest["options"]
    return (
        f"Seed {options['seed']}, tolerance {number(options['tolerance'])}, alpha {number(budget['alpha'])} for the run "
        f"and {number(budget['alpha_per_check'])} a check, beta {number(options['beta'])}."
    )


def _claims(claims: Sequence[Row]) -> tuple[Sequence[str], list[list[Any]]]:
    return ("claim", "expected", "reached", "statement"), [
        [claim["claim"], claim["expected"], claim["verdict"], claim["statement"]] for claim in claims[:ROWS]
    ]


def _checks(rows: Sequence[Row]) -> tuple[Sequence[str], list[list[Any]]]:
    return ("check", "verdict", "p", "n", "reason"), [
        [row["check"], row["verdict"], probability(row["p_value"]), number(row["n"]), row["reason"]]
        for row in rows[:ROWS]
    ]


def _left(rows: Sequence[Row]) -> list[str]:
    return [f"{len(rows) - ROWS} more are in the tables."] if len(rows) > ROWS else []


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: Any) -> str:
    """A cell is short, of one line, and no markup of its own."""
    text = shorten(" ".join(plain(value).split()), 300)
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, "\\" + mark)
    return text
