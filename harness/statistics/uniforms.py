"""Uniforms are kept as equal bins, and dyadic cells at both ends where plain bins are blind.

Cell j of a tail holds the values in [2^-(j+1), 2^-j), counted from the end in question; the last cell is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DYADIC = 64
"""Dyadic cells an end: down to 2^-64, beyond what 2^10 years of draws reach at a rate of 1e9 a second."""


@dataclass(frozen=True, eq=False)
class UniformBins:
    """Of n draws of d coordinates: bins (d, B), low and high tail cells (d, DYADIC), and values outside [0, 1] (d,)."""

    n: int
    bins: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    outside: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        uniforms: NDArray[np.float64],
        bins: int,
        complement: Callable[[NDArray[np.intp]], NDArray[np.float64]],
        groups: NDArray[np.intp] | None = None,
    ) -> UniformBins:
        """Count (m, d) uniforms; ``complement(rows)`` returns 1 - u of those rows, free of cancellation.

        ``groups`` (d,) pools coordinates: coordinate i is counted in column groups[i].
        """
        m, d = uniforms.shape
        columns = np.arange(d) if groups is None else groups
        width = int(columns.max()) + 1 if d else 0
        legal = (uniforms >= 0) & (uniforms <= 1)
        outside = np.zeros(width, np.int64)
        if not legal.all():
            np.add.at(outside, columns, (~legal).sum(axis=0))
            uniforms = np.where(legal, uniforms, 0.5)
        cells = np.minimum((uniforms * bins).astype(np.intp), bins - 1)
        flat = np.bincount((cells + columns * bins).ravel(), minlength=width * bins)
        made = flat.reshape(width, bins).astype(np.int64, copy=False)
        low = _tail(uniforms < 1 / bins, uniforms, columns, width)
        top = uniforms >= 1 - 1 / bins
        rows = np.flatnonzero(top.any(axis=1))
        high = _tail(top[rows], complement(rows) if rows.size else uniforms[rows], columns, width)
        if outside.any():
            for column in np.flatnonzero(outside):
                made[column, bins // 2] -= outside[column]
        return cls(m, made, low, high, outside)

    def merge(self, other: UniformBins) -> UniformBins:
        """Return the counts of both."""
        return UniformBins(
            self.n + other.n,
            self.bins + other.bins,
            self.low + other.low,
            self.high + other.high,
            self.outside + other.outside,
        )


def _tail(
    mask: NDArray[np.bool_], values: NDArray[np.float64], columns: NDArray[np.intp], width: int
) -> NDArray[np.int64]:
    """Count the masked values by the power of two that they lie below."""
    _, which = np.nonzero(mask)
    picked = values[mask]
    _, exponents = np.frexp(np.maximum(picked, 2.0 ** -(DYADIC + 2)))
    cells = np.clip(-exponents, 0, DYADIC - 1)
    flat = np.bincount(columns[which] * DYADIC + cells, minlength=width * DYADIC)
    return flat.reshape(width, DYADIC).astype(np.int64, copy=False)
