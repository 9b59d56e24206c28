"""Measurements turn a chunk into counts or bins; two checks that measure the same thing share it by name."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.draws.fisher import fisher, gamma_cdf, power
from harness.draws.given_winner import given_winner
from harness.laws import special
from harness.questions.check import Measurement
from harness.statistics import Blocks, Counts, Moments, Support, Threes, UniformBins
from harness.statistics.counts import FEW, tally
from harness.statistics.support import SUPPORT

APART, GROUPS = 128, 8
"""Up to so many coordinates are kept apart; more are pooled, in so many contiguous groups."""


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
    grid = _cells(chunk, cells)[0].astype(np.intp)
    blocks = grid[: grid.size // (2 * lag) * (2 * lag)].reshape(-1, 2, lag)
    return Counts.of((blocks[:, 0] * cells + blocks[:, 1]).ravel(), (cells, cells), n=grid.size)


def coordinates(chunk_dimension: int) -> tuple[NDArray[np.intp], tuple[int, ...]]:
    """Return the column of each Rosenblatt coordinate, and how many coordinates each column pools."""
    columns = np.arange(chunk_dimension)
    if chunk_dimension > APART:
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


def blocks(chosen: Blocks) -> Measurement:
    """Count blocks of coordinates, each in its joint cells: (blocks, 256)."""
    return Measurement(f"blocks-{chosen.cells}-{chosen.order}", partial(_blocks, chosen))


def _blocks(chosen: Blocks, chunk: Chunk) -> Counts:
    grid = _cells(chunk, chosen.cells)
    padded = np.concatenate([grid, np.zeros((1, grid.shape[1]), np.uint8)])
    bits, code = np.uint8(chosen.cells.bit_length() - 1), padded[chosen.digits[0]]
    for places in chosen.digits[1:]:
        code <<= bits
        code |= padded[places]
    return Counts(chunk.draws.shape[0], _by_rows(code, 256))


def threes(chosen: Threes) -> Measurement:
    """Count for each three of coordinates the draws with an even and an odd number in their upper halves: (threes, 2).

    Every second draw is enough: there are more than a parity asks for, as coordinates are held to half its tolerance.
    """
    return Measurement("threes", partial(_threes, chosen))


def _threes(chosen: Threes, chunk: Chunk) -> Counts:
    halves = _cells(chunk, 2)
    return Counts(halves.shape[1], chosen.tables(halves[:, : halves.shape[1] // 2]))


def coordinate_lags(cells: int, lags: tuple[int, ...]) -> Measurement:
    """Count each coordinate against itself and its neighbours in a later draw, each draw in one pair at most.

    The shape is (lags, steps, d, cells, cells), with the steps of ``lag_steps``: coordinate j and j + step, which go round.
    """
    return Measurement(f"coordinate-lags-{lags}", partial(_coordinate_lags, cells, lags))


def lag_steps(dimension: int) -> tuple[int, ...]:
    """Return which neighbours of a coordinate a later draw is asked for: itself, the next, the one before."""
    return (0, 1, -1)[: min(dimension, 3)]


def _coordinate_lags(cells: int, lags: tuple[int, ...], chunk: Chunk) -> Counts:
    grid = _cells(chunk, cells)
    d, m = grid.shape
    tables = []
    for lag in lags:
        pairs = grid[:, : m // (2 * lag) * (2 * lag)].reshape(d, -1, 2, lag)
        first, second = pairs[:, :, 0].reshape(d, -1) * np.uint8(cells), pairs[:, :, 1].reshape(d, -1)
        tables += [_by_rows(first + np.roll(second, -step, axis=0), cells**2) for step in lag_steps(d)]
    return Counts(m, np.stack(tables).reshape(len(lags), -1, d, cells, cells))


def _by_rows(codes: NDArray[np.uint8], size: int) -> NDArray[np.int64]:
    """Count each row of (rows, m) codes below ``size``: (rows, size)."""
    shifted = codes + np.arange(0, len(codes) * size, size)[:, np.newaxis]
    counted = np.bincount(shifted.reshape(-1), minlength=len(codes) * size)
    return counted.astype(np.int64, copy=False).reshape(-1, size)


def winner_coordinates(groups: NDArray[np.intp], cells: int) -> Measurement:
    """Count groups of winners against cells of each coordinate that takes the winner as given: (coordinates, G, cells)."""
    return Measurement(f"winner-coordinates-{cells}", partial(_winner_coordinates, groups, cells))


def _winner_coordinates(groups: NDArray[np.intp], cells: int, chunk: Chunk) -> Counts:
    size = (int(groups.max()) + 1) * cells
    first = (groups * cells).astype(np.uint8).take(chunk.index, mode="clip")
    tables = _by_rows(given_winner(chunk, cells) + first, size)
    return Counts(chunk.draws.shape[0], tables.reshape(-1, size // cells, cells))


def _cells(chunk: Chunk, cells: int) -> NDArray[np.uint8]:
    """Return the cell of every uniform, worked out once; halves come from quarters."""
    if cells == 2:
        return _cells(chunk, 4) >> np.uint8(1)
    made: NDArray[np.uint8] = chunk.derive(f"grid {cells}", partial(_grid, cells=cells))
    return made


def _grid(chunk: Chunk, cells: int) -> NDArray[np.uint8]:
    """Return the cell of every uniform, coordinate by coordinate: (d, m); what is no uniform goes to an end."""
    scaled = chunk.uniforms.T * cells
    if not chunk.lawful:
        scaled = np.clip(np.nan_to_num(scaled, nan=0.0), 0, cells - 1)
    return np.minimum(scaled.astype(np.uint8), np.uint8(cells - 1))


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
