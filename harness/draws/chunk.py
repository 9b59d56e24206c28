"""A chunk is one block of draws, checked for what is impossible, with everything derived from it computed at most once."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.rows import encode
from harness.samplers.registry import ROWS
from harness.statistics import within

FEW = 64
"""Up to so many categories, the argmax of a row is found by comparing whole columns with the maximum."""


class Chunk:
    """Draws of one scenario: ``draws`` is (m,) indices or (m, K) floats, every row possible; ``law`` is what they claim.

    Rankings and speculative steps are told as the index of their cell.
    """

    def __init__(self, draws: NDArray[Any], emits: str, law: Any) -> None:
        coded = emits in ROWS
        self.draws: Any = encode(draws, law) if coded else draws if emits == "index" else _by_columns(draws)
        self.emits = "index" if coded else emits
        self.law: Any = law
        self.transforming = 0.0
        self._derived: dict[str, Any] = {}

    def derive(self, name: str, function: Callable[[Chunk], Any]) -> Any:
        """Return ``function(self)``, computed once under ``name``."""
        if name not in self._derived:
            self._derived[name] = function(self)
        return self._derived[name]

    @cached_property
    def index(self) -> NDArray[np.intp]:
        """The (m,) categories: as drawn, or the argmax of each row."""
        if self.emits == "index":
            drawn: NDArray[np.intp] = self.draws.astype(np.intp, copy=False)
            return drawn
        if self.draws.shape[1] <= FEW:
            return self.codes.astype(np.intp)
        index: NDArray[np.intp] = np.argmax(self.draws, axis=1)
        return index

    @cached_property
    def codes(self) -> NDArray[np.uint8]:
        """The (m,) categories in a byte each, for at most 256 of them: what is counted fits in cache eight times over."""
        if self.emits == "index" or self.draws.shape[1] > FEW:
            return self.index.astype(np.uint8)
        return _first_argmax(self.draws, self.highest)

    @cached_property
    def highest(self) -> Floats:
        """The (m,) largest values of simplex and Gumbel draws."""
        highest: Floats = self.draws.max(axis=1)
        return highest

    @cached_property
    def uniforms(self) -> Floats:
        """The (m, d) Rosenblatt uniforms of simplex and Gumbel draws."""
        return self._transformed(self.draws)

    @cached_property
    def lawful(self) -> bool:
        """Whether all uniforms lie in [0, 1]; a NaN does not."""
        return within(self.uniforms)

    def complement(self, rows: NDArray[np.intp]) -> Floats:
        """Return 1 - uniforms of some rows, free of cancellation."""
        return self._transformed(self.draws[rows], complement=True)

    def _transformed(self, draws: Floats, *, complement: bool = False) -> Floats:
        start = time.perf_counter()
        made: Floats = self.law.rosenblatt(draws, complement=complement)
        self.transforming += time.perf_counter() - start
        return made


def _by_columns(draws: NDArray[Any]) -> Floats:
    """Return rows as float64 whose longer axis is contiguous, which is what NumPy's loops run along."""
    rows: Floats = draws.astype(np.float64, order="F" if draws.shape[0] >= draws.shape[1] else "C", copy=False)
    return rows


def _first_argmax(draws: Floats, highest: Floats) -> NDArray[np.uint8]:
    """Return the first category of each row that attains its maximum: equal ones are ranked downwards, in bytes."""
    categories = draws.shape[1]
    rank = np.arange(categories, 0, -1, dtype=np.uint8)[:, np.newaxis]
    ranked = np.equal(draws.T, highest).view(np.uint8)
    np.multiply(ranked, rank, out=ranked)
    first: NDArray[np.uint8] = np.uint8(categories) - ranked.max(axis=0)
    return first
