"""Draws of one seed are equal: integers in every bit, floats up to another order of the same sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CLOSE = {"float64": 1e-9, "float32": 1e-3}
"""Relative difference that another order of the same sum may make; of half precision nothing is asked."""


def differs(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Tell whether draws differ: integers in any bit, floats by more than another order of summation explains."""
    if one.dtype.kind in "iu":
        return not np.array_equal(one, other)
    close = CLOSE.get(min(one.dtype.name, other.dtype.name), 1.0)
    return not np.allclose(one, other, rtol=close, atol=close, equal_nan=True)
