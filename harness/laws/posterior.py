"""Given the winner, the maximum is Gumbel(log sum exp) and the others are independent Gumbels truncated below it.

[1] C. J. Maddison, D. Tarlow, T. Minka, A* sampling, NIPS 2014, section 2.
[2] The posterior document: given the winner k, the law of the noise is its prior on the set where k wins, over alpha_k.
[3] Because M is independent of the winner, E f(g_j) = p_j E f(M) + (1 - p_j) E[f(g_j) | j lost], whoever won.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.laws.gumbel import Gumbel
from harness.laws.log_space import (
    check_rows,
    columns_of,
    empty_rows,
    frozen_logits,
    log_softmax,
    uniforms,
    unmasked,
)
from harness.laws.perturbed import PerturbedLogits
from harness.laws.truncated_gumbel import TruncatedGumbel, truncated_exponential
from harness.logits import check_observed


@dataclass(frozen=True, eq=False)
class Posterior:
    """The law of perturbed logits given that ``observed`` is their argmax; raises UsageError for bad parameters."""

    logits: Floats
    observed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "logits", frozen_logits(self.logits))
        object.__setattr__(self, "observed", check_observed(self.logits, self.observed))

    @cached_property
    def others(self) -> NDArray[np.intp]:
        """(d - 1,) unmasked categories other than the observed one, in their order."""
        kept = unmasked(self.logits)
        others: NDArray[np.intp] = kept[kept != self.observed]
        return others

    @cached_property
    def maximum(self) -> Gumbel:
        """The law of the maximum g_observed: the same whoever won [1]."""
        return PerturbedLogits(self.logits).maximum

    def other(self, category: int, maximum: float) -> TruncatedGumbel:
        """Return the law of g_category given the maximum [1]; raises UsageError if masked or a bound is not finite."""
        return TruncatedGumbel(float(self.logits[category]), maximum)

    @property
    def mean(self) -> Floats:
        """(K,) means by [3]: log sum exp + Euler-Mascheroni, plus log p_j / (1 - p_j) for those who lost."""
        log_mass = log_softmax(self.logits)
        with np.errstate(invalid="ignore"):
            shift = np.where(log_mass == 0.0, -1.0, -log_mass / np.expm1(log_mass))  # its limit at p_j = 1
        shift[self.observed] = 0.0
        return self.maximum.mean + np.where(self.logits > -np.inf, shift, -np.inf)

    @property
    def variance(self) -> Floats:
        """(K,) variances by [3]: pi^2 / 6, less p_j (log p_j / (1 - p_j))^2 for those who lost; 0 where masked."""
        half = np.where(self.logits > -np.inf, log_softmax(self.logits) / 2.0, 0.0)
        with np.errstate(invalid="ignore", over="ignore"):
            loss = np.where(half == 0.0, 1.0, (half / np.sinh(half)) ** 2)  # the same written evenly in log p_j
        loss[self.observed] = 0.0
        return np.where(self.logits > -np.inf, np.pi**2 / 6.0 - loss, 0.0)

    def log_density(self, g: ArrayLike) -> Floats:
        """Return log of the density in the unmasked coordinates for (m, K) rows; (m,), -inf where another one wins."""
        rows = check_rows(g, self.logits.size)
        wins = (rows <= rows[:, [self.observed]]).all(axis=1)
        prior = PerturbedLogits(self.logits).log_density(rows)
        return np.where(wins, prior - log_softmax(self.logits)[self.observed], -np.inf)  # [2]: prior / alpha_k

    @np.errstate(invalid="ignore")
    def rosenblatt(self, draws: ArrayLike, *, complement: bool = False) -> Floats:
        """Return iid U(0, 1) for (m, K) draws: the CDF of M, then F_j(g_j) / F_j(M) for the others; (m, d), or 1 - T.

        Relative accuracy is kept at both ends, also where g_j is next to M. An impossible draw, g_j > M, gives
        T_j = inf (complement: -inf); a tie gives T_j = 1. Masked coordinates are not read.
        """
        rows = check_rows(draws, self.logits.size)
        winner = rows[:, [self.observed]]
        result = empty_rows(rows.shape[0], self.others.size + 1)
        result[:, :1] = self.maximum.rosenblatt(winner[:, 0], complement=complement)
        depth = result[:, 1:]
        gap = self._drop_observed(rows, out=empty_rows(*depth.shape))
        np.subtract(self.logits[self.others], gap, out=depth)
        gap -= winner
        uniforms(truncated_exponential(depth, gap), complement)  # in place
        return result

    def _drop_observed(self, rows: Floats, out: Floats) -> Floats:
        """Write the columns of the others into ``out``; two slices are copied four times faster than an index array."""
        kept = columns_of(rows, unmasked(self.logits))
        at = int(np.searchsorted(self.others, self.observed))
        out[:, :at] = kept[:, :at]
        out[:, at:] = kept[:, at + 1 :]
        return out
