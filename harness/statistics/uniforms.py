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
        outside = np.zeros(width, np.int64)
        if m >= d:  # NumPy's loops run along what is contiguous: along a row of few coordinates each step costs ten
            uniforms = np.asfortranarray(uniforms)
        if not within(uniforms):
            legal = (uniforms >= 0) & (uniforms <= 1)
            np.add.at(outside, columns, (~legal).sum(axis=0))
            uniforms = np.where(legal, uniforms, 0.5)
        made = _bins(uniforms, bins, columns * bins, width)
        low = _tail(*_picked(uniforms, uniforms < 1 / bins), columns, width)
        high = _tail(*_complements(uniforms, uniforms >= 1 - 1 / bins, complement), columns, width)
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


def within(uniforms: NDArray[np.float64]) -> bool:
    """Tell whether all values lie in [0, 1]; a NaN does not."""
    return bool(uniforms.min(initial=0.5) >= 0 and uniforms.max(initial=0.5) <= 1)


def _bins(uniforms: NDArray[np.float64], bins: int, offsets: NDArray[np.intp], width: int) -> NDArray[np.int64]:
    """Count (m, d) legal uniforms, in the order in which they lie in memory."""
    by_columns = uniforms.flags.f_contiguous
    values = uniforms.T if by_columns else uniforms
    cells = np.empty(values.shape, np.intp)
    np.multiply(values, bins, out=cells, casting="unsafe")  # straight to integers, through NumPy's small buffer
    if uniforms.max(initial=0.0) * bins >= bins:
        np.minimum(cells, bins - 1, out=cells)
    cells += offsets[:, np.newaxis] if by_columns else offsets
    flat = np.bincount(cells.reshape(-1), minlength=width * bins)
    return flat.reshape(width, bins).astype(np.int64, copy=False)


def _places(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of what is true; few are, so that a flat search is most of the work."""
    if not mask.flags.f_contiguous:
        rows, columns = np.divmod(np.flatnonzero(mask), max(1, mask.shape[1]))
    else:
        columns, rows = np.divmod(np.flatnonzero(mask.T), max(1, mask.shape[0]))
    return rows, columns


def _picked(uniforms: NDArray[np.float64], mask: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    rows, columns = _places(mask)
    return uniforms[rows, columns], columns


def _complements(
    uniforms: NDArray[np.float64],
    mask: NDArray[np.bool_],
    complement: Callable[[NDArray[np.intp]], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the complements of the masked values, with their columns; only their rows are asked for."""
    rows, columns = _places(mask)
    values = complement(rows)[np.arange(rows.size), columns] if rows.size else uniforms[rows, columns]
    return values, columns


def _tail(
    values: NDArray[np.float64], which: NDArray[np.intp], columns: NDArray[np.intp], width: int
) -> NDArray[np.int64]:
    """Count values by the power of two that they lie below."""
    _, exponents = np.frexp(np.maximum(values, 2.0 ** -(DYADIC + 2)))
    cells = np.clip(-exponents, 0, DYADIC - 1)
    flat = np.bincount(columns[which] * DYADIC + cells, minlength=width * DYADIC)
    return flat.reshape(width, DYADIC).astype(np.int64, copy=False)
