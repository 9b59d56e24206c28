"""The logistic law, that of a difference of two Gumbels, is symmetric, so each tail is computed as the lower one.

[1] The trick document, Property 2: G(a) - G(b) has CDF 1 / (1 + e^-(x - (a - b))).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from harness.arrays import Floats
from harness.laws import special
from harness.laws.gumbel import check_location_scale


@dataclass(frozen=True, eq=False)
class Logistic:
    """The law with CDF 1 / (1 + e^-z), z = (x - location) / scale [1]; raises UsageError for bad parameters."""

    location: float = 0.0
    scale: float = 1.0
    skewness: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        check_location_scale(self.location, self.scale)

    @property
    def mean(self) -> float:
        """The location."""
        return self.location

    @property
    def variance(self) -> float:
        """(pi scale)^2 / 3: twice that of a Gumbel."""
        return (np.pi * self.scale) ** 2 / 3.0

    def log_density(self, x: ArrayLike) -> Floats:
        """Return log of the density e^-z / (1 + e^-z)^2 / scale, elementwise."""
        distance = np.abs(self._standard(x))  # the density is even, and e^-|z| cannot overflow
        value: Floats = -distance - 2.0 * np.log1p(np.exp(-distance)) - np.log(self.scale)
        return value

    def density(self, x: ArrayLike) -> Floats:
        """Return the density at ``x``, elementwise; relative error |log density| ulp."""
        value: Floats = np.exp(self.log_density(x))
        return value

    def log_cdf(self, x: ArrayLike) -> Floats:
        """Return log P(X <= x), elementwise."""
        value: Floats = special.log_expit(self._standard(x))
        return value

    def cdf(self, x: ArrayLike) -> Floats:
        """Return P(X <= x) [1], elementwise."""
        value: Floats = special.expit(self._standard(x))
        return value

    def survival(self, x: ArrayLike) -> Floats:
        """Return P(X > x), elementwise; exact where the CDF rounds to 1."""
        value: Floats = special.expit(-self._standard(x))
        return value

    def quantile(self, u: ArrayLike) -> Floats:
        """Return x with P(X <= x) = u, elementwise, u in [0, 1]; infinite at 0 and 1."""
        value: Floats = self.location + self.scale * special.logit(np.asarray(u, dtype=np.float64))
        return value

    def rosenblatt(self, draws: ArrayLike, *, complement: bool = False) -> Floats:
        """Return the CDF of (m,) draws, or its complement, as (m, 1) uniforms."""
        return (self.survival(draws) if complement else self.cdf(draws))[:, np.newaxis]

    def _standard(self, x: ArrayLike) -> Floats:
        standard: Floats = (np.asarray(x, dtype=np.float64) - self.location) / self.scale
        return standard
