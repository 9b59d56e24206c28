"""Two sets of counts against each other: exact, by conditional hypergeometric scores, with no law in between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.check import Evidence
from harness.methods import design
from harness.methods.scores import score
from harness.methods.tails import chi_square_survival
from harness.statistics import Counts, Statistic

Floats = NDArray[np.float64]


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
        large = flat * n >= 5
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
            effect=math.sqrt(max(total - dof, 0.0) / (4 * harmonic)),
            notes={"degrees of freedom": dof},
            exhibit=_figure(one, two),
        )

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the total variation that n draws from each side expose (their difference has twice the variance)."""
        dof = max(np.unique(self._cells(n)).size - 1, 0)
        return design.chi_square_detectable(dof, n // 2, alpha, beta) if dof else 0.0

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the n a side."""
        cells = int((self.probabilities > 0).sum())
        return 2 * design.chi_square_draws(cells - 1, tolerance, alpha, beta) if cells > 1 else 1


def _scores(first: NDArray[np.int64], second: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Return (K - 1,) normal scores of ``first`` given ``first + second``."""
    from scipy.stats import hypergeom

    order = np.argsort(-(first + second), kind="stable")
    a, b = first[order], second[order]
    left_a, left_b = (np.cumsum(side[::-1])[::-1][:-1] for side in (a, b))
    k, pooled = a[:-1], (a + b)[:-1]
    law = hypergeom(left_a + left_b, pooled, left_a)
    spread = rng.random(k.size)
    upper = k > pooled * (left_a / np.maximum(left_a + left_b, 1))
    low = (1 - spread) * law.cdf(k - 1) + spread * law.cdf(k)
    high = spread * law.sf(k) + (1 - spread) * law.sf(k - 1)
    return score(np.clip(np.where(upper, high, low), 0.0, 1.0), upper)


def _figure(one: Counts, two: Counts) -> dict[str, object]:
    a, b = one.counts.ravel(), two.counts.ravel()
    shown = np.sort(np.argsort(-(a + b), kind="stable")[:100])
    pooled = (a + b)[shown] / (one.units + two.units)
    error = np.sqrt(np.maximum(pooled * (1 - pooled) * (1 / one.units + 1 / two.units), 1e-300))
    z = (a[shown] / one.units - b[shown] / two.units) / error
    return {
        "kind": "two_samples",
        "category": shown.tolist(),
        "first": a[shown].tolist(),
        "second": b[shown].tolist(),
        "z": np.where((a + b)[shown] > 0, z, 0.0).tolist(),
        "units": [one.units, two.units],
    }
