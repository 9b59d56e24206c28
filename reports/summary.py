"""The summary says how many and what is not as expected, and stays far below the 1 MiB that a CI step summary may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.ledger.states import state, tallied
from reports.telling import telling
from reports.view import Row, View
from reports.words import counted, number, plain, probability, shorten

ROWS = 200
LONGEST = 300
_WORDS = ("verified", "refuted", "inconclusive")


def summary(view: View) -> str:
    """Return summary.md."""
    claims, rows = view.deviating_claims, view.deviating_rows
    parts = [
        "# gumbel-harness",
        _cell(headline(view), 1000),
        f"Checks: {tallied(view.rows) or 'none'}. {passing(view)}",
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
    """Say in a sentence what was tested, the answer, and the most telling evidence for it."""
    unfinished = "The run was interrupted. " if view.manifest.get("interrupted") else ""
    unfinished = f"{view.trouble} {unfinished}" if view.trouble else unfinished
    if not view.rows:
        return f"{unfinished}Nothing was checked."
    wrong = [row for row in view.deviating_rows if row["verdict"] == "refuted"]
    if wrong:
        subjects = list(dict.fromkeys(_subject(view, row) for row in wrong))
        more = f" So {'is' if len(subjects) == 2 else 'are'} {', '.join(subjects[1:4])}{' …' * (len(subjects) > 4)}."
        return f"{unfinished}{subjects[0]}: refuted. {telling(wrong[0])}{more if subjects[1:] else ''}"
    return f"{unfinished}{_unrefuted(view)}"


def _subject(view: View, row: Row) -> str:
    """Return the sampler that answers for a check, or the claim that it bears on."""
    judged = {sampler["sampler"] for sampler in view.samplers}
    named = row["sampler"] if row["judges"] and row["sampler"] in judged else ""
    return str(named or next(iter(row["claims"]), row["check"]))


def _unrefuted(view: View) -> str:
    """Say what is open, the broken first, or that all is as expected."""
    total = f"{counted(len(view.claims), 'claim')} and {counted(len(view.rows), 'check')}"
    for word in ("broken", "stopped early", "missing", "inconclusive"):
        rows = [row for row in view.deviating_rows if state(row) == word]
        if rows:
            rest = (
                "all others are"
                if len(rows) == len(view.deviating_rows)
                else "nothing is refuted that should hold; not all is"
            )
            so = f"So {_share(len(rows), len(view.rows))}; {rest} as expected."
            return f"{_subject(view, rows[0])}: {word}. {telling(rows[0])} {so}"
    if view.deviating_claims:
        claim = view.deviating_claims[0]
        others = f"of {total}, all others are as expected" if len(view.deviating_claims) == 1 else f"of {total}"
        return f"{claim['claim']}: {claim['verdict']}, should be {claim['expected']}; {others}."
    wrong = sum(claim["verdict"] == "refuted" for claim in view.claims)
    refuted = f", {counted(wrong, 'claim')} refuted that deserve{'s' if wrong == 1 else ''} it" if wrong else ""
    return f"All is as expected: {total}{refuted}."


def _share(some: int, all_: int) -> str:
    return f"{'is' if some == 1 else 'are'} {some:,} of {counted(all_, 'check')}"


def passing(view: View) -> str:
    """Say what a pass means in this run."""
    options = view.manifest["options"]
    return (
        f"A pass means that every check is verified: a deviation of {number(options['tolerance'])}, in each check's unit "
        f"and unless its case declares a coarser one, would have been found with probability {1 - options['beta']:.6g}."
    )


def split(view: View) -> str:
    """Say over how many places the error budget is split."""
    budget = view.manifest["budget"]
    places = round(budget["alpha"] / budget["alpha_per_check"]) if budget["alpha_per_check"] else 0
    return (
        f"alpha {number(budget['alpha'])} for the whole run, split evenly over {counted(places, 'place')}, of which "
        f"{counted(budget['planned'], 'planned check')} take one each: {number(budget['alpha_per_check'])} a check"
    )


def tone(view: View) -> str:
    """Return "good" if all is as expected, "open" if only some evidence is lacking, else "bad"."""
    deviating = [*view.deviating_claims, *view.deviating_rows]
    if (
        not view.rows
        or view.trouble
        or view.manifest.get("interrupted")
        or any(row["verdict"] != "inconclusive" for row in deviating)
    ):
        return "bad"
    return "open" if deviating else "good"


def _counts(name: str, rows: Sequence[Row]) -> list[Any]:
    return [name, *(sum(row["verdict"] == word for row in rows) for word in _WORDS), len(rows)]


def _budget(view: View) -> str:
    options = view.manifest["options"]
    return f"Seed {options['seed']}, {split(view)}, beta {number(options['beta'])}."


def _claims(claims: Sequence[Row]) -> tuple[Sequence[str], list[list[Any]]]:
    return ("claim", "expected", "reached", "statement"), [
        [claim["claim"], claim["expected"], claim["verdict"], claim["statement"]] for claim in claims[:ROWS]
    ]


def _checks(rows: Sequence[Row]) -> tuple[Sequence[str], list[list[Any]]]:
    return ("check", "state", "p", "n", "reason"), [
        [row["check"], state(row), probability(row["p_value"]), number(row["n"]), row["reason"]] for row in rows[:ROWS]
    ]


def _left(rows: Sequence[Row]) -> list[str]:
    return [f"{len(rows) - ROWS} more are in the tables."] if len(rows) > ROWS else []


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: Any, longest: int = LONGEST) -> str:
    """A cell is short, of one line, and no markup of its own."""
    text = shorten(" ".join(plain(value).split()), longest)
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, "\\" + mark)
    return text
