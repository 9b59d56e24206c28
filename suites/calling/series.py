"""A scenario drawn in many short calls, and the exact tests of such draws: how often two of them agree.

All p-values are exact and two-sided, the worst of several with Bonferroni's factor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.bind import bind
from harness.methods.cells import grown, shift
from harness.methods.tails import binomial_two_sided
from harness.questions.check import Evidence, Scenario
from suites.calling import shown
from suites.calling.afford import TooLong, too_long
from suites.calling.asked import agree
from suites.calling.caller import Caller

STEPS = 32
"""Draws of a call (and row), unless a question needs others."""
PROBE = 2**10
"""Draws of a call at most from which it is told what longer ones would take."""
TOLERANCE = 0.5
"""A share of the draws that are wrong at one position, or repeated at one lag, or of the variance of the counts: what
happens in calls happens to all of them."""


@dataclass(frozen=True)
class Calls:
    """A scenario drawn in calls, with its (K,) probabilities and the level that its checks are held to."""

    scenario: Scenario
    p: Floats
    level: float
    beta: float

    @property
    def agreement(self) -> float:
        """The probability that two independent draws agree."""
        return float(self.p @ self.p)

    def draw(self, calls: int, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return (calls, size * rows) categories; raises TooLong."""
        caller, some = Caller(self.scenario), min(size, PROBE)
        probe = partial(caller.indices, some, np.random.default_rng(0))
        if words := too_long(self.scenario.sampler, probe, calls * size / some):
            raise TooLong(f"{calls:,} calls of {size:,} draws {words}")
        return np.stack([caller.indices(size, rng) for _ in range(calls)])

    def many(self, calls: int, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return likewise what takes thousands of calls; of a built-in sampler by its fill.

        Its function is that fill, prepared anew for every call, which takes five times as long.
        """
        if not self.scenario.sampler.trusted:
            return self.draw(calls, size, rng)
        caller, fill = Caller(self.scenario), bind(self.scenario)
        return np.stack([caller.winners(fill(size, rng)).copy() for _ in range(calls)])

    def pairs(self, tests: int) -> int:
        """Return how many pairs expose the tolerance in one of so many tests of agreement."""
        return grown(
            lambda n: shift(n, self.agreement, self.level / tests, self.beta), TOLERANCE * (1 - self.agreement), 16
        )


def agreement(
    calls: Calls, agreed: NDArray[Any], pairs: NDArray[Any], n: int, named: dict[str, NDArray[np.intp]],
    said: Callable[[int], str], where: str,
) -> Evidence:  # fmt: skip
    """Hold counts of agreements to exact binomial tests; ``said`` names each, ``where`` says in which calls."""
    p_values = binomial_two_sided(agreed, pairs, calls.agreement) * pairs.size
    ((name, values),) = named.items()
    at = int(np.argmin(p_values))
    return worst_of(
        p_values,
        np.abs(agreed / pairs - calls.agreement),
        n,
        {name: float(values[at])},
        f"{agree(said(at), agreed[at], pairs[at], calls.agreement, 'agree in')}, {where}, {calls.scenario.case.words}",
        shown.counted("Draws that agree", said, agreed, pairs, calls.agreement, pairs.size),
    )


def worst_of(
    p_values: Floats, effects: Floats, n: int, notes: dict[str, Any], seen: str, exhibit: shown.Exhibit | None = None
) -> Evidence:
    """Return the evidence of the test with the smallest p-value, which has Bonferroni's factor already."""
    worst = int(np.argmin(p_values))
    return Evidence(
        statistic=float(effects.ravel()[worst]),
        p_value=float(min(1.0, p_values.ravel()[worst])),
        effect=float(effects.ravel()[worst]),
        n=n,
        resolution=TOLERANCE,
        notes=notes,
        seen=seen,
        exhibit=exhibit or {},
    )
