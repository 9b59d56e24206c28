"""The Gumbel-softmax is judged in u-space, where the temperature drops out and running sums make its uniforms.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019 (the density document), eqs (8)-(13).
[2] E. Jang, S. Gu, B. Poole, Categorical reparameterization with Gumbel-softmax, ICLR 2017, appendix B.
[3] M. Rosenblatt, Remarks on a multivariate transformation, Ann. Math. Statist. 23 (1952), 470-472.
[4] Integrating (8) of [1] over its last coordinates leaves (8) with fewer categories, so with S_0 = e^{x_r} and
    S_m = S_{m-1} + e^{x_m - u_m} the conditional CDF of u_m given those before it is T_m = (S_{m-1} / S_m)^m.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws import special
from harness.laws.log_space import (
    LARGEST_EXPONENT,
    SMALLEST_NORMAL,
    check_rows,
    columns_of,
    empty_rows,
    frozen_logits,
    log_sum_exp,
    uniforms,
    unmasked,
)
from harness.laws.logistic import Logistic
from harness.logits import check_temperature


@dataclass(frozen=True, eq=False)
class GumbelSoftmax:
    """The law of softmax((logits + Gumbel noise) / temperature) on the simplex; raises UsageError for bad parameters.

    The reference category r is the last unmasked one; u_i = tau (log y_i - log y_r) runs over the d unmasked others.
    The means of u are logistic locations and its covariance is known; the mean and covariance of y have no closed form.
    """

    logits: Floats
    temperature: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "logits", frozen_logits(self.logits))
        object.__setattr__(self, "temperature", check_temperature(self.temperature))

    @cached_property
    def categories(self) -> NDArray[np.intp]:
        """(d + 1,) unmasked categories in their order; the last is the reference."""
        return unmasked(self.logits)

    @cached_property
    @np.errstate(over="ignore")
    def mean_u(self) -> Floats:
        """(d,) means x_i - x_r of u."""
        kept = self.logits[self.categories]
        mean: Floats = kept[:-1] - kept[-1]
        return mean

    def marginal(self, category: int) -> Logistic:
        """Return the law of u_i = tau (log y_i - log y_r); raises UsageError for r itself or a masked category."""
        if category not in self.categories[:-1]:
            raise UsageError(f"u has no coordinate for category {category}; choose from {self.categories[:-1]}")
        return Logistic(float(self.logits[category] - self.logits[self.categories[-1]]))

    def log_density(self, y: ArrayLike) -> Floats:
        """Return log of the density in the unmasked y other than y_r ([1] eq. (12), [2]) for (m, K) rows; (m,).

        -inf where an unmasked coordinate is not positive or a masked one is not 0. Rows are taken to sum to 1; y_r
        is read and not computed as 1 minus the others.
        """
        rows = check_rows(y, self.logits.size)
        kept = rows[:, self.categories]
        inside = (kept > 0).all(axis=1) & (rows[:, np.isneginf(self.logits)] == 0).all(axis=1)
        logs = np.log(np.where(inside[:, np.newaxis], kept, 1.0))
        weights = self.logits[self.categories] - self.temperature * logs  # log of pi_i / y_i^tau
        jacobian = (self.categories.size - 1) * np.log(self.temperature) - logs.sum(axis=1)
        return np.where(inside, _log_density_of(weights) + jacobian, -np.inf)

    @np.errstate(invalid="ignore")
    def to_u(self, y: ArrayLike) -> Floats:
        """Return u_i = tau (log y_i - log y_r) ([1] eq. (13)) for (m, K) rows; (m, d).

        A coordinate below the smallest normal double (2.2e-308), zero included, is taken as that double.
        """
        kept = columns_of(check_rows(y, self.logits.size), self.categories)
        logs = np.maximum(kept, SMALLEST_NORMAL, out=empty_rows(*kept.shape))
        np.log(logs, out=logs)
        u = np.subtract(logs[:, :-1], logs[:, -1:], out=empty_rows(kept.shape[0], kept.shape[1] - 1))
        u *= self.temperature
        return u

    @np.errstate(invalid="ignore")
    def rosenblatt(self, draws: ArrayLike, *, complement: bool = False) -> Floats:
        """Return T_m = (S_{m-1} / S_m)^m [4], m = 1..d, iid U(0, 1), for (m, K) draws; (m, d), or 1 - T.

        With c = m + |x_m - x_r| + 2 tau max |log y| the relative error is at most about c ulp for 1 - T and m c ulp
        for T. Never NaN on the simplex, but right only where draws do not underflow: a zero is read as in `to_u`, so
        that T_m is next to 0 for the first zero y_m, and next to 1 for every m if y_r alone is zero. Category i
        underflows with probability at most 1 / (1 + e^{(708 - log K) tau + x_i - log sum_{j != i} e^{x_j}}). Points
        off the simplex are the caller's to refuse.
        """
        weights = self.to_u(draws)
        np.subtract(self.mean_u, weights, out=weights)
        np.minimum(weights, LARGEST_EXPONENT, out=weights)
        ratio = _over_running_sum(np.exp(weights, out=weights))  # in units of S_0, so that S >= 1
        np.log1p(ratio, out=ratio)  # log S_m / S_{m-1}
        ratio *= np.arange(1.0, ratio.shape[1] + 1.0)
        return uniforms(ratio, complement)


def _log_density_of(weights: Floats) -> Floats:
    """Return log of Gamma(k) prod w_i (sum w_i)^-k ([1] eq. (8)) for (m, k) log weights; the scale of w drops out."""
    k = weights.shape[1]
    relative = weights - weights.max(axis=1, keepdims=True)
    value: Floats = special.gammaln(k) + relative.sum(axis=1) - k * log_sum_exp(relative)
    return value


def _over_running_sum(weights: Floats) -> Floats:
    """Overwrite (m, d) weights with w_m / S_{m-1}, S_0 = 1; both branches add in the same order, to the same bits."""
    rows, columns = weights.shape
    if rows >= columns:  # tall arrays lie column by column (`empty_rows`), where np.cumsum costs four times as much
        total = np.ones(rows)
        for column in weights.T:
            following = total + column
            column /= total
            total = following
        return weights
    first = weights[:, 0].copy()
    weights[:, 0] += 1.0
    sums = np.cumsum(weights, axis=1)
    weights[:, 0] = first
    weights[:, 1:] /= sums[:, :-1]
    return weights
