"""Draws are made in blocks that stay in cache, and a block puts its long side innermost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

BLOCK = 2**15
"""Values of a block: 256 KiB of float64, so that two or three blocks stay in a level-2 cache."""

BUFFER = 256
"""Elements of NumPy's own buffer while a block is filled."""


@contextmanager
def short_buffers() -> Iterator[None]:
    """Keep NumPy from copying what it broadcasts along rows shorter than its buffer of 8192 elements.

    Those copies cost more than the arithmetic: numpy issue 17471 and pull request 32595.
    """
    before = np.setbufsize(BUFFER)
    try:
        yield
    finally:
        np.setbufsize(before)


LINE = 64
"""Bytes of a cache line, and of the widest vector registers."""


def aligned(size: int, dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """Return an empty (size,) buffer at the start of a cache line: elsewhere, a multiplication takes twice as long."""
    length = size * np.dtype(dtype).itemsize
    room = np.empty(length + LINE, np.uint8)
    start = -room.ctypes.data % LINE
    return room[start : start + length].view(dtype)


def parts(size: int, length: int) -> Iterator[slice]:
    """Yield the slices that cover 0..size in steps of ``length``."""
    for start in range(0, size, length):
        yield slice(start, min(start + length, size))


@dataclass(frozen=True)
class Layout:
    """How blocks of K categories lie in memory: (K, draws) up to ``few`` categories, (draws, K) for more.

    A reduction over the rows of (K, draws) is fast for any K, one along the rows of (draws, K) only for large K.
    """

    categories: int
    few: int

    @property
    def narrow(self) -> bool:
        """Whether blocks are (K, draws)."""
        return self.categories <= self.few

    @property
    def axis(self) -> int:
        """The axis of a block along which its categories lie."""
        return 0 if self.narrow else 1

    @property
    def draws(self) -> int:
        """The number of draws in a full block."""
        return max(1, BLOCK // self.categories)

    def scratch(self, dtype: DTypeLike = np.float64) -> NDArray[Any]:
        """Return a flat buffer for a full block."""
        return aligned(self.draws * self.categories, dtype)

    def block(self, scratch: NDArray[Any], draws: int) -> NDArray[Any]:
        """Return the start of a flat buffer as a contiguous block of so many draws."""
        shape = (self.categories, draws) if self.narrow else (draws, self.categories)
        return scratch[: draws * self.categories].reshape(shape)

    def by_category(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return (K,) values in the shape that broadcasts over a block."""
        return values[:, None] if self.narrow else values[None]

    def by_draw(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return (draws,) values in the shape that broadcasts over a block."""
        return values[None] if self.narrow else values[:, None]

    def transposed(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return a block as (draws, K) rows, or such rows as a block."""
        return array.T if self.narrow else array
