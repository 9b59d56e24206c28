"""Alias tables built or read wrongly."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import control, probabilities

ORDER = 40
EXACT = 1e-9


@lru_cache(maxsize=2)
def _table(weights: bytes, stops_early: bool) -> tuple[Floats, Indices]:
    """Return (K,) accept probabilities and aliases by Vose's construction, which may end too early."""
    accept = np.frombuffer(weights).copy()
    alias = np.arange(accept.size)
    small, large = list(np.flatnonzero(accept < 1)), list(np.flatnonzero(accept >= 1))
    while small and large:
        one, other = small.pop(), large[-1]
        alias[one] = other
        accept[other] -= 1 - accept[one]
        if stops_early and abs(accept[other] - 1) < EXACT:
            break
        if accept[other] < 1:
            small.append(large.pop())
    accept[small] = 1.0
    accept[large] = 1.0
    return accept, alias


def _built(logits: Floats, *, stops_early: bool = False) -> tuple[Floats, Indices]:
    p = probabilities(logits)
    return _table((p * p.size).tobytes(), stops_early)


def swapped(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Return the alias where the cell's own category is due."""
    accept, alias = _built(logits)
    cell = rng.integers(0, accept.size, size)
    return np.where(rng.random(size) < accept[cell], alias[cell], cell)


def off_by_one(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Shift the cell's own category by one."""
    accept, alias = _built(logits)
    cell = rng.integers(0, accept.size, size)
    return np.where(rng.random(size) < accept[cell], cell + 1, alias[cell])


def stops_early(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """End the construction when a large cell is used up exactly."""
    accept, alias = _built(logits, stops_early=True)
    cell = rng.integers(0, accept.size, size)
    return np.where(rng.random(size) < accept[cell], cell, alias[cell])


def _law(own: Callable[[Indices, Indices], Indices], other: str, early: bool, logits: Floats) -> Floats:
    accept, alias = _built(logits, stops_early=early)
    cells = np.arange(accept.size)
    where = {"alias": alias, "cell": cells}[other]
    size = accept.size + 1
    mass = np.bincount(own(cells, alias), weights=accept, minlength=size)
    mass = mass + np.bincount(where, weights=1 - accept, minlength=size)
    result: Floats = mass[:-1] / accept.size
    return result


def _alias(cells: Indices, alias: Indices) -> Indices:
    return alias


def _next(cells: Indices, alias: Indices) -> Indices:
    return cells + 1


def _cell(cells: Indices, alias: Indices) -> Indices:
    return cells


CONTROLS: tuple[Control, ...] = (
    control(
        "alias_branches_swapped",
        "index",
        swapped,
        why="a draw returns the alias where its own category is due",
        source="HypothesisWorks/hypothesis PR #1049",
        trigger="l8",
        suite="chi_square",
        law=partial(_law, _alias, "cell", False),
    ),
    control(
        "alias_off_by_one",
        "index",
        off_by_one,
        why="a 1-based index survives in one branch: own hits are shifted by one and may be K",
        source="pytorch/pytorch #21257, PR #21324",
        trigger="l8",
        suite="support",
        law=partial(_law, _next, "alias", False),
    ),
    control(
        "alias_stops_early",
        "index",
        stops_early,
        why="construction ends when a large cell is used up exactly",
        source="nrc-cnrc/EGSnrc PR #557, #24",
        trigger="round",
        suite="chi_square",
        law=partial(_law, _cell, "alias", True),
    ),
)
