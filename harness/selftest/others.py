"""Today's decision rules beside ours, on the same tables: how often they alarm at right samplers, and what they catch.

The rules come from outside (``suites.peers``); each looks at the counts of n draws and the probabilities that they
should have, as the tests of its library do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.methods import ChiSquare, PooledCells
from harness.questions.case import Case
from harness.questions.content import Control
from harness.questions.law import masses
from harness.selftest.intervals import clopper_pearson
from harness.selftest.oracle import refutes, told
from harness.selftest.tasks import Task
from harness.statistics import Counts
from harness.streams import stream

COLUMNS = (
    *("rule", "source", "stated_rate", "n", "right", "false_alarms", "observed", "low", "high", "no_answer"),
    *("controls", "caught", "missed"),
)
SIZES = (10_000, 100_000, 1_000_000)
RIGHT = ("pair", "die", "l8", "ties", "dominant", "round", "masked-last", "flat-100")
REPLICATES = {"quick": 100, "full": 2000}
"""Right tables of each case."""
SECONDS = {"quick": 0.2, "full": 2.0}
"""What a rule takes at one size, about."""
TRIES = 20
LARGEST = 10_000
"""Categories of a case on which counts are looked at."""
CAUGHT = 0.9
"""A control counts as caught if this share of its tables is rejected."""
SIDE = 0.025
"""These intervals are for reading, not for deciding: 95 %."""


@dataclass(frozen=True)
class Rule:
    """A decision rule of today: its name, where it stands, the false-alarm rate that it states (None: none is stated).

    ``rejects(counts, probabilities, rng)`` tells whether the sampler is rejected; whatever it raises is no answer.
    ``score(counts, probabilities)`` is what it compares with its threshold, large where it rejects; None if its rate is
    exact at any level, so that nothing must be calibrated anew.
    """

    name: str
    source: str
    stated: float | None
    rejects: Callable[[NDArray[np.int64], Floats, np.random.Generator], bool]
    score: Callable[[NDArray[np.int64], Floats], float] | None = None


def ours(level: float) -> Rule:
    """Return our rule for the same counts: chi-square and pooled cells, each at the level of a check of the plan."""

    def rejects(counts: NDArray[np.int64], p: Floats, rng: np.random.Generator) -> bool:
        methods = (ChiSquare(p), PooledCells(p))
        return refutes(methods, Counts(int(counts.sum()), counts), level, rng)

    return Rule("gumbel-harness", "this project: chi_square and its cells", 2 * level, rejects)


def broken_laws(controls: Sequence[Control], known: Sequence[Case]) -> list[tuple[str, Floats, Floats]]:
    """Return name, right law and broken law of every control whose counts alone can show it; leaks to index K are cut."""
    made = []
    for control, case, q in told(controls, known, LARGEST):
        p = masses(case, control.sampler.dtype)
        if p.shape == q.shape and np.abs(p - q).sum() > 2e-4:
            made.append((control.sampler.name, p, q / q.sum()))
    return made


def tasks(
    rules: Sequence[Rule],
    right: Sequence[tuple[str, Floats]],
    broken: Sequence[tuple[str, Floats, Floats]],
    profile: str,
    seed: int,
) -> list[Task]:
    """Return one task for every rule and size."""
    return [
        Task(f"{rule.name} at n = {n}", row, (rule, n, right, broken, REPLICATES[profile], seed), SECONDS[profile])
        for rule in rules
        for n in SIZES
    ]


def row(
    rule: Rule,
    n: int,
    right: Sequence[tuple[str, Floats]],
    broken: Sequence[tuple[str, Floats, Floats]],
    replicates: int,
    seed: int,
) -> dict[str, Any]:
    """Return one row of peers.csv; all rules see the same tables, as their streams are named after laws, not rules."""
    answers = [
        answer for name, p in right for answer in asked(rule, n, p, p, replicates, stream(seed, "right", name, n))
    ]
    given = [answer for answer in answers if answer is not None]
    shares = {name: share_of(asked(rule, n, p, q, TRIES, stream(seed, "peers", name, n))) for name, p, q in broken}
    missed = [name for name, share in shares.items() if share < CAUGHT]
    low, high = clopper_pearson(sum(given), len(given), SIDE)
    return {
        "rule": rule.name,
        "source": rule.source,
        "stated_rate": rule.stated,
        "n": n,
        "right": len(given),
        "false_alarms": sum(given),
        "observed": sum(given) / len(given) if given else None,
        "low": low,
        "high": high,
        "no_answer": len(answers) - len(given),
        "controls": len(shares),
        "caught": len(shares) - len(missed),
        "missed": " ".join(missed),
    }


def asked(rule: Rule, n: int, p: Floats, q: Floats, tables: int, rng: np.random.Generator) -> list[bool | None]:
    """Return the rule's answers to tables of n draws from q, None where it gave none."""
    return [_answer(rule, counts, p, rng.spawn(1)[0]) for counts in rng.multinomial(n, q, size=tables)]


def _answer(rule: Rule, counts: NDArray[np.int64], p: Floats, rng: np.random.Generator) -> bool | None:
    try:
        return bool(rule.rejects(counts, p, rng))
    except Exception:
        return None


def share_of(answers: Sequence[bool | None]) -> float:
    """Return the share of tables rejected; no answer is no rejection."""
    return sum(answer is True for answer in answers) / max(len(answers), 1)


def right_laws(known: Sequence[Case]) -> list[tuple[str, Floats]]:
    """Return the right laws by the names of their cases."""
    by_name = {case.name: case for case in known}
    return [(name, masses(by_name[name])) for name in RIGHT if name in by_name]
