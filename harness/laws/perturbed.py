"""Perturbed logits are independent Gumbels located at the logits; their winner and their maximum are independent.

[1] The proof document, first step: x_k + Gumbel(0, 1) is Gumbel(x_k, 1).
[2] C. J. Maddison, D. Tarlow, T. Minka, A* sampling, NIPS 2014, section 2: the maximum is Gumbel(log sum exp) whichever
    category wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.laws.categorical import Categorical
from harness.laws.gumbel import Gumbel, standard_log_density
from harness.laws.log_space import (
    check_rows,
    columns_of,
    empty_rows,
    frozen_logits,
    log_sum_exp,
    uniforms,
    unmasked,
)


@dataclass(frozen=True, eq=False)
class PerturbedLogits:
    """The law of logits + iid Gumbel(0, 1) noise [1], masked logits staying -inf; raises UsageError for bad logits."""

    logits: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "logits", frozen_logits(self.logits))

    @cached_property
    def categories(self) -> NDArray[np.intp]:
        """(d,) unmasked categories in their order."""
        return unmasked(self.logits)

    @cached_property
    def winner(self) -> Categorical:
        """The law of the argmax, which is independent of the maximum [2]."""
        return Categorical(self.logits)

    @cached_property
    def maximum(self) -> Gumbel:
        """The law of the maximum, which is independent of the argmax [2]."""
        return Gumbel(float(log_sum_exp(self.logits)))

    @property
    def mean(self) -> Floats:
        """(K,) logits + Euler-Mascheroni constant; -inf where masked."""
        return self.logits + float(np.euler_gamma)

    @property
    def variance(self) -> Floats:
        """(K,) pi^2 / 6; 0 where masked. The coordinates are uncorrelated."""
        return np.where(self.logits > -np.inf, np.pi**2 / 6.0, 0.0)

    def log_density(self, g: ArrayLike) -> Floats:
        """Return log of the density in the unmasked g for (m, K) rows; (m,), -inf where a masked g is not -inf."""
        rows = check_rows(g, self.logits.size)
        kept = rows[:, self.categories] - self.logits[self.categories]
        inside = np.isneginf(rows[:, np.isneginf(self.logits)]).all(axis=1)
        return np.where(inside, standard_log_density(kept).sum(axis=1), -np.inf)

    @np.errstate(over="ignore", invalid="ignore")
    def rosenblatt(self, draws: ArrayLike, *, complement: bool = False) -> Floats:
        """Return exp(-e^{l_j - g_j}), iid U(0, 1), for (m, K) draws; (m, d) for the d unmasked j in order, or 1 - T."""
        kept = columns_of(check_rows(draws, self.logits.size), self.categories)
        exponential = np.subtract(self.logits[self.categories], kept, out=empty_rows(*kept.shape))
        return uniforms(np.exp(exponential, out=exponential), complement)
