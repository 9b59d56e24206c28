"""A Gumbel below a bound has E = -log CDF = e^{l-g} - e^{l-M}, formed as one product so that nothing cancels near M.

[1] C. J. Maddison, D. Tarlow, T. Minka, A* sampling, NIPS 2014, section 2.1: TruncGumbel(l, M) = l - log(e^{l-M} + E).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws.gumbel import check_location_scale
from harness.laws.log_space import LARGEST_EXPONENT, uniforms


@np.errstate(over="ignore")
def truncated_exponential(depth: Floats, gap: Floats) -> Floats:
    """Return E = -e^{depth} expm1(gap) with depth = l - g and gap = g - M, -inf where g > M; overwrites both.

    E is capped at e^695, where the CDF is 0 and the complement 1 long since.
    """
    np.minimum(depth, LARGEST_EXPONENT, out=depth)  # keeps inf * 0 from making a NaN at g = M
    np.exp(depth, out=depth)
    np.expm1(gap, out=gap)
    depth *= gap
    np.negative(depth, out=depth)
    np.copyto(depth, -np.inf, where=gap > 0)
    return depth


@dataclass(frozen=True, eq=False)
class TruncatedGumbel:
    """The law of a Gumbel(location, 1) given that it lies below ``bound`` [1]; raises UsageError if either is infinite.

    Its variance has no closed form.
    """

    location: float
    bound: float

    def __post_init__(self) -> None:
        check_location_scale(self.location, 1.0)
        if not np.isfinite(self.bound):
            raise UsageError(f"bound must be finite, got {self.bound!r}; without a bound it is a Gumbel")

    @property
    def mean(self) -> float:
        """M - e^c E_1(c) with c = e^{location - M}: the mean of l - log(c + E) [1]."""
        return self.bound - _scaled_exponential_integral(self.location - self.bound)

    def log_density(self, x: ArrayLike) -> Floats:
        """Return log of the density e^{l-x} e^{-E} at ``x``, elementwise; -inf above the bound."""
        values = np.asarray(x, dtype=np.float64)
        inside = (values <= self.bound) & (values > -np.inf)
        safe = np.where(inside, values, self.bound)
        return np.where(inside, self.location - safe - self._exponential(safe), -np.inf)

    def cdf(self, x: ArrayLike) -> Floats:
        """Return P(X <= x) = exp(-E), elementwise; 1 above the bound."""
        return uniforms(self._exponential(np.minimum(x, self.bound)), complement=False)

    def survival(self, x: ArrayLike) -> Floats:
        """Return P(X > x) = -expm1(-E), elementwise; 0 above the bound."""
        return uniforms(self._exponential(np.minimum(x, self.bound)), complement=True)

    @np.errstate(divide="ignore")
    def quantile(self, u: ArrayLike) -> Floats:
        """Return x with P(X <= x) = u, elementwise, u in [0, 1]; -inf at 0 and the bound at 1."""
        return self._at(np.log(-np.log(np.asarray(u, dtype=np.float64))))

    def rosenblatt(self, draws: ArrayLike, *, complement: bool = False) -> Floats:
        """Return the CDF of (m,) draws, or its complement, as (m, 1); a draw above the bound is inf (or -inf)."""
        return uniforms(self._exponential(draws), complement)[:, np.newaxis]

    def _at(self, log_exponential: Floats) -> Floats:
        """Return l - log(e^{l-M} + E) [1], kept at or below M, where rounding could lift it."""
        lifted = np.logaddexp(self.location - self.bound, log_exponential)
        return np.minimum(self.location - lifted, self.bound)

    def _exponential(self, x: ArrayLike) -> Floats:
        values = np.atleast_1d(np.asarray(x, dtype=np.float64))
        return truncated_exponential(self.location - values, values - self.bound).reshape(np.shape(x))


@np.errstate(over="ignore")
def _scaled_exponential_integral(log_c: float) -> float:
    """Return e^c E_1(c): its limit -gamma - log c below 1e-20, its asymptotic series above 500."""
    from scipy.special import exp1

    c = float(np.exp(log_c))
    if c < 1e-20:
        return -float(np.euler_gamma) - log_c
    if c <= 500.0:
        return float(np.exp(c) * exp1(c))
    total = 1.0  # seven terms: the next is below rounding at c = 500
    for n in range(7, 0, -1):
        total = 1.0 - n / c * total
    return total / c
