"""Counts of a finite set of outcomes, or of a table of them, are sufficient for any test of their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts (any shape, int64) of ``units`` observed outcomes made of ``n`` draws (a pair of draws is one unit)."""

    n: int
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, outcomes: NDArray[np.integer], shape: tuple[int, ...], n: int | None = None) -> Counts:
        """Count flat outcomes in 0..prod(shape)-1; ``n`` is the number of draws if it is not the number of outcomes."""
        size = int(np.prod(shape))
        counts = np.bincount(outcomes.ravel(), minlength=size).astype(np.int64, copy=False)
        return cls(outcomes.shape[0] if n is None else n, counts.reshape(shape))

    @property
    def units(self) -> int:
        """The number of outcomes counted."""
        return int(self.counts.sum())

    def merge(self, other: Counts) -> Counts:
        """Return the counts of both."""
        return Counts(self.n + other.n, self.counts + other.counts)


FEW = 8
"""Up to so many outcomes, one comparison each is faster than a table whose few cells wait for one another."""


def tally(codes: NDArray[np.uint8], size: int) -> NDArray[np.int64]:
    """Count byte-sized outcomes in 0..size-1: (size,)."""
    if size <= FEW:
        return np.array([np.count_nonzero(codes == code) for code in range(size)], np.int64)
    return np.bincount(codes, minlength=size).astype(np.int64, copy=False)
