"""What a verdict on calls rests on, as a figure shows it: counts of agreements in their exact ranges, cells of the worst."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.methods import ChiSquare, allowed
from harness.methods.tails import binomial_two_sided

Exhibit = dict[str, Any]
MOST = 12
"""Counts that are shown, of all that were tested: the least probable ones."""
STRETCHES = 100
"""Stretches of distances, each shown by its farthest one."""


def counted(
    title: str,
    name: Callable[[int], str],
    agreed: NDArray[Any],
    pairs: NDArray[Any] | float,
    due: Floats | float,
    tests: int,
) -> Exhibit:
    """Return the least probable of (C,) counts of agreements; ``tests`` is the factor of their p-values."""
    k, n, p = np.broadcast_arrays(*(np.asarray(one, np.float64).ravel() for one in (agreed, pairs, due)))
    few = _least(k, n, p)
    part = allowed.cells(lambda i: name(int(few[i])), k[few], n[few], p[few], tests=tests, decides=True)
    return {"kind": "groups", "title": title, "what": "counts", "tested": [{**part, "of": int(min(k.size, tests))}]}


def by_distance(
    title: str, sums: NDArray[Any], pairs: Floats | float, reach: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> Exhibit:
    """Return which share of pairs agree at distances 1..S, the farthest of each stretch, within what is allowed.

    ``sums`` (S,) are agreements less disagreements of so many ``pairs``; ``reach`` takes distances and their pairs, and
    returns the least and the greatest counts of agreements that the level leaves.
    """
    at = _farthest(np.abs(sums) if np.ndim(pairs) == 0 else np.abs(sums) / np.sqrt(pairs))
    apart, n = (at + 1).astype(np.float64), np.broadcast_to(pairs, sums.shape)[at]
    return _shares(title, "share of pairs on the same side", apart, (n + sums[at]) / 2, n, 0.5, reach(apart, n))


def by_lag(
    title: str, apart: NDArray[Any], agreed: NDArray[Any], pairs: NDArray[Any], due: float, tests: int, level: float
) -> Exhibit:
    """Return (S,) counts of agreements, each due with one probability, by distance: the farthest of each stretch."""
    at = _farthest(np.abs(agreed - pairs * due) / np.sqrt(pairs))
    k, n = agreed[at].astype(np.float64), pairs[at].astype(np.float64)
    reach = coins(n, tests, level, due)
    return {
        **_shares(title, "share of pairs that agree", apart[at].astype(np.float64), k, n, due, reach),
        "log_x": False,
    }


def _shares(
    title: str, y_label: str, apart: Floats, agreed: Floats, pairs: Floats, due: float, reach: tuple[Floats, Floats]
) -> Exhibit:
    return {
        "kind": "within", "title": title, "x_label": "draws apart", "y_label": y_label, "log_x": True, "log_y": False,
        "what": "farthest of each stretch", "x": apart.tolist(), "y": (agreed / pairs).tolist(),
        "due": [due] * apart.size, "low": np.maximum(reach[0] / pairs, 0.0).tolist(),
        "high": np.minimum(reach[1] / pairs, 1.0).tolist(),
    }  # fmt: skip


def coins(pairs: Floats, tests: float, level: float, p: float = 0.5) -> tuple[Floats, Floats]:
    """Return the least and the greatest of so many heads of coins that one of so many tests leaves, exactly."""
    part = allowed.cells(str, pairs * p, pairs, p, tests=tests, decides=True)
    (ranges,) = allowed.bounded({"tested": [part]}, level)["tested"]
    return np.array(ranges["low"]), np.array(ranges["high"])


def cells(title: str, law: ChiSquare, counts: NDArray[Any], total: float, dof: int, tests: int) -> Exhibit:
    """Return (C,) counts of cells against their law, with the sum of squares that decided in one of so many tests."""
    units = int(counts.sum())
    cell, masses = law.pooled(units)
    pooled = np.bincount(cell[cell >= 0], weights=counts[cell >= 0], minlength=masses.size).astype(np.int64)
    tested = law.tested(cell, pooled, masses)
    return {**law.figure(counts, units, tested, allowed.total(total, dof, tests=tests)), "title": title}


def shared(exhibit: Any, tests: int, title: str) -> Exhibit:
    """Return a method's exhibit where its level is one of so many parts; nothing where it has none."""
    if not exhibit.get("tested"):
        return {}
    return {**exhibit, "tested": [allowed.shared(part, tests) for part in exhibit["tested"]], "title": title}


def scattered(title: str, x_label: str, rows: Sequence[tuple[float, Floats, float, float]]) -> Exhibit:
    """Return how counts scatter beside what is due: (x, ratios of the variance, least and greatest that are allowed)."""
    flat = [(at, float(ratio), low, high) for at, ratios, low, high in rows for ratio in ratios]
    x, y, low, high = (list(column) for column in zip(*flat, strict=True))
    return {
        "kind": "within", "title": title, "x_label": x_label, "y_label": "variance, as a share of what is due",
        "log_x": True, "log_y": True, "what": "coordinates", "x": x, "y": y, "due": [1.0] * len(x), "low": low,
        "high": high,
    }  # fmt: skip


def ranged(
    title: str, what: str, rows: Sequence[tuple[str, float, float, float, float, float]], unit: str = ""
) -> Exhibit:
    """Return numbers with ranges of the check's own: (name, seen, due, least and greatest allowed, how much is one unit)."""
    names, observed, expected, low, high, error = (list(column) for column in zip(*rows, strict=True))
    part = {"law": "given", "decides": True, "of": len(rows), "name": names, "observed": observed,
            "expected": expected, "low": low, "high": high, "error": error}  # fmt: skip
    return {"kind": "groups", "title": title, "what": what, "unit": unit, "tested": [part]}


def twice(what: str, found: str, chance: float) -> Exhibit:
    """Return what came again where nothing may, but with a probability of ``chance`` that the level does not leave."""
    return ranged(f"{what} that come again", what.lower(), [(found, 1.0, chance, 0.0, 0.0, 1.0)])


def _least(k: Floats, n: Floats, p: Floats) -> NDArray[np.intp]:
    """Return the least probable counts, in their order; among equal trials those are the farthest from what they expect."""
    far = np.abs(k - n * p) / np.sqrt(np.maximum(n * p * (1 - p), 1e-300))
    if k.size <= MOST:
        return np.arange(k.size)
    if np.ptp(n) == np.ptp(p) == 0:
        return np.sort(np.argpartition(-far, MOST - 1)[:MOST])
    return np.sort(np.lexsort((-far, binomial_two_sided(k, n, p)))[:MOST])


def _farthest(deviation: Floats) -> NDArray[np.intp]:
    """Return the index of the largest deviation in each of so many stretches, even on a logarithmic scale."""
    size = deviation.size
    edges = np.unique(np.append(np.geomspace(1, size, min(STRETCHES, size)).astype(int) - 1, size))
    return np.array([a + int(np.argmax(deviation[a:b])) for a, b in itertools.pairwise(edges)])
