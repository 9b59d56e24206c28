"""The Gumbel law is computed through e^-z alone, so that both tails keep their relative accuracy.

[1] E. J. Gumbel, Statistics of Extremes, Columbia University Press 1958, section 5.2.
[2] The proof document, "definitions": density exp(-z - e^-z) / scale and CDF exp(-e^-z), z = (x - location) / scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws.log_space import uniforms

LOWEST = -750.0
"""Below it e^-z is inf already, so that a lower z, -inf included, changes no density."""


def check_location_scale(location: float, scale: float) -> None:
    """Raise UsageError unless the location is finite and the scale is positive and finite."""
    if not np.isfinite(location):
        raise UsageError(f"location must be finite, got {location!r}")
    if not (np.isfinite(scale) and scale > 0):
        raise UsageError(f"scale must be positive and finite, got {scale!r}")


@np.errstate(over="ignore")
def standard_log_density(z: Floats) -> Floats:
    """Return -z - e^-z [2], elementwise; -inf at both infinities."""
    floored = np.maximum(z, LOWEST)
    value: Floats = -floored - np.exp(-floored)
    return value


@dataclass(frozen=True, eq=False)
class Gumbel:
    """The law of location + scale G, G standard Gumbel [1]; raises UsageError for a bad location or scale."""

    location: float = 0.0
    scale: float = 1.0
    skewness: ClassVar[float] = 1.1395470994046486567  # 12 sqrt(6) zeta(3) / pi^3

    def __post_init__(self) -> None:
        check_location_scale(self.location, self.scale)

    @property
    def mean(self) -> float:
        """Location + Euler-Mascheroni constant x scale."""
        return self.location + float(np.euler_gamma) * self.scale

    @property
    def variance(self) -> float:
        """(pi scale)^2 / 6."""
        return (np.pi * self.scale) ** 2 / 6.0

    def log_density(self, x: ArrayLike) -> Floats:
        """Return log of the density [2] at ``x``, elementwise."""
        value: Floats = standard_log_density(self._standard(x)) - np.log(self.scale)
        return value

    def density(self, x: ArrayLike) -> Floats:
        """Return the density [2] at ``x``, elementwise; relative error |log density| ulp."""
        value: Floats = np.exp(self.log_density(x))
        return value

    @np.errstate(over="ignore")
    def log_cdf(self, x: ArrayLike) -> Floats:
        """Return log P(X <= x) = -e^-z [2], elementwise."""
        value: Floats = -np.exp(-self._standard(x))
        return value

    def cdf(self, x: ArrayLike) -> Floats:
        """Return P(X <= x) = exp(-e^-z) [2], elementwise; relative error (1 + |z|) e^-z ulp, as z is conditioned."""
        value: Floats = np.exp(self.log_cdf(x))
        return value

    def survival(self, x: ArrayLike) -> Floats:
        """Return P(X > x) = -expm1(-e^-z), elementwise; exact where the CDF rounds to 1."""
        value: Floats = -np.expm1(self.log_cdf(x))
        return value

    @np.errstate(divide="ignore")
    def quantile(self, u: ArrayLike) -> Floats:
        """Return x with P(X <= x) = u, elementwise, u in [0, 1]; infinite at 0 and 1."""
        value: Floats = self.location - self.scale * np.log(-np.log(np.asarray(u, dtype=np.float64)))
        return value

    @np.errstate(over="ignore")
    def rosenblatt(self, draws: ArrayLike, *, complement: bool = False) -> Floats:
        """Return the CDF of (m,) draws, or its complement, as (m, 1) uniforms."""
        return uniforms(np.exp(-self._standard(draws)), complement)[:, np.newaxis]

    def _standard(self, x: ArrayLike) -> Floats:
        standard: Floats = (np.asarray(x, dtype=np.float64) - self.location) / self.scale
        return standard
