"""Impossible is not improbable: one draw outside the support refutes, and none in n bounds their rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.arrays import Ints
from harness.methods.alternatives import Alternatives
from harness.methods.null import Null, Table, seconds
from harness.questions.check import Evidence
from harness.statistics import Statistic, Support


@dataclass(frozen=True)
class SupportMethod:
    """No draw out of range, off the simplex, not finite, or of a category of probability zero."""

    name: str = "support"
    unit: str = "rate of impossible draws"

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the number of impossible draws, with the first kind in words."""
        (support,) = statistics
        assert isinstance(support, Support)
        found, words = support.impossible, self.words(support)
        return Evidence(n=support.n, statistic=float(found), effect=found / max(support.n, 1), impossible=words)

    def words(self, support: Support) -> str:
        """Return a sentence on the impossible draws; empty if there are none."""
        return "; ".join(
            f"{kind} in {count} of {support.n} draws, for example {example}"
            for kind, count, example in zip(support.kinds, support.counts, support.examples, strict=True)
        )

    def null(self, n: int) -> Null:
        """Return what its statistics are for n draws of its law."""
        return Null(n, (), lambda size, tables: (Support(size),))

    def alternatives(self, law: Null, tolerance: float) -> Alternatives:
        """Yield laws that are off by the tolerance in its own unit, by name; a selftest tries its power at them."""

        def build(n: int, tables: Sequence[Ints]) -> tuple[Support]:
            wrong = int(tables[0][0])
            return (Support(n, ("wrong",), (wrong,), ("wrong",)) if wrong else Support(n),)

        # The share of impossible draws is kept in a table of two cells.
        table = Table(law.n, np.array([tolerance, 1 - tolerance]))
        yield "impossible draws at that rate", Null(law.n, (table,), build)

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        return seconds(self.null(n), 0.0)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the rate that would have shown at least once in n draws: (1 - r)^n = beta."""
        return -math.expm1(math.log(beta) / n) if n else math.inf

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the n at which a rate of ``tolerance`` shows at least once."""
        return math.ceil(math.log(beta) / math.log1p(-tolerance))
