"""The categorical law is held as log masses; its uniforms come from either end of the CDF, so neither tail cancels.

[1] C. J. Maddison, D. Tarlow, T. Minka, A* sampling, NIPS 2014: softmax is the law of the argmax of perturbed logits.
[2] L. Rueschendorf, On the distributional transform, J. Stat. Plan. Inference 139 (2009), eq. (1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.laws.log_space import frozen_logits, log_softmax


@dataclass(frozen=True, eq=False)
class Categorical:
    """The law softmax(logits) on 0..K-1 [1]; raises UsageError for logits that `check_logits` refuses."""

    logits: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "logits", frozen_logits(self.logits))

    @cached_property
    def log_mass(self) -> Floats:
        """(K,) log probabilities, -inf where masked."""
        return log_softmax(self.logits)

    @cached_property
    def mass(self) -> Floats:
        """(K,) probabilities; 0 where masked, and where a probability is below the smallest double."""
        mass: Floats = np.exp(self.log_mass)
        return mass

    @cached_property
    def support(self) -> NDArray[np.bool_]:
        """(K,) whether a category can be drawn at all: its logit is not -inf."""
        return self.logits > -np.inf

    @cached_property
    def cdf(self) -> Floats:
        """(K,) P(index <= k)."""
        return _running_sum(self.mass)

    @property
    def mean(self) -> Floats:
        """(K,) means of the one-hot counts of one draw."""
        return self.mass

    @property
    def variance(self) -> Floats:
        """(K,) variances p (1 - p) of the one-hot counts of one draw."""
        variance: Floats = -self.mass * np.expm1(self.log_mass)  # 1 - p without cancellation
        return variance

    def rosenblatt(self, index: ArrayLike, auxiliary: ArrayLike, *, complement: bool = False) -> Floats:
        """Return F(k - 1) + v p_k [2], iid U(0, 1) when v is uniform and independent of the index.

        ``index`` (m,) integers, ``auxiliary`` (m,) v in [0, 1]; returns (m, 1). An index out of range or of
        probability zero becomes inf (complement: -inf).
        """
        chosen = np.asarray(index)
        inside = (chosen >= 0) & (chosen < self.logits.size)
        safe = np.where(inside, chosen, 0)
        share = np.asarray(auxiliary, dtype=np.float64)
        if complement:
            uniform = self._above[safe] + (1.0 - share) * self.mass[safe]
        else:
            uniform = self._below[safe] + share * self.mass[safe]
        return np.where(inside & self.support[safe], uniform, -np.inf if complement else np.inf)[:, np.newaxis]

    @cached_property
    def _below(self) -> Floats:
        """(K,) P(index < k)."""
        return np.concatenate([[0.0], self.cdf[:-1]])

    @cached_property
    def _above(self) -> Floats:
        """(K,) P(index > k), summed from the far end so that the upper tail keeps its digits."""
        return np.concatenate([_running_sum(self.mass[::-1])[-2::-1], [0.0]])


def _running_sum(mass: Floats) -> Floats:
    """Return the cumulated masses, added in extended precision where the platform has it, and never above 1."""
    return np.minimum(np.cumsum(mass, dtype=np.longdouble).astype(np.float64), 1.0)
