"""Measurements turn a chunk into counts or bins; two checks that measure the same thing share it by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.draws.fisher import fisher, gamma_cdf, power
from harness.questions.check import Measurement
from harness.statistics import Counts, Moments, Support, UniformBins
from harness.statistics.counts import FEW, tally
from harness.statistics.support import SUPPORT

GROUPS = 8
"""Columns of uniforms that are kept apart; more coordinates than that are pooled in contiguous groups."""


def _never(chunk: Chunk) -> Support:
    return Support(0)


def support() -> Measurement:
    """Return the measurement that every scenario has anyway."""
    return Measurement(SUPPORT, _never)


def category_counts(categories: int) -> Measurement:
    """Count the drawn categories, or the argmax of each row: (K,)."""
    return Measurement("counts", partial(_count, categories))


def _count(categories: int, chunk: Chunk) -> Counts:
    if categories <= FEW:
        return Counts(chunk.draws.shape[0], tally(chunk.codes, categories))
    return Counts.of(chunk.index, (categories,))


def lag_pairs(groups: NDArray[np.intp], lag: int) -> Measurement:
    """Count pairs of groups at a lag, each draw in one pair at most, so that pairs are independent: (G, G)."""
    return Measurement(f"lag-{lag}", partial(_lag, groups, lag))


def _lag(groups: NDArray[np.intp], lag: int, chunk: Chunk) -> Counts:
    size = int(groups.max()) + 1
    if size <= 4 and lag <= 2:
        return _lag_of_words(groups, lag, chunk)
    grouped = groups[chunk.index]
    whole = grouped.size // (2 * lag) * (2 * lag)
    blocks = grouped[:whole].reshape(-1, 2, lag)
    return Counts.of((blocks[:, 0] * size + blocks[:, 1]).ravel(), (size, size), n=grouped.size)


def _lag_of_words(groups: NDArray[np.intp], lag: int, chunk: Chunk) -> Counts:
    """Count at lag 1 or 2 from one table of four draws in a row, at most four groups: one look-up for four draws."""
    key = groups.tobytes()
    grouped = chunk.derive(f"groups {key!r}", lambda chunk: _grouped(groups, chunk))
    four = chunk.derive(f"four {key!r}", lambda chunk: _four_in_a_row(grouped))
    first, second = ((0, 1), (2, 3)) if lag == 1 else ((0, 2), (1, 3))
    table = four.sum(axis=second) + four.sum(axis=first)
    left = grouped.size % 4
    if lag == 1 and left >= 2:
        table[grouped[-left], grouped[1 - left]] += 1
    size = int(groups.max()) + 1
    return Counts(grouped.size, table[:size, :size])


def _grouped(groups: NDArray[np.intp], chunk: Chunk) -> NDArray[np.uint8]:
    if groups.size <= 4 and np.array_equal(groups, np.arange(groups.size)):
        return chunk.codes
    return groups.astype(np.uint8).take(chunk.index, mode="clip")


def _four_in_a_row(grouped: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count (4, 4, 4, 4) disjoint runs of four bytes below 4: a multiplication packs each run into one byte."""
    words = grouped[: grouped.size // 4 * 4].view("<u4") * np.uint32(2**30 + 2**20 + 2**10 + 1)
    np.right_shift(words, np.uint32(24), out=words)
    return np.bincount(words, minlength=256).astype(np.int64, copy=False).reshape(4, 4, 4, 4)


def first_uniform_pairs(cells: int, lag: int) -> Measurement:
    """Count the cells of the first Rosenblatt uniform of draws at a lag, each draw in one pair at most: (C, C)."""
    return Measurement(f"uniform-lag-{lag}", partial(_uniform_lag, cells, lag))


def _uniform_lag(cells: int, lag: int, chunk: Chunk) -> Counts:
    grid = chunk.derive(f"grid {cells}", lambda chunk: _grid(chunk, cells))[0].astype(np.intp)
    blocks = grid[: grid.size // (2 * lag) * (2 * lag)].reshape(-1, 2, lag)
    return Counts.of((blocks[:, 0] * cells + blocks[:, 1]).ravel(), (cells, cells), n=grid.size)


def coordinates(chunk_dimension: int) -> tuple[NDArray[np.intp], tuple[int, ...]]:
    """Return the column of each Rosenblatt coordinate, and how many coordinates each column pools."""
    columns = np.arange(chunk_dimension)
    if chunk_dimension > GROUPS:
        columns = columns * GROUPS // chunk_dimension
    return columns, tuple(np.bincount(columns).tolist()) if chunk_dimension else ()


def uniform_bins(dimension: int, bins: int) -> Measurement:
    """Bin the Rosenblatt uniforms, coordinate by coordinate or pooled: (columns, bins)."""
    return Measurement(f"uniforms-{bins}", partial(_uniforms, coordinates(dimension)[0], bins))


def _uniforms(columns: NDArray[np.intp], bins: int, chunk: Chunk) -> UniformBins:
    return UniformBins.of(chunk.uniforms, bins, chunk.complement, columns)


def pooled_uniforms(dimension: int, bins: int) -> Measurement:
    """Bin all Rosenblatt uniforms of a draw together: (1, bins)."""
    return Measurement(f"pooled-{bins}", partial(_uniforms, np.zeros(dimension, np.intp), bins))


def joint_bins(dimension: int, bins: int) -> Measurement:
    """Bin two functions of all coordinates of a draw that are uniform if these are independent: (2, bins).

    The sum of -log T is Gamma(d, 1) (Fisher's combination); the maximum to the power d is uniform.
    """
    return Measurement(f"joint-{bins}", partial(_joint, dimension, bins))


def _joint(dimension: int, bins: int, chunk: Chunk) -> UniformBins:
    uniforms = chunk.uniforms if chunk.lawful else np.clip(chunk.uniforms, 1e-300, 1.0)
    total = fisher(uniforms, dimension)
    highest = uniforms.max(axis=1)
    made = np.empty((total.size, 2), order="F")
    made[:, 0] = gamma_cdf(dimension, total, 1 / bins)
    made[:, 1] = power(highest, dimension)

    def complement(rows: NDArray[np.intp]) -> Floats:
        upper = special.gammaincc(dimension, total[rows])
        return np.stack([upper, -np.expm1(dimension * np.log(highest[rows]))], axis=1)

    return UniformBins.of(made, bins, complement)


def coordinate_pairs(dimension: int, cells: int) -> Measurement:
    """Count adjacent coordinates against each other, in two disjoint pairings that are kept apart: (2, cells, cells)."""
    return Measurement(f"pairs-{cells}", partial(_pairs, dimension, cells))


def _pairs(dimension: int, cells: int, chunk: Chunk) -> Counts:
    grid = _grid(chunk, cells)
    if cells != 4:
        return Counts(chunk.draws.shape[0], np.stack([_pairing(grid, start, cells) for start in (0, 1)]))
    tables = np.zeros((2, 4, 4), np.int64)
    whole = (dimension - 1) // 3 * 3
    for start in (0, 3):
        # Columns s, s+1, s+2, s+3 for every other s: the first and third pair go to one pairing, the second to the other.
        runs = [grid[start + i : whole + i : 6] for i in range(4)]
        run = np.bincount(_packed(runs), minlength=256).reshape(4, 4, 4, 4)
        tables[start % 2] += run.sum(axis=(2, 3)) + run.sum(axis=(0, 1))
        tables[1 - start % 2] += run.sum(axis=(0, 3))
    for left in range(whole, dimension - 1):
        tables[left % 2] += np.bincount(_packed([grid[left], grid[left + 1]]), minlength=16).reshape(4, 4)
    return Counts(chunk.draws.shape[0], tables)


def _grid(chunk: Chunk, cells: int) -> NDArray[np.uint8]:
    """Return the cell of every uniform, coordinate by coordinate: (d, m); what is no uniform goes to an end."""
    scaled = chunk.uniforms.T * cells
    if not chunk.lawful:
        scaled = np.clip(np.nan_to_num(scaled, nan=0.0), 0, cells - 1)
    return np.minimum(scaled.astype(np.uint8), np.uint8(cells - 1))


def _packed(digits: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return arrays of digits below 4 as one flat array of numbers with these digits."""
    word = digits[0].copy()
    for digit in digits[1:]:
        word <<= np.uint8(2)
        word |= digit
    return word.reshape(-1)


def _pairing(grid: NDArray[np.uint8], start: int, cells: int) -> NDArray[np.int64]:
    last = start + (len(grid) - start) // 2 * 2
    flat = grid[start:last:2].astype(np.intp) * cells + grid[start + 1 : last : 2]
    return np.bincount(flat.ravel(), minlength=cells * cells).reshape(cells, cells).astype(np.int64, copy=False)


def winner_and_maximum(categories: int, cells: int) -> Measurement:
    """Count the winner against equal-probability cells of the maximum of perturbed logits: (K, cells)."""
    return Measurement(f"winner-maximum-{cells}", partial(_winner, categories, cells))


def _winner(categories: int, cells: int, chunk: Chunk) -> Counts:
    edges = chunk.law.maximum.quantile(np.arange(1, cells) / cells)
    small = categories * cells <= 256
    code: NDArray[Any] = chunk.codes * np.uint8(cells) if small else chunk.index * cells
    for edge in edges:
        code += (chunk.highest >= edge).view(np.uint8)
    return Counts.of(code, (categories, cells))


def moments(name: str, of: object) -> Measurement:
    """Sum a function of the chunk, (m, d) floats, and its squares; ``of`` must be importable or picklable."""
    return Measurement(name, partial(_moments, of))


def _moments(of: object, chunk: Chunk) -> Moments:
    assert callable(of)
    return Moments.of(np.asarray(of(chunk), dtype=np.float64))
