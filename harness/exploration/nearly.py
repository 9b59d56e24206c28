"""Indices of a sampler whose type rounds: against all laws within the rounding of the right one, by inequalities.

If each probability may be off by a relative ``grain``, the law over the cells is within grain / 2 of the right one in total
variation. The empirical law of n draws is further away than its own by sqrt((C - 1) / n) / 2 on average at most (Cauchy
and Schwarz over C cells), and one draw moves that distance by at most 1 / n, so that by McDiarmid's inequality [1] the
distance T from the right law satisfies P(T >= t) <= exp(-2 n (t - grain / 2 - sqrt((C - 1) / n) / 2)^2).

[1] C. McDiarmid, On the method of bounded differences, 1989, Lemma (1.2).
"""

from __future__ import annotations

import math

import numpy as np

from harness.arrays import Floats, Indices
from harness.exploration.counted import LEAST, cells_of
from harness.methods.tails import binomial_at_least, binomial_at_most


def rounded_questions(index: Indices, laws: Floats, grain: float) -> dict[str, float]:
    """Return p-values by question of (calls, size, rows) possible indices.

    The law of the worst row, of all draws and of the first and the last ones of calls, and whether neighbours in a call
    and the same places of two calls agree as often as they should.
    """
    calls, size, rows = index.shape
    cells = [cells_of(p, calls * size) for p in laws]
    found = [distance(index[:, :, row].ravel(), laws[row], cells[row], grain) for row in range(rows)]
    asked = {"law": min(1.0, rows * min(found))}
    for name, at in (("first", 0), ("last", -1)):
        if calls >= LEAST and size > 1:
            some = [distance(index[:, at, row], laws[row], cells[row], grain) for row in range(rows)]
            asked[name] = min(1.0, rows * min(some))
    return asked | _agreements(index, laws, grain)


def distance(index: Indices, p: Floats, cell: Indices, grain: float) -> float:
    """Return the bound on the p-value of the distance of (n,) indices from the law over its cells."""
    masses = np.bincount(cell[cell >= 0], weights=p[cell >= 0])
    seen = np.bincount(cell[index], minlength=masses.size) / index.size
    far = float(np.abs(seen - masses).sum()) / 2
    beyond = far - grain / 2 - math.sqrt(max(int((masses > 0).sum()) - 1, 0) / index.size) / 2
    return math.exp(-2 * index.size * beyond**2) if beyond > 0 else 1.0


def _agreements(index: Indices, laws: Floats, grain: float) -> dict[str, float]:
    """Return two-sided p-values of agreements, whose probability is within a relative 2 grain + grain^2 of the right one."""
    calls, size, _ = index.shape
    same = float(laws[0] @ laws[0])
    low, high = same * (1 - grain) ** 2, min(1.0, same * (1 + grain) ** 2)
    pairs = {
        "neighbours": (index[:, : size // 2 * 2 : 2], index[:, 1 : size // 2 * 2 : 2]),
        "next call": (index[: calls // 2 * 2 : 2], index[1 : calls // 2 * 2 : 2]),
    }
    asked = {}
    for name, (one, other) in pairs.items():
        if one.size >= LEAST and 0 < same < 1:
            agree = int((one == other).sum())
            tail = min(float(binomial_at_least(agree, one.size, high)), float(binomial_at_most(agree, one.size, low)))
            asked[name] = min(1.0, 2 * tail)
    return asked
