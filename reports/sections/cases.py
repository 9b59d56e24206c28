"""The cases that were drawn from, each with the reason why it earns its place."""

from __future__ import annotations

from typing import Any

from reports.sections import Section, Table, columns
from reports.view import View

ORDER = 20


def section(view: View) -> Section | None:
    """Return one row a case: its reason, its checks, and the coarsest tolerance that they had."""
    found: dict[str, dict[str, Any]] = {}
    for row in view.rows:
        for part in row["inputs"]:
            _, _, name = str(part["scenario"]).split("/", 2)
            case = found.setdefault(name, {"case": name, "why": part["why"], "checks": 0, "n": 0})
            case["checks"] += 1
            case["n"] = max(case["n"], row["n"])
    if not found:
        return None
    shown = columns(case="case: code", why="why", checks="checks: number", n="most draws: number")
    rows = [found[name] for name in sorted(found)]
    return Section("cases", "Cases", tables=[Table("Cases and their reasons", shown, rows)])
