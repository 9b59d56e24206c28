"""What was tested is kept beside the range that the check's level allows it, by the same exact tails as its p-value.

An exhibit's "tested" is a list of parts. A part names the law of its numbers ("binomial", "hypergeometric",
"chi-square", "massart", "bernstein", or "given", whose ranges a check brings itself), has them under "observed" and
their names under "name", "tests" among how many the level is split, and says by "decides" whether the verdict rests on
them or on another part. ``bounded`` adds what is "expected", the standard "error" of counts, and "low" and "high", the
least and the greatest number whose p-value is above the level: a check is refuted if and only if a number of a part
that decides lies outside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from harness.arrays import Bools, Floats
from harness.laws import special
from harness.methods.tails import binomial_at_least, binomial_at_most, massart_distance

SHOWN = 100
"""Cells that an exhibit keeps: those that lie farthest from what they expect."""
Part = dict[str, Any]
Tail = Callable[[Floats], Floats]


def cells(
    name: Callable[[int], str],
    observed: Any,
    trials: Any,
    probability: Any,
    *,
    tests: Any = None,
    decides: bool = False,
) -> Part:
    """Return binomial counts (C,) of ``trials`` as a part; the level is split over all C unless ``tests`` says otherwise."""
    k, n, p = np.broadcast_arrays(*(np.asarray(one, np.float64) for one in (observed, trials, probability)))
    error = np.sqrt(np.maximum(n * p * (1 - p), 1e-300))
    chosen = farthest(np.where(p > 0, np.abs(k - n * p) / error, np.where(k > 0, np.inf, 0.0)))
    split = np.broadcast_to(np.asarray(k.size if tests is None else tests, np.float64), k.shape)
    return {
        "law": "binomial", "decides": decides, "of": int(k.size), "name": [name(i) for i in chosen],
        "observed": k[chosen].tolist(), "trials": n[chosen].tolist(), "probability": p[chosen].tolist(),
        "tests": split[chosen].tolist(),
    }  # fmt: skip


def total(statistic: float, dof: int, *, tests: int = 1) -> Part:
    """Return a chi-square statistic as the part that decides."""
    return {"law": "chi-square", "decides": True, "name": ["sum of squared scores"], "observed": [statistic],
            "dof": dof, "tests": tests}  # fmt: skip


def shared(part: Part, tables: int) -> Part:
    """Return the part of one of several tables, among which the level is split."""
    tests = part["tests"]
    return {**part, "tests": [one * tables for one in tests] if isinstance(tests, list) else tests * tables}


def farthest(deviations: Floats, most: int = SHOWN) -> list[int]:
    """Return the indices, rising, of the largest deviations."""
    chosen: list[int] = np.sort(np.argsort(-deviations, kind="stable")[:most]).tolist()
    return chosen


def bounded(exhibit: Mapping[str, Any], alpha: float) -> dict[str, Any]:
    """Return the exhibit with the ranges that ``alpha`` leaves to what was tested."""
    if not exhibit.get("tested"):
        return dict(exhibit)
    return {**exhibit, "tested": [{**part, **_RANGES[part["law"]](part, alpha)} for part in exhibit["tested"]]}


def _binomial(part: Part, alpha: float) -> Part:
    n, p = np.array(part["trials"]), np.array(part["probability"])
    level = alpha / np.array(part["tests"])
    low, high = _range(
        n * p, n * p * (1 - p), n, level, lambda k: binomial_at_most(k, n, p), lambda k: binomial_at_least(k, n, p)
    )
    return {"expected": (n * p).tolist(), "error": np.sqrt(n * p * (1 - p)).tolist(), "low": low, "high": high}


def _hypergeometric(part: Part, alpha: float) -> Part:
    from scipy.stats import hypergeom

    pooled, (drawn, size) = np.array(part["pooled"], np.int64), part["sizes"]
    law, mean, most = (
        hypergeom(size, pooled, drawn),
        pooled * (drawn / size),
        np.minimum(pooled, drawn).astype(np.float64),
    )
    variance = mean * (1 - pooled / size) * (1 - drawn / size) * size / max(size - 1, 1)
    level = np.full(pooled.size, alpha / part["tests"])

    def at_most(k: Floats) -> Floats:
        return np.asarray(law.cdf(k))

    def at_least(k: Floats) -> Floats:
        return np.asarray(law.sf(k - 1))

    low, high = _range(mean, variance, most, level, at_most, at_least)
    return {"expected": mean.tolist(), "error": np.sqrt(variance).tolist(), "low": low, "high": high}


def _range(
    mean: Floats, variance: Floats, most: Floats, level: Floats, at_most: Tail, at_least: Tail
) -> tuple[list[float], list[float]]:
    """Return the least and the greatest counts of which the doubled tail is above the level.

    Bernstein's inequality (Boucheron, Lugosi and Massart 2013, Corollary 2.11) says how far out the search begins; for
    draws without replacement it holds by Hoeffding 1963, Theorem 4.
    """
    x, middle = np.log(2 / level), np.clip(np.floor(mean), 0, most)
    middle = np.where(at_most(middle) >= 0.5, middle, np.minimum(middle + 1, most))  # the median, which is allowed
    reach = np.ceil(x / 3 + np.sqrt(x * x / 9 + 2 * x * np.maximum(variance, 0))) + 2
    down = _bisected(np.minimum(reach, middle + 1), lambda d: 2 * at_most(np.maximum(middle - d, 0)) > level)
    up = _bisected(np.minimum(reach, most - middle + 1), lambda d: 2 * at_least(np.minimum(middle + d, most)) > level)
    return (middle - down).tolist(), (middle + up).tolist()


def _bisected(beyond: Floats, allowed: Callable[[Floats], Bools]) -> Floats:
    """Return the largest whole steps (C,) below ``beyond`` that are allowed; fewer steps are allowed if more are."""
    inside, outside = np.zeros(beyond.size), beyond
    while np.any(outside - inside > 1):
        middle = np.floor((inside + outside) / 2)
        fine = allowed(middle)
        inside, outside = np.where(fine, middle, inside), np.where(fine, outside, middle)
    return inside


def _chi_square(part: Part, alpha: float) -> Part:
    high = float(special.chdtri(part["dof"], alpha / part["tests"]))
    return {"expected": [float(part["dof"])], "low": [0.0], "high": [high]}


def _massart(part: Part, alpha: float) -> Part:
    high = [massart_distance(int(n), alpha / part["tests"]) for n in part["trials"]]
    return {"expected": [0.0] * len(high), "low": [0.0] * len(high), "high": high}


def _bernstein(part: Part, alpha: float) -> Part:
    x, c = math.log(2 / alpha) / part["trials"], part["scale"]
    reach = c * x + math.sqrt(c * c * x * x + 2 * part["deviation"] ** 2 * x)
    (mean,) = part["expected"]
    return {"low": [mean - reach], "high": [mean + reach]}


def _given(part: Part, alpha: float) -> Part:
    return {}


_RANGES: dict[str, Callable[[Part, float], Part]] = {
    "binomial": _binomial,
    "hypergeometric": _hypergeometric,
    "chi-square": _chi_square,
    "massart": _massart,
    "bernstein": _bernstein,
    "given": _given,
}
