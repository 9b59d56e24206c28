"""Many small tables of one law, an exact chi-square each, Bonferroni over them: it speaks of one table that deviates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.methods import allowed
from harness.methods.alternatives import Alternatives, balanced, changed, shifted
from harness.methods.chi_square import ChiSquare, seen_variation
from harness.methods.later import Later
from harness.methods.null import Null, Table, seconds, unit
from harness.methods.scores import normal_scores
from harness.methods.tails import chi_square_survival
from harness.methods.tilts import Proposal, spread
from harness.questions.check import Evidence
from harness.statistics import Blocks, Counts, Statistic


class Labels(Protocol):
    """What each of many tables is of, in words."""

    def __len__(self) -> int: ...

    def __getitem__(self, table: int, /) -> str: ...


MANY = 4096
"""Up to so many tables their law is simulated for a selftest; beyond, it draws them with the sampler."""
SCORED = 64
"""Tables that are scored, those of the largest Pearson statistics: a p-value left out can be missed, but raises no alarm."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Counts of tables that have the law ``probabilities`` (any shape) each; ``labels`` name them.

    With ``blocks`` the counts are those of blocks of coordinates, whose pairs or triples are the tables.
    ``draws_per_unit`` is 2 where pairs of draws are counted. Nothing is pooled over tables: what is detectable is the
    total variation of a single table when all others are right.
    """

    probabilities: Floats
    labels: Labels = ()
    blocks: Blocks | None = None
    draws_per_unit: int = 1
    name: str = "tables"
    unit: str = "total variation of one table"
    axes: tuple[str, str] = ("cell of the first", "cells of the others")

    @property
    def tables(self) -> int:
        """The number of tables."""
        return len(self.blocks.places) if self.blocks else len(self.labels)

    @cached_property
    def _law(self) -> ChiSquare:
        return ChiSquare(self.probabilities, draws_per_unit=self.draws_per_unit)

    def label(self, table: int) -> str:
        """Return what a table is of."""
        if self.blocks is None:
            return self.labels[table]
        return "coordinates " + ", ".join(map(str, list(self.blocks.places)[table]))

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the table with the smallest p-value, after Bonferroni, and the total variation seen in it."""
        (counts,) = statistics
        assert isinstance(counts, Counts)
        tables = counts.counts.reshape(self.tables, -1) if self.blocks is None else self.blocks.tables(counts.counts)
        pooled, masses = self._pooled(tables, counts.n)
        if counts.n == 0 or masses.size < 2:
            return Evidence(n=counts.n, statistic=0.0, p_value=1.0, effect=0.0)
        picked = _worst(pooled, masses)
        totals = (normal_scores(pooled[picked], masses, rng) ** 2).sum(axis=1)
        best, dof, units = int(picked[np.argmax(totals)]), masses.size - 1, int(tables[0].sum())
        seen = pooled[best] / max(1, int(pooled[best].sum())) - masses
        p_value = min(1.0, float(chi_square_survival(totals.max(), dof)) * self.tables)
        notes: dict[str, float | str] = {"table": self.label(best), "tables": self.tables, **self._share()}
        effect = seen_variation(float(totals.max()) - dof, units, seen)
        return Evidence(
            n=counts.n,
            statistic=float(totals.max()),
            p_value=p_value,
            effect=effect,
            seen=f"{self.label(best)} {effect:.2g} off in total variation",
            notes=notes,
            exhibit=Later(lambda: self._exhibit(best, tables[best], counts.n, float(totals.max()))),
        )

    def _exhibit(self, table: int, counts: NDArray[np.int64], n: int, total: float) -> dict[str, object]:
        """Show the table that decided, at its share of the level; of three coordinates the last two stand side by side."""
        rows = self.probabilities.reshape(self.probabilities.shape[0], -1)
        law = ChiSquare(rows, self.draws_per_unit, exhibit="table", axes=self.axes)
        cell, masses = law.pooled(n)
        pooled = np.bincount(cell[cell >= 0], weights=counts[cell >= 0]).astype(np.int64)
        parts = (law.tested(cell, pooled, masses), allowed.total(total, masses.size - 1))
        shown = law.figure(counts, int(counts.sum()), *(allowed.shared(part, self.tables) for part in parts))
        return {**shown, "title": f"Observed minus expected, in standard errors: {self.label(table)}"}

    def _pooled(self, tables: NDArray[np.int64], n: int) -> tuple[NDArray[np.int64], Floats]:
        """Return tables of which the cells that expect few are pooled, as the chi-square of one would pool them."""
        cell, masses = self._law.pooled(n)
        if masses.size == cell.size:
            return tables, masses
        to = np.zeros((cell.size, masses.size), np.int64)
        to[np.flatnonzero(cell >= 0), cell[cell >= 0]] = 1
        return tables @ to, masses

    def _share(self) -> dict[str, float]:
        return {"share of all": self.blocks.share} if self.blocks else {}

    def null(self, n: int) -> Null | None:
        """Return what its statistics are for n draws of its law; None for more than ``MANY`` tables.

        Blocks that share coordinates are simulated as if they did not: a union bound over tables never asks.
        """
        if self.blocks is None and self.tables > MANY:
            return None
        if self.blocks is None:
            p, count = unit(self.probabilities), self.tables
        else:
            count = len(self.blocks.members)
            p = np.full(self.blocks.cells**self.blocks.width, float(self.blocks.cells) ** -self.blocks.width)
        table = Table(n // self.draws_per_unit, p)
        return Null(n, (table,) * count, lambda size, tables: (Counts(size, np.stack(tables)),))

    def alternatives(self, law: Null, tolerance: float) -> Alternatives:
        """Yield laws that are off by the tolerance in its own unit, by name; a selftest tries its power at them."""
        table = list(self.blocks.places.values())[-1][0] if self.blocks else -1
        return changed(law, table, lambda p: [("one table of many, half its cells up", self._half_up(p, tolerance))])

    def _half_up(self, p: Floats, t: float) -> Floats:
        """Return a table with every other cell up and the others down, where Cauchy and Schwarz say: in proportion."""
        if self.blocks is None:
            return shifted(p, balanced(p), t)
        width, places = self.blocks.width, list(self.blocks.places.values())[-1][1]
        digits = np.indices([self.blocks.cells] * width).reshape(width, -1)
        up: Floats = p * np.where(digits[list(places)].sum(axis=0) % 2 == 0, 1 + 2 * t, 1 - 2 * t)
        return up

    def tail(self, law: Null, level: float, cells: int) -> Proposal | None:
        """Return a proposal for tables that alarm at this level; None if their weights would vary too much."""
        return spread(law, level, cells)

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        law = self.null(n)
        return 1e-6 * self.tables if law is None else seconds(law, 4e-6)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the total variation of one table that n draws expose."""
        return self._law.detectable(n, alpha / self.tables, beta)

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the n at which one table's ``detectable`` is within the tolerance."""
        return self._law.required(tolerance, alpha / self.tables, beta)


def _worst(tables: NDArray[np.int64], masses: Floats) -> NDArray[np.intp]:
    """Return the tables, (T, C), that depart most from their masses; all where they are few."""
    if len(tables) <= SCORED:
        return np.arange(len(tables))
    expected = tables.sum(axis=1, keepdims=True) * masses
    pearson = ((tables - expected) ** 2 / np.maximum(expected, 1e-300)).sum(axis=1)
    return np.sort(np.argsort(-pearson, kind="stable")[:SCORED])
