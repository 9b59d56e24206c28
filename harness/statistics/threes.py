"""Threes of coordinates beyond ten are seen by one bit each: whether an odd number of them lies in its upper half.

If coordinates are independent and uniform, the number of draws with an odd number is Binomial(n, 1/2) for each three. Draws
are bits of machine words, so that a three costs a 64th of an operation a draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 2**18
"""About so many threes are counted: all of up to 117 coordinates; of more, all within groups as large as they may be."""


@dataclass(frozen=True)
class Threes:
    """Groups of coordinates 0..dimension-1, each in rising order, whose threes are counted."""

    dimension: int
    groups: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, dimension: int, seed: int = 0) -> Threes:
        """Deal coordinates to as few groups as can be, of about one size; ``seed`` matters where there are several.

        Of d coordinates in groups of g there are about d g^2 / 6 threes.
        """
        count = (
            1 if math.comb(dimension, 3) <= MOST else math.ceil(dimension / max(3, math.isqrt(6 * MOST // dimension)))
        )
        order = np.random.Generator(np.random.SFC64([seed, dimension, 3])).permutation(dimension)
        dealt = [np.arange(dimension)] if count == 1 else np.array_split(order, count)
        return cls(dimension, tuple(tuple(sorted(group.tolist())) for group in dealt))

    def __len__(self) -> int:
        return sum(math.comb(len(group), 3) for group in self.groups)

    def __getitem__(self, three: int) -> str:
        """Return what is counted of a three; they are in the order of their last, then of their second, group by group."""
        return "parity of coordinates " + ", ".join(map(str, self._places[three]))

    @cached_property
    def _places(self) -> list[tuple[int, int, int]]:
        return [
            (group[first], group[second], group[third])
            for group in self.groups
            for third in range(2, len(group))
            for second in range(1, third)
            for first in range(second)
        ]

    @property
    def share(self) -> float:
        """The share of all threes that is seen."""
        return len(self) / math.comb(self.dimension, 3)

    def tables(self, halves: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return (threes, 2) numbers of draws with an even and an odd sum, of (d, m) halves 0 and 1."""
        draws = halves.shape[1]
        padded = np.zeros((len(halves), -(-draws // 64) * 64), np.uint8)
        padded[:, :draws] = halves
        words = np.packbits(padded, axis=1).view(np.uint64)
        made, at = np.empty((len(self), 2), np.int64), 0
        for group in self.groups:
            odd = _odd(words[list(group)], draws)
            made[at : at + odd.size, 1] = odd
            at += odd.size
        np.subtract(draws, made[:, 1], out=made[:, 0])
        return made


def _odd(words: NDArray[np.uint64], draws: int) -> NDArray[Any]:
    """Return of every three of (g, w) rows how many bits its sum without carry has: those with 2 last, with 3 last, ..."""
    size = len(words)
    total: NDArray[Any] = np.zeros(math.comb(size, 3), np.uint16 if draws < 2**16 else np.uint32)
    second, first = np.tril_indices(size, -1)
    sums = np.empty(total.size, np.uint64)
    for word in words.T.copy():
        pairs, at = word[first] ^ word[second], 0
        for third in range(2, size):
            before = third * (third - 1) // 2  # pairs of coordinates below the third stand first
            np.bitwise_xor(pairs[:before], word[third], out=sums[at : at + before])
            at += before
        total += np.bitwise_count(sums)
    return total
