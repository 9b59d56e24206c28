"""compare.html: what got worse first, then what got better, what moved, and what differs between the runs."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from harness.ledger.states import MARKS, state
from reports.again import command
from reports.compare.pairs import Comparison, Pair
from reports.telling import telling
from reports.templating import asset, environment
from reports.words import counted

MOST = 500
"""Rows of a table; compare.csv has all."""


def page(found: Comparison) -> str:
    """Return the page of a comparison; it needs no script and no network."""
    text = (
        environment()
        .get_template("compare.html.j2")
        .render(
            found=found,
            headline=headline(found),
            tone="bad" if found.worse else "good",
            tables=[(title, pairs[:MOST], len(pairs) - MOST) for title, pairs in groups(found) if pairs],
            single=[(words, len(names), names[:MOST]) for words, names in _single(found) if names],
            marks=MARKS,
            state=state,
            telling=telling,
            again=lambda pair: again(found, pair),
            css=Markup(asset("report.css")),
        )
    )
    return text + "\n"


def groups(found: Comparison) -> list[tuple[str, list[Pair]]]:
    """Return the tables of the page: claims and checks that changed, and checks whose effect alone moved."""
    changed = [pair for pair in found.pairs if pair.changed]
    return [
        ("Claims with another verdict", [pair for pair in found.claims if pair.changed]),
        ("Checks that got worse", [pair for pair in found.pairs if pair.worse]),
        ("Checks that got better", [pair for pair in found.pairs if pair.better]),
        (
            "Checks without a verdict for another reason",
            [pair for pair in changed if not pair.worse and not pair.better],
        ),
        ("Effects that moved beyond noise", [pair for pair in found.pairs if pair.moved and not pair.changed]),
    ]


def headline(found: Comparison) -> str:
    """Say in a sentence what got worse, else what changed, else that nothing did."""
    both = sum(bool(pair.old and pair.new) for pair in found.pairs)
    if found.worse:
        first = found.worse[0]
        words = f"{first.check}: {_state(first.old)} before, {_state(first.new)} now"
        more = f", and {counted(len(found.worse) - 1, 'other')}" if found.worse[1:] else ""
        return f"Worse. {words}{more}, of {counted(both, 'check')} that both runs have."
    changed, moved = sum(pair.changed for pair in found.pairs), sum(pair.moved for pair in found.pairs)
    rest = f"{counted(changed, 'verdict')} changed and {counted(moved, 'effect')} moved beyond noise"
    return f"Nothing got worse: of {counted(both, 'check')} that both runs have, {rest}."


def again(found: Comparison, pair: Pair) -> str:
    """Return the command that runs a check or claim of the new run, or of the old one if only that has it, once more."""
    run, row = (found.new, pair.new) if pair.new else (found.old, pair.old)
    alone = {"check": pair.check} if row and "reason" in row else {}
    return command(run.manifest, *([] if alone else [pair.check]), **alone)


def _state(row: Any) -> str:
    return state(row) if row else "absent"


def _single(found: Comparison) -> list[tuple[str, list[str]]]:
    return [
        ("only in the old run", [pair.check for pair in found.pairs if pair.new is None]),
        ("only in the new run", [pair.check for pair in found.pairs if pair.old is None]),
    ]
