"""A test of pooled cells that may end early: a group that is where it should be after a part of the draws is not off.

Two stages, both fixed beforehand. After three tenths of the draws the test is settled if the count of each group lies in
a window that a law off by what the whole test exposes leaves with probability 1 - beta / 4, up or down, and if no
category alone is out of the ordinary; then nothing more is drawn, and nothing is refuted. Else all draws are made and
tested at the full level. Hence the level is that of the one test (a settled one never refutes), and a deviation is
missed with probability beta / 4 in the first stage and, at three quarters of beta, 3 beta / 4 in the second. A right law
settles nine times in ten: such a test is curtailed [1].

[1] A. Wald, Sequential Analysis, 1947, section 5.2; J. M. Lan, R. Simon, M. Halperin, Stochastically curtailed tests in
    long-term clinical trials, Sequential Analysis 1 (1982), 207-219.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from harness.methods.cells import PooledCells, grown, reaches
from harness.statistics import Counts, Statistic

FIRST = 0.3
"""The share of the draws after which the test may be settled."""
EARLY = 0.25
"""The share of beta that is for what is missed there."""
ORDINARY = 0.01
"""The p-value, of all groups and categories together, up to which all draws are made."""


@dataclass(frozen=True)
class CurtailedCells(PooledCells):
    """The cells of ``PooledCells``, held to ``aim``, of which three tenths of the draws are mostly enough."""

    aim: float = 0.01

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the shift of a group's mass that the test exposes; from its first stage on, what all of it does."""
        whole = self.required(self.aim, alpha, beta)
        return super().detectable(whole if self.stage(whole) <= n < whole else n, alpha, (1 - EARLY) * beta)

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the draws of both stages."""
        late = (1 - EARLY) * beta
        return grown(lambda n: PooledCells.detectable(self, n, alpha, late) + 1 / n, tolerance, start=16)

    def stage(self, n: int) -> int:
        """Return the draws of the first stage."""
        return math.ceil(FIRST * n)

    def settled(self, statistics: Sequence[Statistic], alpha: float, beta: float, rng: np.random.Generator) -> bool:
        """Tell whether the draws of the first stage put every group into its window, and no category stands out."""
        (counts,) = statistics
        assert isinstance(counts, Counts)
        whole = self.required(self.aim, alpha, beta)
        grouped = [int(counts.counts.ravel()[mask].sum()) for mask in self._named.values()]
        p_value = self.evidence(statistics, rng).p_value
        return bool(p_value is not None and p_value > ORDINARY) and all(
            low <= found <= high
            for found, (low, high) in zip(grouped, self._windows(counts.units, whole, alpha, beta), strict=True)
        )

    def _windows(self, n: int, whole: int, alpha: float, beta: float) -> list[tuple[int, int]]:
        """Return for each group the counts of n draws that settle it.

        Of a law that lies as far up or down as the whole test exposes, few enough draws fall into the window.
        """
        level, late = alpha / (2 * max(len(self._named), 1)), (1 - EARLY) * beta
        windows = []
        for mass in self._masses:
            up, down = reaches(whole, float(mass), level, late)
            low = _quantile(n, float(mass) - down, 1 - EARLY * beta) + 1
            high = _quantile(n, float(mass) + up, EARLY * beta) - 1
            windows.append((low, high))
        return windows


def _quantile(n: int, p: float, share: float) -> int:
    """Return the least k with P(Binomial(n, p) <= k) >= share."""
    if p <= 0:
        return 0
    low, high = -1, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if special.betaincc(middle + 1, n - middle, p) >= share else (middle, high)
    return high
