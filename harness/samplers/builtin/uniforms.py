"""Noise is exact to float64 where it decides who wins: near 0, uniforms and exponentials keep full relative precision.

``Generator.random`` draws k 2^-53, so that a category of probability 1e-17 could only win at k = 0. A value below
2^-20 therefore gets 53 further bits below its last one, and again while it stays that small [1].

[1] A. B. Downey, Generating Pseudo-random Floating-Point Values, 2007.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float64]

GRID = 2.0**-53
RARE = 2.0**-20
TINY = 2.0**-1022
"""The smallest normal float64 stands in for zero, whose probability is less than its own."""


def words(size: int, kind: type[np.unsignedinteger[Any]], rng: np.random.Generator) -> NDArray[Any]:
    """Return (size,) uniform words of 16 or 32 bits, as many of each 64 that the generator makes as there are in it."""
    each = 8 // np.dtype(kind).itemsize
    whole = rng.integers(0, np.iinfo(np.uint64).max, size=-(-size // each), dtype=np.uint64, endpoint=True)
    return whole.astype("<u8", copy=False).view(np.dtype(kind).newbyteorder("<"))[:size]


def refine(values: Block, rng: np.random.Generator, grid: float = GRID) -> None:
    """Add bits in place, below the last one, to entries below 2^-20 of a contiguous block of multiples of ``grid``."""
    if values.min(initial=1.0) >= RARE:
        return
    flat = values.reshape(-1)
    rare = np.flatnonzero(flat < RARE)
    while rare.size and grid > TINY:
        flat[rare] += grid * rng.random(rare.size)
        rare = rare[flat[rare] < RARE * grid]
        grid *= GRID
    flat[rare] = np.maximum(flat[rare], TINY)


def fill_uniforms(out: Block, rng: np.random.Generator) -> None:
    """Fill a contiguous block with uniforms in (0, 1) that have full relative precision near 0."""
    rng.random(out=out)
    refine(out, rng)


def fill_exponentials(out: Block, rng: np.random.Generator) -> None:
    """Fill a contiguous block with exponentials -log(u) in (0, 709) that have full relative precision near 0."""
    fill_logarithms(out, rng)
    np.negative(out, out=out)


def fill_logarithms(out: Block, rng: np.random.Generator) -> bool:
    """Fill a contiguous block with log(u) in (-709, 0), exponentials with a minus, of full relative precision near 0.

    Returns whether any of them is nearer to 0 than 2^-20.

    The large ones come from the small u, so that they are not cut at 53 log 2 = 36.7; the small ones come from the
    u near 1, where the complement of u gets the further bits.
    """
    fill_uniforms(out, rng)
    if out.max() <= 1 - RARE:
        np.log(out, out=out)
        return False
    near_one = np.flatnonzero(out > 1 - RARE)
    small = _small_logarithms(out.reshape(-1)[near_one], rng)
    np.log(out, out=out)
    out.reshape(-1)[near_one] = small
    return True


def _small_logarithms(values: Block, rng: np.random.Generator) -> Block:
    """Logarithms of u near 1: the complement is uniform between 1 - u - 2^-53, which is exact, and 1 - u."""
    lower_bits = np.empty_like(values)
    fill_uniforms(lower_bits, rng)
    complement = (1 - values - GRID) + GRID * lower_bits
    small: Block = np.log1p(-np.maximum(complement, TINY))
    return small
