"""Counts against probabilities: an exact chi-square of normal scores, with rare cells pooled by a rule fixed beforehand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.methods import allowed, design
from harness.methods.alternatives import Alternatives, changed, mass_moved
from harness.methods.curtailed import first_stage
from harness.methods.later import Later
from harness.methods.null import Null, Table, seconds, unit
from harness.methods.score_loss import efficiency
from harness.methods.scores import normal_scores
from harness.methods.stages import Stages
from harness.methods.tails import chi_square_survival
from harness.methods.tilts import Proposal, spread
from harness.questions.check import Evidence
from harness.statistics import Counts, Statistic

POOL_BELOW = 5.0
"""Cells that expect fewer units are pooled: power, not validity, asks for it, as the scores are exact at any count."""
EPS = 2.0**-40
"""What is added to a quotient so that rounding does not leave it short."""


@dataclass(frozen=True, eq=False)
class ChiSquare:
    """Exact chi-square of counts against probabilities.

    ``probabilities`` has the shape of the counts and sums to 1; a cell of probability zero that is hit is impossible.
    ``draws_per_unit`` is 2 where pairs of draws are counted. ``exhibit`` is the figure's kind; ``axes`` name a table's
    rows and columns; ``stages`` make figures of cells that stand for rows of integers.
    """

    probabilities: Floats
    draws_per_unit: int = 1
    name: str = "chi-square"
    unit: str = "total variation"
    exhibit: str = "residuals"
    axes: tuple[str, str] = ("row", "column")
    stages: Callable[[], Stages] | None = None

    @cached_property
    def _flat(self) -> Floats:
        return self.probabilities.ravel() / math.fsum(self.probabilities.ravel())

    @cached_property
    def _possible(self) -> Floats:
        return self._flat[self._flat > 0]

    def pooled(self, n: int) -> tuple[NDArray[np.intp], Floats]:
        """Return the cell (flat index to pooled index) of every possible category for n draws, and their probabilities.

        Impossible categories have cell -1. The pool stays a cell of its own however little it expects: a sampler that
        moves mass into it must show.
        """
        p, units = self._flat, n / self.draws_per_unit
        cell = np.full(p.size, -1, np.intp)
        large = p * units >= POOL_BELOW
        small = (p > 0) & ~large
        cell[large] = np.arange(large.sum())
        cell[small] = large.sum()
        masses: Floats = np.bincount(cell[cell >= 0], weights=p[cell >= 0]).astype(np.float64)
        return cell, masses

    def _dof(self, n: int) -> int:
        return self.pooled(n)[1].size - 1

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the sum of squared scores, its p-value, and the total variation that was seen."""
        (counts,) = statistics
        assert isinstance(counts, Counts)
        flat, units = counts.counts.ravel(), counts.units
        impossible = np.flatnonzero((self._flat == 0) & (flat > 0))
        if impossible.size:
            k = int(impossible[0])
            where = np.unravel_index(k, counts.counts.shape)
            label = int(where[0]) if len(where) == 1 else tuple(map(int, where))
            return Evidence(
                n=counts.n,
                statistic=float(flat[impossible].sum()),
                effect=float(flat[impossible].sum() / units),
                impossible=f"category {label} has probability zero and was drawn {int(flat[k])} times",
                exhibit=self.figure(flat, units, allowed.cells(self._name, flat, units, self._flat, decides=True)),
            )
        cell, masses = self.pooled(counts.n)
        if units == 0 or masses.size < 2:
            return Evidence(n=counts.n, statistic=0.0, p_value=1.0, effect=0.0)
        pooled = np.bincount(cell[cell >= 0], weights=flat[cell >= 0]).astype(np.int64)
        scores = normal_scores(pooled, masses, rng)
        total, dof = float(np.sum(scores**2)), scores.size
        return Evidence(
            n=counts.n,
            statistic=total,
            p_value=float(chi_square_survival(total, dof)),
            effect=seen_variation(total - dof, units, pooled / units - masses),
            unit=self.unit if masses.size == self._possible.size else f"{self.unit} over {masses.size} pooled cells",
            exhibit=Later(
                lambda: self.figure(flat, units, self.tested(cell, pooled, masses), allowed.total(total, dof))
            ),
            notes={"degrees of freedom": dof, "pearson": _pearson(pooled, masses, units)},
        )

    def _name(self, k: int) -> str:
        """Return the index of a category, or its row and column."""
        return ", ".join(str(int(i)) for i in np.unravel_index(k, self.probabilities.shape))

    def tested(self, cell: NDArray[np.intp], pooled: NDArray[np.int64], masses: Floats) -> allowed.Part:
        """Return the cells as they were tested, the pool as the last; each alone decides nothing."""
        within = np.flatnonzero(cell >= 0)
        sizes, some = np.bincount(cell[within]), np.zeros(masses.size, np.intp)
        some[cell[within]] = within

        def name(i: int) -> str:
            return self._name(int(some[i])) if sizes[i] == 1 else f"{sizes[i]:,} rare categories together"

        return allowed.cells(name, pooled, int(pooled.sum()), masses)

    def figure(self, flat: NDArray[np.int64], units: int, *tested: allowed.Part) -> dict[str, object]:
        """Return the tested cells; of a table every cell besides, in standard errors."""
        if self.stages is not None:
            return self.stages().figure(flat, units, self._flat, *(part for part in tested if part["decides"]))
        flat_table = self.exhibit == "table" and self.probabilities.ndim != 2
        kind = "residuals" if flat_table else self.exhibit
        made: dict[str, object] = {"kind": kind, "categories": int(self._possible.size), "units": units}
        if kind == "table":
            p = self._flat
            error = np.sqrt(np.maximum(units * p * (1 - p), 1e-300))
            z = np.where(p > 0, (flat - units * p) / error, 0.0)
            rows, columns = self.axes
            made |= {"z": z.tolist(), "shape": list(self.probabilities.shape), "y_label": rows, "x_label": columns}
        return {**made, "tested": list(tested)}

    def null(self, n: int) -> Null:
        """Return what its statistics are for n draws of its law."""
        shape, p = self.probabilities.shape, unit(self.probabilities)
        return Null(
            n,
            (Table(n // self.draws_per_unit, p),),
            lambda size, tables: (Counts(size, tables[0].reshape(shape)),),
        )

    def alternatives(self, law: Null, tolerance: float) -> Alternatives:
        """Yield laws that are off by the tolerance in its own unit, by name; a selftest tries its power at them."""
        return changed(law, 0, lambda p: mass_moved(p, tolerance, self.pooled(law.n)))

    def tail(self, law: Null, level: float, cells: int) -> Proposal | None:
        """Return a proposal for tables that alarm at this level; None if their weights would vary too much."""
        return spread(law, level, cells)

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        return seconds(self.null(n), 8e-8, 2e-6, POOL_BELOW)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the total variation (over the pooled cells) that n draws expose."""
        dof = self._dof(n)
        if dof < 1:
            return 0.0 if self._possible.size < 2 else math.inf
        units = n // self.draws_per_unit
        nominal = design.chi_square_detectable(dof, units, alpha, beta)
        return nominal / math.sqrt(efficiency(self.pooled(n)[1], units)) if units else math.inf

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the n for all cells that could stand alone at that n; the likeliest one at least must.

        It carries what scores of cells that expect few lose (``score_loss``), so that ``detectable`` is the tolerance there.
        """
        if self._possible.size < 2:
            return self.draws_per_unit
        least = math.floor(POOL_BELOW / float(self._possible.max())) + 1
        units, dof = least, self._possible.size - 1
        for _ in range(2):
            units = max(least, design.chi_square_draws(dof, tolerance, alpha, beta))
            dof = self._dof(self.draws_per_unit * units)
        while (found := self.detectable(self.draws_per_unit * units, alpha, beta)) > tolerance:
            units = math.ceil(units * max(1 + 1 / units, (found / tolerance) ** 2))
        return self.draws_per_unit * units

    def stage(self, n: int) -> int:
        """Return after how many of n draws it may be settled: all cells that n draws tell apart stand alone by then."""
        units = n / self.draws_per_unit
        alone = self._possible[self._possible * units >= POOL_BELOW]
        least = math.ceil(POOL_BELOW / float(alone.min()) * (1 + EPS)) if alone.size else n
        return min(n, max(self.draws_per_unit * least, first_stage(n, self._dof(n))))


def seen_variation(excess: float, units: float, difference: Floats) -> float:
    """Return the smaller of two estimates of a total variation, neither of which is too small.

    One is that of the counts themselves, which noise in many cells adds to; the other is what the excess of the
    statistic over its mean amounts to by Cauchy and Schwarz, which noise leaves alone and rare cells add to.
    """
    return min(math.sqrt(max(excess, 0.0) / (4 * units)), 0.5 * float(np.abs(difference).sum()))


def _pearson(counts: NDArray[np.int64], masses: Floats, units: int) -> float:
    expected = units * masses
    return float(np.sum((counts - expected) ** 2 / expected))
