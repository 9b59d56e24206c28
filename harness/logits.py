"""Logits are one-dimensional float64, finite or -inf, with at least one finite entry; everything else is refused."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.arrays import Floats
from harness.errors import UsageError
from harness.text import shown

MOST = 2**48
"""Draws that one call may ask for: no machine has memory for more, and NumPy raises errors of several kinds."""


def check_logits(logits: ArrayLike) -> Floats:
    """Return ``logits`` as a (K,) float64 array.

    Raises UsageError for another shape, an empty array, NaN, +inf, or no category of positive probability.
    """
    if isinstance(logits, np.ma.MaskedArray):
        raise UsageError("logits are a masked array, whose mask would be lost; write masked.filled(-np.inf)")
    try:
        array = np.asarray(logits, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"logits must be numbers that float64 holds, got {shown(repr(logits), 100)}") from error
    if array.ndim != 1:
        raise UsageError(f"logits must have shape (K,), got shape {array.shape}")
    if array.size == 0:
        raise UsageError("logits are empty; give at least one category")
    if -np.inf < array.max() < np.inf:  # a NaN would be the largest
        return array
    bad = np.flatnonzero(np.isnan(array) | (array == np.inf))
    if bad.size:
        raise UsageError(f"logits[{bad[0]}] is {array[bad[0]]}; logits must be finite or -inf")
    raise UsageError("all logits are -inf; at least one category needs a positive probability")


def check_temperature(temperature: float) -> float:
    """Return the temperature as a float; raises UsageError unless it is positive and finite."""
    try:
        value = float(temperature)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"temperature must be a positive number, got {shown(repr(temperature), 100)}") from error
    if not (np.isfinite(value) and value > 0):
        raise UsageError(f"temperature must be positive and finite, got {temperature!r}")
    return value


def check_observed(logits: Floats, observed: int) -> int:
    """Return the observed category as an int; raises UsageError if out of range or of probability zero."""
    if isinstance(observed, bool) or not isinstance(observed, int | np.integer):
        raise UsageError(f"observed must be an integer category, got {observed!r}")
    if not 0 <= observed < logits.size:
        raise UsageError(f"observed category {observed} is outside 0..{logits.size - 1}")
    if np.isneginf(logits[observed]):
        raise UsageError(f"observed category {observed} has probability zero, so no posterior is defined")
    return int(observed)


def check_size(size: int) -> int:
    """Return the number of draws as an int; raises UsageError unless it is a non-negative integer."""
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 0:
        raise UsageError(f"size must be a non-negative integer, got {size!r}")
    if size > MOST:
        raise UsageError(f"size must be at most {MOST}, got {size}")
    return int(size)
