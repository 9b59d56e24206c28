"""A uniform T is kept as its exponential -log T until the last step, so that T and 1 - T both keep their tails."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.errors import UsageError
from harness.logits import check_logits

LARGEST_EXPONENT = 695.0
"""Exponents are capped here: e^695 = 7e301 leaves room for a sum of a million such terms below the largest double."""

SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)


def frozen_logits(logits: ArrayLike) -> Floats:
    """Return a read-only (K,) float64 copy of ``logits``; raises UsageError where `check_logits` does."""
    copy = check_logits(logits).copy()
    copy.flags.writeable = False
    return copy


def unmasked(logits: Floats) -> NDArray[np.intp]:
    """Return the categories of positive probability in their order."""
    return np.flatnonzero(logits > -np.inf)


def check_rows(draws: ArrayLike, columns: int) -> Floats:
    """Return ``draws`` as an (m, columns) float64 array; raises UsageError for another shape."""
    rows = np.asarray(draws, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != columns:
        raise UsageError(f"draws must have shape (m, {columns}), got shape {rows.shape}")
    return rows


def empty_rows(rows: int, columns: int) -> Floats:
    """Return an unset (rows, columns) array whose longer axis is contiguous, which is what NumPy's loops run along."""
    return np.empty((columns, rows)).T if rows >= columns else np.empty((rows, columns))


def columns_of(rows: Floats, chosen: NDArray[np.intp]) -> Floats:
    """Return the chosen columns, without a copy when they are all of them."""
    return rows if chosen.size == rows.shape[1] else rows[:, chosen]


@np.errstate(over="ignore")
def log_sum_exp(values: Floats) -> Floats:
    """Return log sum exp along the last axis, each row having a finite maximum, which may dominate without loss."""
    top = values.argmax(axis=-1, keepdims=True)
    largest = np.take_along_axis(values, top, axis=-1)
    terms = np.exp(values - largest)
    np.put_along_axis(terms, top, 0.0, axis=-1)
    total: Floats = largest[..., 0] + np.log1p(terms.sum(axis=-1))
    return total


@np.errstate(over="ignore")
def log_softmax(logits: Floats) -> Floats:
    """Return log softmax of (K,) logits, to a few ulp and the rounding of l_j - max l, even for a mass next to 1."""
    below = logits - logits.max()  # relative to the maximum nothing cancels: both terms of the result are <= 0
    result: Floats = below - log_sum_exp(below)
    return result


@np.errstate(over="ignore")
def uniforms(exponential: Floats, complement: bool) -> Floats:
    """Overwrite E = -log T with T = exp(-E), or with 1 - T = -expm1(-E); E = -inf marks an impossible draw.

    An impossible draw becomes inf (complement: -inf) and so never lies in [0, 1]; NaN stays NaN.
    """
    np.negative(exponential, out=exponential)
    if not complement:
        return np.exp(exponential, out=exponential)
    np.expm1(exponential, out=exponential)
    return np.negative(exponential, out=exponential)
