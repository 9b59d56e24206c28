"""Invalid draws are counted and removed: an index outside the support, a NaN, a point off the simplex."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.draws.rows import problems, shown
from harness.questions.check import Scenario
from harness.questions.precision import precision
from harness.samplers.registry import ROWS
from harness.statistics import Support

CUT_OFF = "a category that the convention cuts off"
"""Such draws are counted as invalid and kept among the draws, so that counts can be held against other conventions."""


def sift(draws: NDArray[Any], scenario: Scenario) -> tuple[NDArray[Any], Support]:
    """Return the valid rows of ``draws`` and the record of the invalid ones."""
    by_kind = _problems(draws, scenario)
    found = {kind: mask for kind, mask in by_kind.items() if mask is not None and mask.any()}
    if not found:
        return draws, Support(draws.shape[0])
    kinds = tuple(sorted(found))
    first = [int(np.flatnonzero(found[kind])[0]) for kind in kinds]
    with np.printoptions(precision=6, threshold=8):
        examples = tuple(shown(draws[row], scenario) for row in first)
    record = Support(draws.shape[0], kinds, tuple(int(found[kind].sum()) for kind in kinds), examples)
    bad = np.logical_or.reduce([found[kind] for kind in kinds if kind != CUT_OFF] or [np.zeros(len(draws), bool)])
    return draws[~bad], record


def _problems(draws: NDArray[Any], scenario: Scenario) -> dict[str, NDArray[np.bool_] | None]:
    if scenario.emits in ROWS:
        return problems(draws, scenario)
    return _index_problems(draws, scenario) if scenario.emits == "index" else _row_problems(draws, scenario)


def _index_problems(draws: NDArray[Any], scenario: Scenario) -> dict[str, NDArray[np.bool_] | None]:
    logits = scenario.case.logits
    outside = None
    if draws.size and not _indices(draws, logits.size):
        outside = (draws < 0) | (draws >= logits.size)
    zero = np.isneginf(logits)
    masked = zero[np.clip(draws, 0, logits.size - 1)] if zero.any() else None
    if masked is not None and outside is not None:
        masked &= ~outside
    kept = scenario.case.kept
    cut = None if kept is None else ~(kept | zero)[np.clip(draws, 0, logits.size - 1)]
    return {f"index outside 0..{logits.size - 1}": outside, "a category of probability zero": masked, CUT_OFF: cut}


def _indices(draws: NDArray[Any], categories: int) -> bool:
    """Tell whether all draws are in range: read as unsigned, a negative one is larger than any of its type."""
    unsigned = draws.view(draws.dtype.str.replace("i", "u"))
    return int(unsigned.max()) < min(categories, int(np.iinfo(draws.dtype).max) + 1)


def _row_problems(draws: NDArray[Any], scenario: Scenario) -> dict[str, NDArray[np.bool_] | None]:
    zero = np.isneginf(scenario.case.logits)
    live = draws[:, ~zero] if zero.any() else draws
    dead = draws[:, zero] if zero.any() else None
    if scenario.emits == "simplex":
        return _simplex(draws, live, dead, _rounding(draws, scenario))
    observed = scenario.case.observed
    loses = None if observed is None else draws[:, observed] < draws.max(axis=1)
    noise = None if dead is None else (dead != -np.inf).any(axis=1)
    return {
        **_finite(live),
        "noise on a category of probability zero": noise,
        "the observed category is not the argmax": loses,
    }


def _finite(live: NDArray[Any]) -> dict[str, NDArray[np.bool_] | None]:
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(live.sum()):  # then so is every term, and no mask is needed
            return {}
    if np.isfinite(live).all():
        return {}
    return {"NaN": np.isnan(live).any(axis=1), "an infinity": np.isinf(live).any(axis=1)}


def _rounding(draws: NDArray[Any], scenario: Scenario) -> float:
    """Return how far rounding may take a row's sum from 1: exp turns an absolute error of its argument to a relative one.

    The argument, (logits + noise) / temperature, is rounded in proportion to its size; noise stays below 40.
    """
    logits, temperature = scenario.case.logits, scenario.case.temperature
    largest = (float(np.abs(logits[logits > -np.inf]).max()) + 40) / (temperature or 1.0)
    eps = max(float(np.finfo(draws.dtype).eps), precision(scenario.sampler.dtype).eps)
    return float(4 * (draws.shape[1] + largest) * eps)


def _simplex(
    draws: NDArray[Any], live: NDArray[Any], dead: NDArray[Any] | None, slack: float
) -> dict[str, NDArray[np.bool_] | None]:
    with np.errstate(invalid="ignore"):
        off = np.abs(draws.sum(axis=1, dtype=np.float64) - 1)
        if (off <= slack).all() and live.min(initial=0) >= 0 and (dead is None or not dead.any()):
            return {}  # a NaN or an infinity would have shown in the sum
        return {
            **_finite(live),
            "a negative coordinate": (live < 0).any(axis=1) if not live.min(initial=0) >= 0 else None,
            "a sum that is not 1": off > slack,
            "mass on a category of probability zero": None if dead is None else (dead != 0).any(axis=1),
        }
