"""The categorical distribution itself, by an alias table: a draw costs one uniform, however many the categories."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.logits import Floats, check_logits
from harness.registry import Fill
from harness.samplers.alias import alias_table
from harness.samplers.blocks import BLOCK, aligned, parts
from harness.samplers.built_in import built_in
from harness.samplers.uniforms import GRID, refine
from harness.samplers.weights import probabilities

CELL = np.dtype([("keep", np.float64), ("move", np.intp)])
"""A cell in one piece: at K = 1e6 a second look-up would cost as much as all the rest."""

LENGTH = BLOCK // 2
"""Draws of a block: five buffers and a part of the table share the cache."""


def prepare(logits: ArrayLike) -> Fill:
    """Draw categories with probabilities softmax(logits), at a cost that does not depend on K.

    (K,) logits -> (size,) integers. Raises UsageError for logits that are no distribution.
    Walker's alias table with the sweep of Huebschle-Schneider and Sanders (2019).
    """
    cells = _cells(check_logits(logits))
    position, whole = aligned(LENGTH), aligned(LENGTH)
    index, found = aligned(LENGTH, np.intp), aligned(LENGTH, CELL)

    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        for part in parts(len(out), LENGTH):
            n = part.stop - part.start
            x, i = position[:n], index[:n]
            rng.random(out=x)
            np.multiply(x, cells.size, out=x)
            np.floor(x, out=whole[:n])
            np.copyto(i, whole[:n], casting="unsafe")
            np.subtract(x, whole[:n], out=x)
            refine(x, rng, GRID * cells.size)
            cells.take(i, out=found[:n], mode="clip")
            # No branch and no mask, which random data would mispredict: the sign bit, spread, selects the move.
            moved = np.subtract(found["keep"][:n], x, out=x).view(np.int64)
            np.right_shift(moved, 63, out=moved)
            np.bitwise_and(moved, found["move"][:n], out=moved)
            np.add(i, moved, out=out[part], casting="unsafe")

    return fill


def _cells(logits: Floats) -> NDArray[Any]:
    """The alias table of softmax(logits): a point x of cell i is category i if x <= keep, else category i + move."""
    keep, other = alias_table(probabilities(logits))
    cells = np.empty(keep.size, CELL)
    np.multiply(keep, 1 - 2.0**-53, out=cells["keep"])  # the next smaller float: x < keep becomes x <= keep
    np.subtract(other, np.arange(keep.size), out=cells["move"])
    return cells


direct = built_in("direct", prepare, emits="index", cost="draw")
