"""Every check is in one of six states, each with its word, mark and meaning: broken is not stopped early, nor missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

STATES = ("refuted", "broken", "stopped early", "missing", "inconclusive", "verified")
"""The gravest first."""
MARKS = {"refuted": "✗", "broken": "!", "stopped early": "▪", "missing": "∅", "inconclusive": "?", "verified": "✓"}
MEANINGS = {
    "refuted": "contradicted by the draws",
    "broken": "it raised, hung, died or returned no draws",
    "stopped early": "drawn no further, as another check had refuted the sampler",
    "missing": "not asked, as a package is not installed or as it would take too long",
    "inconclusive": "too few draws for the tolerance",
    "verified": "a deviation of the tolerance would have shown, none did",
}
STOPPED = "drawing ended early"
"""How the reason of a check begins whose sampler was drawn no further."""
PACKAGE = "needs a package that is not installed"
"""How what a check is missing begins where that is a package; else it would take too long."""


def state(row: Mapping[str, Any]) -> str:
    """Return the state of a record: its verdict, and of an inconclusive one why it is."""
    if row["verdict"] != "inconclusive":
        return str(row["verdict"])
    if row.get("broken"):
        return "broken"
    if row.get("missing"):
        return "missing"
    return "stopped early" if str(row.get("reason", "")).startswith(STOPPED) else "inconclusive"


def tally(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many rows are in each state, the gravest first, without those that nothing is in."""
    found = [state(row) for row in rows]
    return {word: found.count(word) for word in STATES if word in found}


def tallied(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a tally in words."""
    return ", ".join(f"{count:,} {word}" for word, count in tally(rows).items())
