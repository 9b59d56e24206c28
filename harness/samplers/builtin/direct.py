"""The categorical distribution itself, by an alias table: a draw costs 32 bits of noise, however many the categories.

The first bits choose a cell and the others say where in it the point lies, in units that may be coarser than what the
cell keeps. If they do not tell on which side of the border the point lies, one unit in a cell, further bits do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.logits import check_logits
from harness.samplers.blocks import BLOCK, aligned, parts
from harness.samplers.builtin.alias import alias_table
from harness.samplers.builtin.built_in import built_in
from harness.samplers.builtin.uniforms import refine, words
from harness.samplers.builtin.weights import probabilities
from harness.samplers.registry import Fill

CELL = np.dtype([("border", np.int32), ("move", np.int32)])
"""Eight bytes, so that a table of 1e5 cells stays in the level-2 cache: at K = 1e6 the look-up costs as much as the rest."""

LENGTH = BLOCK // 2
"""Draws of a block: its buffers and a part of the table share the cache."""


def prepare(logits: ArrayLike) -> Fill:
    """Draw categories with probabilities softmax(logits), at a cost that does not depend on K.

    (K,) logits -> (size,) integers. Raises UsageError for logits that are no distribution.
    Walker's alias table with the sweep of Huebschle-Schneider and Sanders (2019).
    """
    table = Table.of(check_logits(logits))
    cell, found, side = aligned(LENGTH, np.intp), aligned(LENGTH, CELL), aligned(LENGTH, np.int32)

    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        for part in parts(len(out), LENGTH):
            n = part.stop - part.start
            i, s = cell[:n], side[:n]
            point = words(n, np.uint32, rng)
            np.right_shift(point, np.uint32(32 - table.bits), out=i, casting="unsafe")
            table.cells.take(i, out=found[:n], mode="clip")
            np.right_shift(point, np.uint32(1), out=s.view(np.uint32))
            np.subtract(found["border"][:n], s, out=s)
            if not s.all():
                table.settle(i, s, rng)
            # No branch and no mask, which random data would mispredict: the sign bit, spread, selects the move.
            np.right_shift(s, 31, out=s)
            np.bitwise_and(s, found["move"][:n], out=s)
            np.bitwise_xor(i, s, out=out[part], casting="unsafe")

    return fill


@dataclass(frozen=True)
class Table:
    """Cells to look up: a point of cell i is category i below the border, else i ^ move; on it, ``keep`` decides.

    Borders count from the first cell, in 2^31 units of all cells together: the last of 32 bits gives way to a sign.
    """

    cells: NDArray[Any]
    keep: Floats
    bits: int

    @classmethod
    def of(cls, logits: Floats) -> Table:
        """Make the alias table of softmax(logits)."""
        keep, other = alias_table(probabilities(logits))
        table = cls(np.empty(keep.size, CELL), keep, keep.size.bit_length() - 1)
        cell = np.arange(keep.size, dtype=np.int32)
        np.bitwise_xor(other.astype(np.int32), cell, out=table.cells["move"])
        np.left_shift(cell, 31 - table.bits, out=cell)
        np.add(cell, table.units(keep).astype(np.int32), out=table.cells["border"])
        return table

    @property
    def scale(self) -> float:
        """The units in a cell."""
        return 2.0 ** (31 - self.bits)

    def units(self, keep: Floats) -> Floats:
        """Return what is kept in whole units, and a full cell as all of its last unit."""
        units = keep * self.scale
        np.floor(units, out=units)
        return np.minimum(units, self.scale - 1, out=units)

    def settle(self, cell: NDArray[np.intp], side: NDArray[np.int32], rng: np.random.Generator) -> None:
        """Draw further bits for points in the unit of the border, where ``side`` is 0, and put a side there."""
        undecided = np.flatnonzero(side == 0)
        keep = self.keep[cell[undecided]]
        rest = rng.random(undecided.size)
        refine(rest, rng)
        side[undecided] = np.where(rest < keep * self.scale - self.units(keep), 1, -1)


direct = built_in("direct", prepare, emits="index", cost="draw")
