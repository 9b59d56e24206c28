"""Draws without replacement are rankings: each item is drawn by weight among those that are left.

[1] R. L. Plackett, The analysis of permutations, Applied Statistics 24 (1975), eq. (2).
[2] W. Kool, H. van Hoof, M. Welling, Stochastic beams and where to find them, arXiv 1903.06059: Gumbel-top-k has this law.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, permutations
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Bools, Floats, Indices
from harness.errors import UsageError
from harness.laws.log_space import frozen_logits, log_sum_exp
from harness.logits import check_logits

CELLS = 4096
"""Rankings up to which every one is a cell of its own."""


def ranking_log_probability(logits: ArrayLike, ranking: ArrayLike) -> Floats:
    """Return the log probability of rankings under Plackett and Luce's law [1]: (K,) and (..., k) -> (...).

    -inf where an item is repeated or masked. Raises UsageError for items that are no integers in 0..K-1.
    """
    scores, rows = check_logits(logits), np.asarray(ranking)
    if rows.dtype.kind not in "iu" or rows.ndim == 0 or (rows.size and not 0 <= rows.min() <= rows.max() < scores.size):
        raise UsageError(f"a ranking holds integers in 0..{scores.size - 1} along its last axis")
    flat = rows.reshape(-1, rows.shape[-1])
    left = np.tile(scores, (flat.shape[0], 1))
    at, total = np.arange(flat.shape[0]), np.zeros(flat.shape[0])
    for item in flat.T:
        with np.errstate(invalid="ignore"):
            total += np.where(np.isneginf(left[at, item]), -np.inf, left[at, item] - _log_sum(left))
        left[at, item] = -np.inf
    return total.reshape(rows.shape[:-1])


def _log_sum(rows: Floats) -> Floats:
    """Return log sum exp of rows, 0 for one that is all -inf."""
    empty: Bools = (rows == -np.inf).all(axis=1)
    result: Floats = np.where(empty, 0.0, log_sum_exp(np.where(empty[:, None], 0.0, rows)))
    return result


def rankings(items: int, k: int) -> float:
    """Return how many rankings of k items there are."""
    return float(np.prod(items - np.arange(k), dtype=float))


@dataclass(frozen=True, eq=False)
class Ranking:
    """The law of ``k`` items drawn without replacement, as an index of all rankings in lexicographic order.

    ``ordered`` tells rankings from sets, whose items are listed upwards. Raises UsageError for a k that the possible
    items do not fill, or for more than ``CELLS`` rankings.
    """

    logits: Floats
    k: int
    ordered: bool = True
    most: ClassVar[int] = CELLS

    def __post_init__(self) -> None:
        object.__setattr__(self, "logits", frozen_logits(self.logits))
        possible = int((self.logits > -np.inf).sum())
        if not 1 <= self.k <= possible:
            raise UsageError(f"k must be in 1..{possible}, the number of possible items, got {self.k}")
        if rankings(self.logits.size, self.k) > CELLS:
            raise UsageError(f"{self.k} of {self.logits.size} items have more than {CELLS} rankings")

    @cached_property
    def cells(self) -> Indices:
        """(C, k) the rankings or sets."""
        listed = permutations if self.ordered else combinations
        return np.array(list(listed(range(self.logits.size), self.k)), np.intp)

    @cached_property
    def mass(self) -> Floats:
        """(C,) their probabilities; that of a set is summed over its orders."""
        orders = [list(range(self.k))] if self.ordered else [list(one) for one in permutations(range(self.k))]
        mass: Floats = np.exp([ranking_log_probability(self.logits, self.cells[:, one]) for one in orders]).sum(axis=0)
        return mass

    def encode(self, rows: NDArray[np.integer]) -> Indices:
        """Return the cell of each ranking, (m, k) -> (m,); -1 where an item is repeated or out of range."""
        inside: Bools = np.all((rows >= 0) & (rows < self.logits.size), axis=1, keepdims=True)[:, 0]
        items = np.where(inside[:, None], rows, 0)
        listed = items if self.ordered else np.sort(items, axis=1)
        return np.where(inside, self._table[_digits(listed, self.logits.size)], -1)

    @cached_property
    def _table(self) -> Indices:
        table = np.full(self.logits.size**self.k, -1, np.intp)
        table[_digits(self.cells, self.logits.size)] = np.arange(len(self.cells))
        return table


def _digits(rows: NDArray[np.integer], base: int) -> Indices:
    powers = base ** np.arange(rows.shape[1])[::-1]
    number: Indices = rows.astype(np.intp) @ powers.astype(np.intp)
    return number
