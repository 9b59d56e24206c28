"""Tables of pairs of uniforms: an exact chi-square each, Bonferroni over the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.arrays import Ints
from harness.methods import allowed
from harness.methods.alternatives import Alternatives, changed, mass_moved
from harness.methods.chi_square import ChiSquare
from harness.methods.later import Later
from harness.methods.null import Null, Table, seconds
from harness.methods.tilts import Proposal, spread
from harness.questions.check import Evidence
from harness.statistics import Counts, Statistic

AXES = ("equal cell of one uniform", "equal cell of the other")


@dataclass(frozen=True)
class PairTables:
    """Counts (tables, cells, cells) of pairs of uniforms against equal cells; ``pairs`` a draw adds to each table.

    What is detectable is the total variation of one table; where a draw adds several pairs to it, of their mean law.
    """

    cells: int
    pairs: tuple[int, ...]
    name: str = "pair tables"

    @property
    def unit(self) -> str:
        """The unit of effect, detectable and tolerance: where tables pool pairs, that of their mean law."""
        most = max(self.pairs, default=1)
        return "total variation" if most <= 1 else f"total variation of the mean of {most} pairs"

    @property
    def _used(self) -> list[int]:
        return [i for i, pairs in enumerate(self.pairs) if pairs]

    @property
    def _table(self) -> ChiSquare:
        return ChiSquare(np.full((self.cells, self.cells), self.cells**-2.0), exhibit="table", axes=AXES)

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the evidence of the table with the smallest p-value, after Bonferroni."""
        (counts,) = statistics
        assert isinstance(counts, Counts)
        tables = [Counts(counts.n * self.pairs[i], counts.counts[i]) for i in self._used]
        found = [self._table.evidence((table,), rng) for table in tables]
        best = min(found, key=lambda evidence: 1.0 if evidence.p_value is None else evidence.p_value)
        assert best.p_value is not None
        exhibit = Later(lambda: _shared(best.exhibit, len(found)))
        return replace(best, n=counts.n, p_value=min(1.0, best.p_value * len(found)), exhibit=exhibit)

    def null(self, n: int) -> Null:
        """Return what its statistics are for n draws of its law."""
        used = [i for i, pairs in enumerate(self.pairs) if pairs]
        cells = self.cells**2
        tables = tuple(Table(n * self.pairs[i], np.full(cells, 1 / cells)) for i in used)

        def build(size: int, found: Sequence[Ints]) -> tuple[Statistic, ...]:
            counts = np.zeros((len(self.pairs), self.cells, self.cells), np.int64)
            for i, table in zip(used, found, strict=True):
                counts[i] = table.reshape(self.cells, self.cells)
            return (Counts(size, counts),)

        return Null(n, tables, build)

    def alternatives(self, law: Null, tolerance: float) -> Alternatives:
        """Yield laws that are off by the tolerance in its own unit, by name; a selftest tries its power at them."""
        return changed(law, 0, lambda p: mass_moved(p, tolerance))

    def tail(self, law: Null, level: float, cells: int) -> Proposal | None:
        """Return a proposal for tables that alarm at this level; None if their weights would vary too much."""
        return spread(law, level, cells)

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        return seconds(self.null(n), 2e-5)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the total variation of a table of pairs that n draws expose."""
        fewest = min(self.pairs[i] for i in self._used)
        return self._table.detectable(n * fewest, alpha / len(self._used), beta)

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the n of the table with the fewest pairs."""
        fewest = min(self.pairs[i] for i in self._used)
        return -(-self._table.required(tolerance, alpha / len(self._used), beta) // fewest)


def _shared(exhibit: Mapping[str, Any], tables: int) -> dict[str, Any]:
    """Return the exhibit of one of several tables, among which the level is split."""
    tested = [allowed.shared(part, tables) for part in exhibit.get("tested", [])]
    return {**exhibit, "tested": tested} if tested else {}
