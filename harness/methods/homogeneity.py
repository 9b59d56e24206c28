"""Two sets of counts against each other: exact, by conditional hypergeometric scores, with no law in between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.methods import allowed, design
from harness.methods.alternatives import Alternatives, changed, mass_moved
from harness.methods.chi_square import POOL_BELOW, seen_variation
from harness.methods.later import Later
from harness.methods.null import Null, Table, seconds, unit
from harness.methods.score_loss import efficiency
from harness.methods.scores import log_bound, score
from harness.methods.tails import chi_square_survival
from harness.methods.tilts import Proposal, spread
from harness.questions.check import Evidence
from harness.statistics import Counts, Statistic

UNSEEN = -700.0
"""Logarithm of a tail below which its bound is taken for it, as where it underflows: so far out masses are not added up."""


@dataclass(frozen=True, eq=False)
class Homogeneity:
    """Exact chi-square of two samples: given the pooled counts, one sample's counts are multivariate hypergeometric.

    ``probabilities`` only says which categories are pooled (those that expect fewer than five in a sample).
    """

    probabilities: Floats
    name: str = "homogeneity"
    unit: str = "total variation"

    def _cells(self, n: int) -> NDArray[np.intp]:
        flat = self.probabilities.ravel()
        large = flat * n >= POOL_BELOW
        return np.where(large, np.cumsum(large) - 1, int(large.sum())).astype(np.intp)

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the sum of squared scores of the first sample given the pooled counts."""
        one, two = statistics
        assert isinstance(one, Counts) and isinstance(two, Counts)
        n = min(one.n, two.n)
        cells = self._cells(n)
        first, second = (np.bincount(cells, weights=side.counts.ravel()).astype(np.int64) for side in (one, two))
        keep = first + second > 0
        scores = _scores(first[keep], second[keep], rng)
        total, dof = float(np.sum(scores**2)), scores.size
        if dof == 0:
            return Evidence(n=n, statistic=0.0, p_value=1.0, effect=0.0)
        harmonic = 1 / (1 / one.units + 1 / two.units)
        return Evidence(
            n=n,
            statistic=total,
            p_value=float(chi_square_survival(total, dof)),
            effect=seen_variation(total - dof, harmonic, first / one.units - second / two.units),
            notes={"degrees of freedom": dof},
            exhibit=Later(
                lambda: {
                    "kind": "two_samples",
                    "units": [one.units, two.units],
                    "tested": [self._tested(cells, first, second), allowed.total(total, dof)],
                }
            ),
        )

    def _tested(
        self, cells: NDArray[np.intp], first: NDArray[np.int64], second: NDArray[np.int64]
    ) -> dict[str, object]:
        """Return the first sample's counts given both; each cell alone decides nothing."""
        names = {int(cell): str(k) for k, cell in enumerate(cells)}
        rare = int((cells == cells.max()).sum())
        if rare > 1:
            names[int(cells.max())] = f"{rare:,} rare categories together"
        pooled, drawn, size = first + second, int(first.sum()), int(first.sum() + second.sum())
        keep = np.flatnonzero(pooled)
        mean = pooled[keep] * (drawn / size)
        spread = np.sqrt(np.maximum(mean * (1 - pooled[keep] / size) * (1 - drawn / size), 1e-300))
        shown = keep[allowed.farthest(np.abs(first[keep] - mean) / spread)]
        return {
            "law": "hypergeometric", "decides": False, "of": int(keep.size), "name": [names[int(k)] for k in shown],
            "observed": first[shown].tolist(), "pooled": pooled[shown].tolist(), "sizes": [drawn, size],
            "tests": int(keep.size),
        }  # fmt: skip

    def null(self, n: int) -> Null:
        """Return what its statistics are for n draws of its law."""
        table = Table(n, unit(self.probabilities))
        return Null(n, (table, table), lambda size, tables: (Counts(size, tables[0]), Counts(size, tables[1])))

    def alternatives(self, law: Null, tolerance: float) -> Alternatives:
        """Yield laws that are off by the tolerance in its own unit, by name; a selftest tries its power at them."""
        return changed(law, 0, lambda p: mass_moved(p, tolerance))

    def tail(self, law: Null, level: float, cells: int) -> Proposal | None:
        """Return a proposal for tables that alarm at this level; None if their weights would vary too much."""
        return spread(law, level, cells, together=True)

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        return seconds(self.null(n), 6e-5)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the total variation that n draws from each side expose (their difference has twice the variance)."""
        possible = self.probabilities.ravel() > 0
        cells = self._cells(n)
        masses = np.bincount(cells[possible], weights=self.probabilities.ravel()[possible])
        masses = masses[masses > 0]
        if n < 2 or masses.size < 2:
            return 0.0 if possible.sum() < 2 else math.inf
        nominal = design.chi_square_detectable(masses.size - 1, n // 2, alpha, beta)
        return nominal / math.sqrt(efficiency(masses / masses.sum(), n, samples=2))

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the n a side, at which the likeliest category at least stands alone."""
        cells = int((self.probabilities > 0).sum())
        if cells < 2:
            return 1
        least = math.floor(POOL_BELOW / float(self.probabilities.max())) + 1
        n = max(least, 2 * design.chi_square_draws(cells - 1, tolerance, alpha, beta))
        while (found := self.detectable(n, alpha, beta)) > tolerance:
            n = math.ceil(n * max(1 + 1 / n, (found / tolerance) ** 2))
        return n


def _scores(first: NDArray[np.int64], second: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Return (K - 1,) normal scores of ``first`` given ``first + second``."""
    from scipy.stats import hypergeom

    order = np.argsort(-(first + second), kind="stable")
    a, b = first[order], second[order]
    left_a, left_b = (np.cumsum(side[::-1])[::-1][:-1] for side in (a, b))
    k, pooled, left = a[:-1], (a + b)[:-1], left_a + left_b
    bound = log_bound(k.astype(np.float64), pooled.astype(np.float64), left_a / left)
    spread = rng.random(k.size)
    lower, seen = k * left <= left_a * pooled, bound > UNSEEN  # beyond that the bound alone makes the score
    tail, at = np.zeros(k.size), np.zeros(k.size)
    down, up = seen & lower, seen & ~lower  # SciPy's are right to 3e-9 relative down to 1e-250, from 1.15.0 on
    tail[down] = hypergeom.cdf(k[down] - 1, left[down], pooled[down], left_a[down])
    tail[up] = hypergeom.sf(k[up], left[up], pooled[up], left_a[up])
    at[seen] = hypergeom.pmf(k[seen], left[seen], pooled[seen], left_a[seen])
    small = tail + np.where(lower, spread, 1 - spread) * at
    return score(np.where(lower, small, 1 - small), np.where(lower, 1 - small, small), bound)
