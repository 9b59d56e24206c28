"""A run of bits that stands in a series twice is found wherever it stands: a window is looked up among anchors.

A tile of a call that repeats another is a small part of all pairs at its distance, which correlations do not see.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Bools

APART = 128
"""An anchor is one bit in so many: a copy of WINDOW + APART bits holds a whole window from an anchor on."""
WORD, WINDOW = 32, 160
"""Bits that are looked up, and bits that must agree."""
TABLE = 20
"""Lower bits of a word by which most are left out at once."""
MOST = 4096
LEAST = WINDOW + APART
"""A copy of so many bits is found."""


def copied(bits: Bools) -> tuple[int, int] | None:
    """Return the places (earlier, later) of a window that stands in (m,) bits twice, or None."""
    if bits.size <= LEAST:
        return None
    words = _words(bits)[: bits.size - WINDOW + 1]
    anchors = np.arange(0, words.size, APART)
    order = anchors[np.argsort(words[anchors], kind="stable")]
    table, low = np.zeros(1 << TABLE, bool), np.uint32((1 << TABLE) - 1)
    table[words[anchors] & low] = True
    seen = np.flatnonzero(table.take(words & low))
    place = np.minimum(np.searchsorted(words[order], words[seen]), order.size - 1)
    same = (words[order[place]] == words[seen]) & (order[place] != seen)
    for one, other in zip(order[place][same][:MOST].tolist(), seen[same][:MOST].tolist(), strict=True):
        if np.array_equal(bits[one : one + WINDOW], bits[other : other + WINDOW]):
            return min(one, other), max(one, other)
    return None


def chance(size: int) -> float:
    """Bound the probability that ``copied`` finds any in fair bits: its expectation, 2^-160 for each pair of places.

    Overlapping windows, too, agree with 2^-160, as bits at one distance determine one another.
    """
    return min(1.0, size * (size / APART + 1) * 2.0**-WINDOW)


def _words(bits: Bools) -> NDArray[np.uint32]:
    """Return the 32 bits from each place on as a word, by doubling."""
    words: NDArray[np.unsignedinteger] = bits.view(np.uint8)
    for width, dtype in ((1, np.uint8), (2, np.uint8), (4, np.uint8), (8, np.uint16), (16, np.uint32)):
        words = words.astype(dtype, copy=False)
        words = words[:-width] | (words[width:] << dtype(width))
    return words.astype(np.uint32, copy=False)
