"""An exhibit's lists become arrays whatever stands in them: null is no number, and curves are as long as a figure needs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
POINTS = 400
"""Points of a curve that a figure shows."""


def floats(values: Any) -> Floats:
    """Return finite numbers as they are and everything else as NaN; nested lists keep their shape."""
    array = np.array(
        [[_float(v) for v in value] if isinstance(value, list) else _float(value) for value in values or []],
        dtype=np.float64,
    )
    array[~np.isfinite(array)] = np.nan
    return array


def _float(value: Any) -> float:
    return float("nan") if value is None else float(value)


def matched(*columns: Any) -> list[Floats]:
    """Return columns of one length, the shortest's; columns that are missing become empty."""
    arrays = [floats(column) for column in columns]
    length = min((array.size for array in arrays), default=0)
    return [array[:length] for array in arrays]


def thin(size: int, points: int = POINTS) -> NDArray[np.intp]:
    """Return at most about ``points`` indices of a curve, its first and last among them."""
    if size <= points:
        return np.arange(size)
    return np.unique(np.linspace(0, size - 1, points).round().astype(np.intp))


def extremes(values: Floats, points: int) -> NDArray[np.intp]:
    """Return about ``points`` indices of a curve, from each stretch the one farthest from zero, so that no peak is lost."""
    if values.size <= points:
        return np.arange(values.size)
    edges = np.linspace(0, values.size, points + 1).astype(np.intp)
    size = np.nan_to_num(np.abs(values))
    return np.array([low + int(np.argmax(size[low:high])) for low, high in itertools.pairwise(edges)])


def largest(values: Floats) -> int:
    """Return the index of the value farthest from zero, NaN aside; raises ValueError if there is none."""
    if not np.isfinite(values).any():
        raise ValueError("there is no finite number to show")
    return int(np.nanargmax(np.abs(values)))


def span(*groups: Sequence[float] | Floats) -> tuple[float, float]:
    """Return the least and the greatest finite number of all groups; raises ValueError if there is none."""
    together = np.concatenate([np.ravel(np.asarray(group, np.float64)) for group in groups])
    finite = together[np.isfinite(together)]
    if finite.size == 0:
        raise ValueError("there is no finite number to show")
    return float(finite.min()), float(finite.max())
