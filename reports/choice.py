"""Which figures a report has: the most telling of every claim, and those of checks that are not as expected."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.view import Row, View
from reports.words import slug

PER_CLAIM = 3
DEVIATING = 12
_GENERAL = ("residuals", "laws", "ecdf", "two_samples", "tails", "table", "groups", "mean", "lines")
"""Kinds that methods make for many checks alike; any other was made for its claim."""


GRAVITY = ("refuted", "inconclusive", "verified")


@dataclass(frozen=True)
class Choice:
    """Rows whose exhibits are drawn: for each claim, and for what is not as expected; ``names`` are file names."""

    claims: dict[str, list[Row]]
    deviating: list[Row]
    names: dict[str, str]

    @property
    def in_order(self) -> list[Row]:
        """All chosen rows once, those first that a reader should see first."""
        ranked = [rows[i] for i in range(PER_CLAIM) for rows in self.claims.values() if i < len(rows)]
        return list({row["check"]: row for row in [*self.deviating, *ranked]}.values())


def choose(view: View) -> Choice:
    """Return the choice for a run."""
    claims = {claim["claim"]: chosen(view.bearing(claim["claim"])) for claim in view.claims}
    deviating = [row for row in view.deviating_rows if row["verdict"] == "refuted"]
    deviating += [row for row in view.unlike if row["exhibit"] and row["verdict"] != "refuted"]
    deviating = sorted(deviating, key=lambda row: (row["verdict"] != "refuted", not row["exhibit"]))[:DEVIATING]
    rows = [row for rows in (*claims.values(), deviating) for row in rows]
    return Choice(claims, deviating, names(row["check"] for row in rows))


def chosen(rows: Sequence[Row]) -> list[Row]:
    """Return at most three rows: what refuted; else one of each kind, those made for the claim before general ones.

    Where none can be drawn, the first of what was tested, of which the page says so in a sentence.
    """
    drawable = sorted((row for row in rows if row["exhibit"]), key=_rank)
    if not drawable:
        tested = (row for row in rows if not row["broken"] and not row["missing"])
        return sorted(tested, key=lambda row: GRAVITY.index(row["verdict"]))[:1]
    first: dict[str, Row] = {}
    for row in drawable:
        first.setdefault(kind(row), row)
    refuted = [row for row in drawable if row["verdict"] == "refuted"]
    if refuted:
        return list({row["check"]: row for row in [*refuted, *first.values()]}.values())[:PER_CLAIM]
    firsts = list(first.values())
    others = [row for row in drawable if kind(row) not in _GENERAL and row not in firsts]
    own = [row for row in firsts if kind(row) not in _GENERAL]
    general = [row for row in firsts if kind(row) in _GENERAL]
    return [*own, *others, *general][:PER_CLAIM]


def kind(row: Row) -> str:
    """Return the kind of a row's exhibit."""
    return str(row["exhibit"].get("kind"))


def _rank(row: Row) -> tuple[int, bool, int, int]:
    """The gravest verdict; made for the claim; bearing on few claims; then the more usual picture. Ties keep their order."""
    general = kind(row) in _GENERAL
    return GRAVITY.index(row["verdict"]), general, len(row["claims"]), _GENERAL.index(kind(row)) if general else 0


def names(checks: Iterable[str]) -> dict[str, str]:
    """Return a file name for each check; where two checks would share one, all but the first get a mark of their own."""
    found: dict[str, str] = {}
    for check in checks:
        if check not in found:
            name = slug(check)
            mark = hashlib.blake2b(check.encode("utf-8", "replace"), digest_size=4).hexdigest()
            found[check] = f"{name}-{mark}" if name in found.values() else name
    return found
