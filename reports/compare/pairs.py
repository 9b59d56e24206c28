"""A check is compared with itself in another run: whether its verdict is the one deserved, and its effect.

An effect has moved beyond noise if it differs by more than both runs together could have missed: each was seen up to
less than its detectable deviation, at the runs' own error rates (for KS and means by the triangle inequality).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.ledger.folder import RunFolder, read
from harness.ledger.states import state
from harness.verdict import Verdict, agrees, contradicts, deserved
from reports.words import finite

COLUMNS = ("check", "old", "new", "old_effect", "new_effect", "alpha")
Row = Mapping[str, Any]
_DIFFERING = ("seed", "tolerance", "profile", "alpha", "beta", "keep_going")


@dataclass(frozen=True)
class Pair:
    """One check in the old run and in the new; None where a run does not have it."""

    check: str
    old: Row | None
    new: Row | None
    worse: bool
    better: bool
    moved: bool

    @property
    def changed(self) -> bool:
        """Tell whether both runs have it and its verdict is another."""
        return bool(self.old and self.new and state(self.old) != state(self.new))


@dataclass(frozen=True)
class Comparison:
    """Two runs with their pairs, the worse first, and what differs between their manifests."""

    old: RunFolder
    new: RunFolder
    pairs: list[Pair]
    claims: list[Pair]
    differing: list[tuple[str, str, str]]

    @property
    def worse(self) -> list[Pair]:
        """Checks and claims whose verdict agrees less with what is deserved."""
        return [pair for pair in (*self.claims, *self.pairs) if pair.worse]


def compared(old: Path, new: Path) -> Comparison:
    """Read two run folders; raises UsageError."""
    before, after = read(old), read(new)
    expected = {claim["claim"]: claim["expected"] for run in (before, after) for claim in run.manifest["claims"]}
    due = {row["check"]: _deserved(row, expected) for run in (before, after) for row in run.records}
    checks = _paired(before.records, after.records, "check", due)
    claims = _paired(_claims(before), _claims(after), "claim", {name: Verdict(word) for name, word in expected.items()})
    return Comparison(before, after, checks, claims, _differing(before.manifest, after.manifest))


def _deserved(row: Row, expected: Mapping[str, str]) -> Verdict:
    return deserved(Verdict(expected[claim]) for claim in row["claims"] if claim in expected)


def _claims(run: RunFolder) -> list[Row]:
    """Return the claims with their verdicts."""
    from harness.ledger.tables import claims_frame

    rows = claims_frame(run.records, run.manifest["claims"]).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _paired(old: list[Any], new: list[Any], key: str, due: Mapping[str, Verdict]) -> list[Pair]:
    before, after = ({row[key]: row for row in rows} for rows in (old, new))
    names = dict.fromkeys([*after, *before])
    pairs = [_pair(name, before.get(name), after.get(name), due[name]) for name in names]
    return sorted(pairs, key=lambda pair: (not pair.worse, not pair.better, not pair.moved))


def _pair(name: str, old: Row | None, new: Row | None, due: Verdict) -> Pair:
    if old is None or new is None:
        return Pair(name, old, new, worse=False, better=False, moved=False)
    before, after = (_disagreement(row, due) for row in (old, new))
    return Pair(name, old, new, worse=after > before, better=after < before, moved=_moved(old, new))


def _disagreement(row: Row, due: Verdict) -> int:
    """Return 0 for the verdict deserved, 1 for none, 2 for its opposite."""
    verdict = Verdict(row["verdict"])
    return 0 if agrees(verdict, due) else 2 if contradicts(verdict, due) else 1


def _moved(old: Row, new: Row) -> bool:
    numbers = [finite(row.get(name)) for row in (old, new) for name in ("effect", "detectable")]
    effect, could, now, can = (math.nan if value is None else value for value in numbers)
    return old.get("unit") == new.get("unit") and abs(now - effect) > could + can


def line(pair: Pair) -> dict[str, Any]:
    """Return a row of compare.csv; what a run does not have is empty."""
    old, new = pair.old or {}, pair.new or {}
    return {
        "check": pair.check,
        "old": state(old) if old else "",
        "new": state(new) if new else "",
        "old_effect": finite(old.get("effect")),
        "new_effect": finite(new.get("effect")),
        "alpha": finite((new or old).get("alpha")),
    }


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return versions, options, commit and machine that are not the same, each with both values."""
    before, after = (
        {
            **{f"version of {name}": value for name, value in manifest["versions"].items()},
            **{name: manifest["options"].get(name) for name in _DIFFERING},
            "commit": manifest.get("commit", ""),
            "processor": manifest["machine"].get("processor", ""),
            "system": manifest["machine"].get("system", ""),
        }
        for manifest in (old, new)
    )
    names = dict.fromkeys([*before, *after])
    both = ((name, _word(before.get(name)), _word(after.get(name))) for name in names)
    return [(name, one, other) for name, one, other in both if one != other]


def _word(value: Any) -> str:
    return "none" if value is None or value == "" else str(value)
