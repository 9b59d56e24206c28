"""An alias table [1] keeps the probability of every category below the mean exactly, and is built in linear time.

The sweep of [2] fills the light cells, in order, from the heavy categories, in order: a heavy category that has less
than one cell left keeps that and is topped up by the next. With prefix sums of what the light cells lack and of
what the heavy ones have to spare, all of this is one merge of two sorted sequences, with no loop over categories.

[1] A. J. Walker, An efficient method for generating discrete random variables with general distributions, 1977.
[2] L. Huebschle-Schneider and P. Sanders, Parallel Weighted Random Sampling, 2019.
"""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats, Indices


def cell_count(categories: int) -> int:
    """Return the number of cells: a power of two, so that a uniform splits into cell and fraction without rounding."""
    return 1 << (categories - 1).bit_length()


def alias_table(probabilities: Floats) -> tuple[Floats, Indices]:
    """Return (cells,) ``keep`` and ``other``: a point in cell i is category i below ``keep[i]``, else ``other[i]``.

    A light category, of probability at most 1 / cells, lies in its own cell alone: ``keep[i] == cells * p[i]``.
    """
    cells = cell_count(probabilities.size)
    keep = np.zeros(cells)
    np.multiply(probabilities, cells, out=keep[: probabilities.size])
    light, heavy = _split(keep)
    lack = np.cumsum(1 - keep[light])
    spare = np.cumsum(np.maximum(keep[heavy] - 1, 0))
    if light.size and spare[-1] > 0:
        spare *= lack[-1] / spare[-1]  # what rounding left over is shared out, not loaded on the last category
    last = _light_cells_below(lack, spare)
    other = np.empty(cells, np.intp)
    # Heavy category j fills the light cells after last[j - 1], up to and with last[j], which exhausts it.
    bounds = np.minimum(last[:-1] + 1, light.size)
    other[light] = np.repeat(heavy, np.diff(bounds, prepend=0, append=light.size))
    other[heavy[:-1]] = heavy[1:]
    other[heavy[-1]] = heavy[-1]
    keep[heavy] = _left_over(lack, spare, last)
    return keep, other


def _split(keep: Floats) -> tuple[Indices, Indices]:
    """Light and heavy cells; the heaviest comes last, which is heavy even if rounding made all cells light."""
    top = int(keep.argmax())
    heavy = keep > 1
    heavy[top] = True
    light = np.flatnonzero(~heavy)
    heavy[top] = False
    return light, np.append(np.flatnonzero(heavy), top)


def _light_cells_below(lack: Floats, spare: Floats) -> Indices:
    """For each heavy category, the number of light cells that it and those before it fill with something to spare.

    Equals ``searchsorted(lack, spare, side="right")``; a stable sort merges the two sorted runs in linear time.
    """
    merged = np.argsort(np.concatenate([lack, spare]), kind="stable")
    return np.flatnonzero(merged >= lack.size) - np.arange(spare.size)


def _left_over(lack: Floats, spare: Floats, last: Indices) -> Floats:
    """What each heavy category keeps of its own cell once the light cell ``last`` has exhausted it."""
    left = np.ones(spare.size)
    exhausted = int(np.searchsorted(last[:-1], lack.size))
    left[:exhausted] -= lack[last[:exhausted]] - spare[:exhausted]
    return np.maximum(left, 0, out=left)
