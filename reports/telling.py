"""The most telling evidence in words: what was seen, what was due, how improbable that is, and in which case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.ledger.states import state
from reports.drawing.tested import Part, parts, whole
from reports.words import number, plain, probability, shorten

LONGEST = 300


def telling(row: Mapping[str, Any]) -> str:
    """Return one sentence on a refuted or broken record, else its reason; what the check said itself comes first."""
    if state(row) != "refuted" or row.get("impossible"):
        return _said(row, shorten(plain(row.get("impossible") or row.get("reason", "")), LONGEST))
    p = (
        f"p {'' if row['p_value'] == 0 else '= '}{probability(row['p_value'])}"
        if row.get("p_value") is not None
        else ""
    )
    words = plain(row.get("seen") or "") or seen(row)
    return _said(row, shorten(words or plain(row.get("reason", "")), LONGEST), p if words else "")


def _said(row: Mapping[str, Any], words: str, p: str = "") -> str:
    """Join what was seen with its p-value and the case."""
    case = f"case {plain(row['case'])}" if row.get("case") else ""
    words = words if words.startswith("p ") else words[:1].upper() + words[1:]
    return ", ".join(filter(None, (words.rstrip("."), p, case))) + "."


def seen(row: Mapping[str, Any]) -> str:
    """Return what the figure's farthest number was and what was due; empty where no such number was tested."""
    exhibit = row.get("exhibit") or {}
    try:
        known = parts(exhibit)
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    laws = [part.get("law") for part in exhibit["tested"]]
    if "massart" in laws:
        off, allowed = (number(float(values[0])) for values in (known[0].observed, known[0].high))
        return f"the distribution function is off by {off}, chance allows {allowed}"
    if "bernstein" in laws:
        return f"the mean is {number(float(known[0].observed[0]))} where {number(float(known[0].expected[0]))} is due"
    counted = [part for part, law in zip(known, laws, strict=True) if law in ("binomial", "hypergeometric")]
    return _count(_farthest([part for part in counted if part.decides] or counted), exhibit) if counted else ""


def _farthest(found: Sequence[Part]) -> Part:
    return max(found, key=lambda part: float(part.ratio[part.worst]))


def _count(part: Part, exhibit: Mapping[str, Any]) -> str:
    i = part.worst
    name = part.names[i]
    if exhibit.get("kind") in ("table", "ternary") or "," in name:
        name = f"cell ({name})"
    elif name.isdigit():
        name = f"category {name}"
    elif exhibit.get("kind") == "groups" and not name.startswith("category"):
        name = f"the group {name!r}"
    return f"{name} drawn {number(whole(part.observed[i]))} times where {number(whole(part.expected[i]))} are due"
