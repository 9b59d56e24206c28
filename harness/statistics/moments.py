"""Sums of powers merge without rounding, so that the grouping of shards leaves no trace."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Moments:
    """For each of d columns the sum and the sum of squares of n values, each (d, 3): three floats that are added last.

    Such expansions (Shewchuk 1997, "Adaptive precision floating-point arithmetic", sec. 2) keep about 150 bits, so that
    merging is associative to the last bit of what is read off. A chunk's own sum is NumPy's pairwise sum.
    """

    n: int
    sums: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Moments:
        """Take (m, d) values; raises ValueError if their squares do not add up to a number."""
        with np.errstate(over="ignore"):
            sums, squares = values.sum(axis=0), np.square(values).sum(axis=0)
        if not np.isfinite(squares).all():
            raise ValueError("values are too large, or not numbers, for their squares to be summed")
        return cls(values.shape[0], *(np.stack([total, 0 * total, 0 * total], axis=1) for total in (sums, squares)))

    @property
    def mean(self) -> NDArray[np.float64]:
        """The (d,) means."""
        return np.array([math.fsum(row) for row in self.sums]) / self.n

    @property
    def variance(self) -> NDArray[np.float64]:
        """The (d,) variances, with divisor n."""
        means = self.mean
        rows = zip(self.squares, means, strict=True)
        return np.array([math.fsum([*row, -self.n * mean * mean]) for row, mean in rows]) / self.n

    def merge(self, other: Moments) -> Moments:
        """Return the moments of both."""
        return Moments(self.n + other.n, _merge(self.sums, other.sums), _merge(self.squares, other.squares))


def _expansion(items: list[float]) -> list[float]:
    """Return three floats whose sum equals the exact sum of ``items`` to about 150 bits."""
    first = math.fsum(items)
    second = math.fsum([*items, -first])
    return [first, second, math.fsum([*items, -first, -second])]


def _merge(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([_expansion([*a, *b]) for a, b in zip(one, other, strict=True)])
