"""Measurements turn a chunk into counts or bins; two checks that measure the same thing share it by name."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.check import Measurement
from harness.chunk import Chunk
from harness.engine.shards import SUPPORT
from harness.statistics import Counts, Moments, Support, UniformBins

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
    return Counts.of(chunk.index, (categories,))


def lag_pairs(groups: NDArray[np.intp], lag: int) -> Measurement:
    """Count pairs of groups at a lag, each draw in one pair at most, so that pairs are independent: (G, G)."""
    return Measurement(f"lag-{lag}", partial(_lag, groups, lag))


def _lag(groups: NDArray[np.intp], lag: int, chunk: Chunk) -> Counts:
    size = int(groups.max()) + 1
    grouped = groups[chunk.index]
    whole = grouped.size // (2 * lag) * (2 * lag)
    blocks = grouped[:whole].reshape(-1, 2, lag)
    return Counts.of((blocks[:, 0] * size + blocks[:, 1]).ravel(), (size, size), n=grouped.size)


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


def joint_bins(dimension: int, bins: int) -> Measurement:
    """Bin two functions of all coordinates of a draw that are uniform if these are independent: (2, bins).

    The sum of -log T is Gamma(d, 1) (Fisher's combination); the maximum to the power d is uniform.
    """
    return Measurement(f"joint-{bins}", partial(_joint, dimension, bins))


def _joint(dimension: int, bins: int, chunk: Chunk) -> UniformBins:
    uniforms = np.clip(chunk.uniforms, 1e-300, 1.0)
    total = -np.log(uniforms).sum(axis=1)
    lower, upper = special.gammainc(dimension, total), special.gammaincc(dimension, total)
    highest = uniforms.max(axis=1)
    made = np.stack([lower, highest**dimension], axis=1)
    other = np.stack([upper, -np.expm1(dimension * np.log(highest))], axis=1)
    return UniformBins.of(made, bins, other.__getitem__)


def coordinate_pairs(dimension: int, cells: int) -> Measurement:
    """Count adjacent coordinates against each other, in two disjoint pairings that are kept apart: (2, cells, cells)."""
    return Measurement(f"pairs-{cells}", partial(_pairs, dimension, cells))


def _pairs(dimension: int, cells: int, chunk: Chunk) -> Counts:
    grid = np.clip((chunk.uniforms * cells).astype(np.intp), 0, cells - 1)
    tables = []
    for start in (0, 1):
        last = start + (dimension - start) // 2 * 2
        flat = grid[:, start:last:2] * cells + grid[:, start + 1 : last : 2]
        tables.append(np.bincount(flat.ravel(), minlength=cells * cells).reshape(cells, cells))
    return Counts(chunk.draws.shape[0], np.stack(tables).astype(np.int64))


def winner_and_maximum(categories: int, cells: int) -> Measurement:
    """Count the winner against equal-probability cells of the maximum of perturbed logits: (K, cells)."""
    return Measurement(f"winner-maximum-{cells}", partial(_winner, categories, cells))


def _winner(categories: int, cells: int, chunk: Chunk) -> Counts:
    uniform = chunk.law.maximum.rosenblatt(chunk.draws.max(axis=1)).ravel()
    cell = np.clip((uniform * cells).astype(np.intp), 0, cells - 1)
    return Counts.of(chunk.index * cells + cell, (categories, cells))


def moments(name: str, of: object) -> Measurement:
    """Sum a function of the chunk, (m, d) floats, and its squares; ``of`` must be importable or picklable."""
    return Measurement(name, partial(_moments, of))


def _moments(of: object, chunk: Chunk) -> Moments:
    assert callable(of)
    return Moments.of(np.asarray(of(chunk), dtype=np.float64))
