"""What a search leaves: explore.csv (a row a trial), coverage.csv (a row a value of an axis), smallest.json, smallest.py."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.exploration.promise import SUSPECT
from harness.exploration.script import script
from harness.exploration.session import Found, Smallest
from harness.exploration.trial import Answer
from harness.ledger.files import replace
from harness.space.classes import classes
from harness.verdict import Verdict

ROWS = ("case", "form", "k", "parameters", "layout", "call", "n", "p_value", "verdict")
COVERED = ("axis", "value", "cases", "draws")
LISTED = 1000
"""Logits up to so many stand in smallest.json."""


def write(found: Sequence[Found], targets: Mapping[str, str], folder: Path) -> None:
    """Write the files of a search into a folder; ``targets`` are the user's words for each sampler."""
    replace(folder / "explore.csv", _table(ROWS, rows(found)))
    replace(folder / "coverage.csv", _table(COVERED, coverage(found)))
    for name in ("smallest.json", "smallest.py"):
        (folder / name).unlink(missing_ok=True)
    smallest = next((one.smallest for one in found if one.smallest), None)
    if smallest is not None:
        code = script(smallest, targets[smallest.sampler])
        replace(folder / "smallest.json", json.dumps(described(smallest) | {"code": code}, indent=2) + "\n")
        replace(folder / "smallest.py", code)


def rows(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Return the rows of explore.csv, in the order in which the points were tried."""
    made = []
    for one in found:
        level = one.smallest.level if one.smallest else 0.0
        answers = [answer for _, answer in one.answers]
        made += [_row(one, answer, level) for answer in [*answers, *([one.smallest.answer] if one.smallest else [])]]
    return made


def _row(found: Found, answer: Answer, level: float) -> dict[str, Any]:
    point = answer.point
    given: dict[str, object] = {**dict(point.settings), "observed": point.observed if point.observed >= 0 else None}
    given |= {"k": point.m or None, "drafts": f"{point.drafts} {point.draft}" if point.drafts else None}
    return {
        "case": f"{found.space.sampler.name}/{point.name}",
        "form": found.space.emits,
        "k": point.k,
        "parameters": " ".join(f"{name}={value}" for name, value in given.items() if value is not None),
        "layout": point.layout,
        "call": point.call,
        "n": answer.n,
        "p_value": answer.p_value if answer.asked or answer.impossible else "",
        "verdict": _verdict(answer, level).value,
    }


def _verdict(answer: Answer, level: float) -> Verdict:
    """Refuted is what the simplest case's level refutes; a suspicion that fresh draws did not bear out stays open."""
    if answer.impossible or answer.p_value <= level:
        return Verdict.REFUTED
    return Verdict.INCONCLUSIVE if answer.fault or answer.p_value < SUSPECT else Verdict.VERIFIED


def coverage(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Return the rows of coverage.csv: how many points of each value of each axis were tried, with how many draws."""
    tried: dict[tuple[str, str], list[int]] = {}
    for one in found:
        for _, answer in one.answers:
            for pair in [("form", one.space.emits), *classes(answer.point)]:
                tried.setdefault(pair, []).append(answer.n)
    return [
        {"axis": axis, "value": value, "cases": len(sizes), "draws": sum(sizes)}
        for (axis, value), sizes in sorted(tried.items())
    ]


def described(smallest: Smallest) -> dict[str, Any]:
    """Return the simplest case as a JSON object."""
    answer, point = smallest.answer, smallest.answer.point
    logits = [None if value == float("-inf") else value for value in point.logits.tolist()]
    return {
        "sampler": smallest.sampler,
        "form": smallest.emits,
        "case": point.name,
        "k": point.k,
        "logits": logits if point.k <= LISTED else None,
        "temperature": point.temperature,
        "observed": point.observed if point.observed >= 0 else None,
        **{stage: value for stage, value in point.settings if stage != "temperature"},
        **({"items": point.m} if point.m else {}),
        **({"drafts": point.drafts, "draft": point.draft} if point.drafts else {}),
        "layout": point.layout,
        "rows": point.rows or None,
        "call": point.call,
        "n": answer.n,
        "question": answer.question,
        "effect": answer.effect,
        "p_value": answer.p_value,
        "level": smallest.level,
        "impossible": answer.impossible,
        "found_at": smallest.first.name,
    }


def _table(columns: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(lines)
    return text.getvalue()
