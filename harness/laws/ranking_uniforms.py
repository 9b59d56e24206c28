"""Of many rankings each stage is sent to a uniform, given the stages before it: its conditional CDF, spread by a uniform.

[1] L. Rueschendorf, On the distributional transform, J. Stat. Plan. Inference 139 (2009), eq. (1): F(k - 1) + v p_k is
uniform for v uniform and independent, and so is it given the past; by the chain rule the stages' uniforms are independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.errors import UsageError
from harness.laws.categorical import Categorical

CUBE = 1024
"""Cells that the cube of uniforms is cut into at most."""


@dataclass(frozen=True, eq=False)
class RankingUniforms:
    """The law of ``k`` of many items drawn without replacement, as equal cells of the cube of their uniforms."""

    logits: Floats
    k: int

    def __post_init__(self) -> None:
        if not 1 <= self.k <= min(10, int(Categorical(self.logits).support.sum())):
            raise UsageError(f"k must be in 1..10 and at most the number of possible items, got {self.k}")

    @cached_property
    def bins(self) -> int:
        """Cells of each stage."""
        return int(CUBE ** (1 / self.k) + 1e-9)

    @cached_property
    def mass(self) -> Floats:
        """(bins^k,) equal probabilities."""
        return np.full(self.bins**self.k, 1 / self.bins**self.k)

    def encode(self, rows: NDArray[np.integer], spread: Floats) -> Indices:
        """Return the cell of each ranking: (m, k) items and (m, k) uniforms -> (m,); -1 where an item is repeated."""
        law = Categorical(self.logits)
        p, before = law.mass, law.cdf - law.mass
        cell, good = np.zeros(len(rows), np.intp), np.ones(len(rows), bool)
        for j in range(self.k):
            item, past = rows[:, j], rows[:, :j]
            good &= (past != item[:, None]).all(axis=1)
            left = 1 - p[past].sum(axis=1)
            below = before[item] - np.where(past < item[:, None], p[past], 0.0).sum(axis=1)
            uniform = (below + spread[:, j] * p[item]) / left
            cell = cell * self.bins + np.clip((uniform * self.bins).astype(np.intp), 0, self.bins - 1)
        return np.where(good, cell, -1)
