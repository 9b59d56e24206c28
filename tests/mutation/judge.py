"""A mutant is killed by the first that notices.

In the suites that is a claim that owns the line, then a test; in harness a test, then a claim.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import forks
import lines
import runs
from mutants import Mutant

CLAIMS, TESTS = 8.0, 15.0
"""CPU-seconds, as measured on the unchanged tree, that claims and tests of a line may take together, the cheapest first."""
SPARE = 20.0
SLACK = 3.0
"""A child may take this many times what is expected, and some more: a mutant that loops for ever is noticed."""


def row(root: Path, known: dict[str, Any], mutant: Mutant) -> dict[str, Any]:
    """Return the row of a mutant."""
    who = lines.contexts(known, root, mutant.path, mutant.line)
    seconds = known["seconds"]
    claims = _cheapest({one: seconds[one] for one in who if one.startswith("claim ")}, CLAIMS)
    failing = {f"test {name}" for name in known["failing"]}
    tests = _cheapest({one: seconds.get(one, 0.0) for one in who - failing if one.startswith("test ")}, TESTS)
    expected = sum(seconds.get(one, 0.0) for one in [*claims, *tests])
    told, spent = forks.child(lambda tell: _judged(root, known, mutant, claims, tests, tell), SPARE + SLACK * expected)
    verdict, by = _verdict(told) if who else ("survived", "nothing executes it")
    return {
        "file": mutant.path,
        "line": mutant.line,
        "operator": mutant.operator,
        "occurrence": mutant.occurrence,
        "before": mutant.before,
        "after": mutant.after,
        "verdict": verdict,
        "by": by,
        "seconds": round(spent, 1),
    }


def _cheapest(found: dict[str, float], budget: float) -> list[str]:
    kept, spent = [], 0.0
    for name in sorted(found, key=lambda one: (found[one], one)):
        spent += found[name]
        if spent > budget and kept:
            break
        kept.append(name)
    return kept


def _judged(
    root: Path,
    known: dict[str, Any],
    mutant: Mutant,
    claims: list[str],
    tests: list[str],
    tell: Callable[[Any], None],
) -> None:
    sys.path.insert(0, str(root))
    forks.placed(root, mutant.path, mutant.source(root))
    stages: dict[str, Callable[[], Iterator[str]]] = {
        "claims": lambda: _claims(known, claims),
        "tests": lambda: _tests(known, tests),
    }
    for stage in ("tests", "claims") if mutant.path.startswith("harness/") else ("claims", "tests"):
        tell({"stage": stage})
        for words in stages[stage]():
            return tell({"killed": stage, "by": words})
    return tell({"survived": f"{len(claims)} claims, {len(tests)} tests"})


def _claims(known: dict[str, Any], wanted: list[str]) -> Iterator[str]:
    if not wanted:
        return
    plan, names = runs.claims()
    for one in wanted:
        name = one.removeprefix("claim ")
        found = runs.of_claim(plan, name) if name in names else {}
        yield from (f"{name}: {words}" for words in runs.differing(found, known["verdicts"][one]))


def _tests(known: dict[str, Any], wanted: list[str]) -> Iterator[str]:
    seconds = {one.removeprefix("test "): known["seconds"].get(one, 0.0) for one in wanted}
    if seconds:
        order = runs.Order(seconds)
        runs.of_tests(sorted({name.split("::")[0] for name in seconds}), order, first=True)
        yield from order.failed


def _verdict(told: list[Any]) -> tuple[str, str]:
    stage = [one["stage"] for one in told if "stage" in one][-1:] or ["import"]
    last = told[-1] if told else {"ended": "nothing told"}
    if "killed" in last:
        return last["killed"], last["by"]
    if "survived" in last:
        return "survived", last["survived"]
    return stage[0], str(last.get("raised") or f"ended by {last.get('ended')}")
