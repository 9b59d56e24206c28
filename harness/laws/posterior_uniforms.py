"""The posterior document's uniforms are held as a = -log u, which is exact where u itself rounds to 0 or 1.

[1] The posterior document: u is uniform on the set C_k where k wins, whose volume is alpha_k; u_k has CDF
    u^(1/alpha_k), and given it the others are uniform on [0, u_k^(alpha_j/alpha_k)].
[2] Its last recipe in logs, E iid Exp(1): -log u_k = alpha_k E_k and -log u_j = alpha_j E_k + E_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws.log_space import SMALLEST_NORMAL, check_rows, frozen_logits, log_softmax, uniforms, unmasked
from harness.logits import check_observed

ULP = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class PosteriorUniforms:
    """The law of u, uniform on C_k, given that ``observed`` = k wins [1]; raises UsageError for bad parameters.

    They include an alpha_k that is too small for a double, for then -log u_k is 0.
    """

    logits: Floats
    observed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "logits", frozen_logits(self.logits))
        object.__setattr__(self, "observed", check_observed(self.logits, self.observed))
        if self._alpha[self.observed] < SMALLEST_NORMAL:
            raise UsageError(f"observed category {self.observed} has a probability below {SMALLEST_NORMAL:.1e}")

    @cached_property
    def others(self) -> NDArray[np.intp]:
        """(d - 1,) unmasked categories other than the observed one, in their order."""
        kept = unmasked(self.logits)
        others: NDArray[np.intp] = kept[kept != self.observed]
        return others

    @property
    def mean(self) -> Floats:
        """(K,) means of u: 1 / (1 + alpha_k) for the winner, half of that form for the others."""
        mean: Floats = 0.5 / (1.0 + self._alpha)
        mean[self.observed] *= 2.0
        return mean

    @property
    def variance(self) -> Floats:
        """(K,) variances of u, from E u_k^n = 1 / (1 + n alpha_k) and E u_j^n = 1 / ((1 + n) (1 + n alpha_j))."""
        alpha = self._alpha
        numerator = (4.0 * alpha**2 + 2.0 * alpha + 1.0) / 12.0
        numerator[self.observed] = alpha[self.observed] ** 2
        variance: Floats = numerator / ((1.0 + 2.0 * alpha) * (1.0 + alpha) ** 2)
        return variance

    def bound(self, a: ArrayLike) -> Floats:
        """Return -log u_k^(alpha_j/alpha_k) [1] for (m,) a = -log u_k; (m, d - 1), the least -log u_j if k wins."""
        ratio = np.exp(self.logits[self.others] - self.logits[self.observed])
        value: Floats = np.asarray(a, dtype=np.float64)[:, np.newaxis] * ratio
        return value

    def log_density(self, a: ArrayLike) -> Floats:
        """Return log of the density in u, -log alpha_k on C_k [1], for (m, K) rows of -log u; (m,), -inf off C_k."""
        rows = check_rows(a, self.logits.size)
        inside = (rows >= 0).all(axis=1) & (self._excess(rows) >= 0).all(axis=1)
        return np.where(inside, -self._log_alpha[self.observed], -np.inf)

    @np.errstate(invalid="ignore")
    def rosenblatt(self, draws: ArrayLike, *, complement: bool = False) -> Floats:
        """Return T_k = u_k^(1/alpha_k), then T_j = u_j / u_k^(alpha_j/alpha_k), for (m, K) -log u; (m, d), or 1 - T.

        A draw off C_k gives inf (complement: -inf). 1 - T_j is as accurate as the difference of -log u_j and its bound.
        """
        rows = check_rows(draws, self.logits.size)
        winner = rows[:, [self.observed]] / self._alpha[self.observed]
        exponential = np.concatenate([np.where(winner >= 0, winner, -np.inf), self._excess(rows)], axis=1)
        return uniforms(exponential, complement)

    @cached_property
    def _log_alpha(self) -> Floats:
        return log_softmax(self.logits)

    @cached_property
    def _alpha(self) -> Floats:
        alpha: Floats = np.exp(self._log_alpha)
        return alpha

    @cached_property
    def _rounding(self) -> Floats:
        """(d - 1,) relative rounding error of alpha_j E_k and of its bound: a few ulp, and |log alpha| ulp for each."""
        conditioning: Floats = 4.0 - self._log_alpha[self.others] - self._log_alpha[self.observed]
        return 4.0 * ULP * conditioning

    def _excess(self, rows: Floats) -> Floats:
        """Return E_j = -log u_j less its bound [2], (m, d - 1); 0 within rounding of it and -inf below."""
        bound = self.bound(rows[:, self.observed])
        excess = rows[:, self.others] - bound
        return np.where(excess < -self._rounding * bound, -np.inf, np.maximum(excess, 0.0))
