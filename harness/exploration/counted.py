"""Indices against a law, with few draws: cells by place, parity and likelihood, and agreements of neighbours; all exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.methods.scores import normal_scores
from harness.methods.tails import binomial_two_sided, chi_square_survival

ALONE = 16.0
"""Draws that a category must expect to be a cell of its own."""
GROUPS = 8
"""Cells of the other categories: two by likelihood, two by place, two by parity."""
LEAST = 16
"""Calls or pairs below which their first draws, or agreements, are not asked."""


def cells_of(p: Floats, n: int) -> NDArray[np.intp]:
    """Return the cell (K,) of each category for n draws, -1 where impossible; a function of p and n alone.

    Those that expect few draws are grouped by half of the mass in order of likelihood, by half of the mass in order of
    place, and by parity: a deviation that favours a tail, a tile or even indices moves mass between groups.
    """
    cell = np.full(p.size, -1, np.intp)
    alone = p * n >= ALONE
    cell[alone] = np.arange(alone.sum())
    rest = np.flatnonzero((p > 0) & ~alone)
    if rest.size:
        cell[rest] = alone.sum() + _groups(p, rest)
    return cell


def _groups(p: Floats, rest: NDArray[np.intp]) -> NDArray[np.intp]:
    place = _half(p[rest])
    order = np.argsort(-p[rest], kind="stable")
    likely = np.empty(rest.size, np.intp)
    likely[order] = _half(p[rest][order])
    groups: NDArray[np.intp] = (likely * 2 + place) * 2 + rest % 2
    return groups


def _half(p: Floats) -> NDArray[np.intp]:
    """Return 0 for categories in the first half of the mass, 1 for the others."""
    second: NDArray[np.intp] = (np.cumsum(p) > p.sum() / 2).astype(np.intp)
    return second


def scored(index: NDArray[np.intp], p: Floats, cell: NDArray[np.intp], rng: np.random.Generator) -> tuple[float, int]:
    """Return the sum of squared normal scores of possible indices over the cells, exactly chi-square, and its freedom."""
    masses: Floats = np.bincount(cell[cell >= 0], weights=p[cell >= 0], minlength=1).astype(np.float64)
    counts = np.bincount(cell[index], minlength=masses.size)
    kept = masses > 0
    if kept.sum() < 2 or not index.size:
        return 0.0, 0
    scores = normal_scores(counts[kept].astype(np.int64), masses[kept], rng)
    return float(np.sum(scores**2)), int(scores.size)


def law_questions(index: NDArray[np.intp], laws: Floats, rng: np.random.Generator) -> dict[str, float]:
    """Return p-values by question of (calls, size, rows) indices under (rows, K) probabilities.

    Whether all draws follow the law, the row that fits worst does, and the first and the last draws of calls do.
    """
    calls, size, rows = index.shape
    asked: dict[str, float] = {}
    cells = [cells_of(p, calls * size) for p in laws]
    found = [scored(index[:, :, row].ravel(), laws[row], cells[row], rng) for row in range(rows)]
    asked |= summed("law", found)
    if rows > 1:
        asked |= worst("row", found)
    for name, at in (("first", 0), ("last", -1)):
        if calls >= LEAST and size > 1:
            asked |= summed(name, [scored(index[:, at, row], laws[row], cells[row], rng) for row in range(rows)])
    return asked


def worst(name: str, found: list[tuple[float, int]]) -> dict[str, float]:
    """Return the p-value of the largest of some chi-squares (Bonferroni)."""
    return {name: min(1.0, len(found) * min(_p(*one) for one in found))}


def summed(name: str, found: list[tuple[float, int]]) -> dict[str, float]:
    """Return the p-value of a sum of independent chi-squares; nothing if none has a degree of freedom."""
    dof = sum(one[1] for one in found)
    return {name: _p(sum(one[0] for one in found), dof)} if dof else {}


def _p(statistic: float, dof: int) -> float:
    return float(chi_square_survival(statistic, dof)) if dof else 1.0


def agreement_questions(index: NDArray[np.intp], laws: Floats) -> dict[str, float]:
    """Return p-values by question of how often draws agree that should be independent, every draw in one pair at most.

    Two-sided: neighbours in a call, the same place of the next call, and the next row, whose law is this row's moved by
    one category, so that all such pairs agree with one probability.
    """
    calls, size, rows = index.shape
    same = float(laws[0] @ laws[0])
    pairs = {
        "neighbours": (index[:, : size // 2 * 2 : 2], index[:, 1 : size // 2 * 2 : 2], same),
        "next call": (index[: calls // 2 * 2 : 2], index[1 : calls // 2 * 2 : 2], same),
    }
    if rows > 1:
        even = rows // 2 * 2
        pairs["next row"] = (index[:, :, :even:2], index[:, :, 1:even:2], float(laws[0] @ laws[1]))
    return {
        name: float(binomial_two_sided(int((one == other).sum()), one.size, share))
        for name, (one, other, share) in pairs.items()
        if one.size >= LEAST and 0 < share < 1
    }
