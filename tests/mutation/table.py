"""The table of docs/selftest.md is what docs/mutants.csv adds up to: python tests/mutation/table.py prints it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

LISTED = Path(__file__).resolve().parents[2] / "docs" / "mutants.csv"
STATES = {
    "killed by a claim": "refuted, or no longer as deserved, by a claim",
    "killed by a test": "failed by a test",
    "killed since": "failed by a test or a claim that was asked or written since",
    "equivalent": "equivalent, with a reason",
    "open": "open",
}


def table() -> str:
    """Return the Markdown table of states, and the sentence about the rest."""
    with LISTED.open(newline="") as lines:
        states = Counter(row["state"] for row in csv.DictReader(lines))
    assert states.keys() <= STATES.keys(), states
    total, equivalent = states.total(), states["equivalent"]
    killed = total - equivalent - states["open"]
    rows = [f"| {words} | {states[state]} | {states[state] / total:.1%} |" for state, words in STATES.items()]
    head = [f"| | mutants | share of {total} |", "|---|---:|---:|"]
    last = f"Of the {total - equivalent} that are not equivalent {killed} are killed."
    return "\n".join([*head, *rows, "", last])


if __name__ == "__main__":
    print(table())
