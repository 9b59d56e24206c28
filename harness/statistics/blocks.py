"""Which coordinates are counted together: blocks whose joint cells fit in a byte, and the pairs or triples within them.

Up to ten coordinates, blocks of neighbours in twos are combined until every pair and every triple lies within one. Beyond
that, coordinates are dealt to blocks several times, in their own order first and then in orders that follow from the seed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

BITS = 8
"""A block's cells are the values of a byte."""
ALL = 10
"""Up to so many coordinates all tuples are seen."""
DEALS = {2: 4, 3: 2}
"""How often more coordinates than that are dealt to blocks, for pairs and triples: a deal touches every one of them."""


@dataclass(frozen=True)
class Blocks:
    """Blocks of coordinates 0..dimension-1, counted in ``cells`` (a power of two) each; tuples of ``order`` are looked at.

    ``members`` hold as many coordinates each as fit in a byte, or fewer.
    """

    dimension: int
    cells: int
    order: int
    members: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, dimension: int, cells: int, order: int, seed: int = 0) -> Blocks:
        """Choose the blocks; ``seed`` matters for more than ten coordinates only."""
        width = BITS // int(math.log2(cells))
        if dimension > ALL:
            return cls(dimension, cells, order, tuple(_dealt(dimension, width, DEALS[order], seed)))
        return cls(dimension, cells, order, tuple(_combined(dimension, width)))

    @property
    def width(self) -> int:
        """The number of coordinates that a block has room for."""
        return BITS // int(math.log2(self.cells))

    @cached_property
    def places(self) -> dict[tuple[int, ...], tuple[int, tuple[int, ...]]]:
        """Every tuple seen, in rising order, with its first block and its places there."""
        found: dict[tuple[int, ...], tuple[int, tuple[int, ...]]] = {}
        for block, members in enumerate(self.members):
            for places in itertools.combinations(range(len(members)), self.order):
                found.setdefault(tuple(sorted(members[i] for i in places)), (block, places))
        return found

    @property
    def share(self) -> float:
        """The share of all tuples that is seen."""
        return len(self.places) / math.comb(self.dimension, self.order)

    @cached_property
    def digits(self) -> NDArray[np.intp]:
        """The (width, blocks) coordinates of each place; ``dimension`` itself where a block has none."""
        rows = [[*members, *[self.dimension] * (self.width - len(members))] for members in self.members]
        return np.array(rows, np.intp).reshape(-1, self.width).T

    def tables(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the (tuples, cells^order) tables of (blocks, 256) counts, as ``places`` lists the tuples."""
        joint = counts.reshape(len(self.members), *[self.cells] * self.width)
        made = np.empty((len(self.places), self.cells**self.order), np.int64)
        wanted: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for row, (block, places) in enumerate(self.places.values()):
            wanted.setdefault(places, []).append((row, block))
        for places, pairs in wanted.items():
            rows, blocks = (list(side) for side in zip(*pairs, strict=True))
            others = tuple(axis + 1 for axis in range(self.width) if axis not in places)
            made[rows] = joint.sum(axis=others).reshape(len(self.members), -1)[blocks]
        return made


def _combined(dimension: int, width: int) -> Iterator[tuple[int, ...]]:
    """Yield all unions of as many twos of neighbours as fit: any ``width / 2`` coordinates lie within one of them."""
    twos = [tuple(range(start, min(start + 2, dimension))) for start in range(0, dimension, 2)]
    for chosen in itertools.combinations(twos, min(len(twos), width // 2)):
        yield tuple(itertools.chain.from_iterable(chosen))


def _dealt(dimension: int, width: int, deals: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Yield the blocks of every deal; the last of a deal is filled from its first."""
    rng = np.random.Generator(np.random.SFC64([seed, dimension, width]))
    for deal in range(deals):
        order = np.arange(dimension) if deal == 0 else rng.permutation(dimension)
        for start in range(0, dimension, width):
            yield tuple(order.take(np.arange(start, start + width), mode="wrap").tolist())
