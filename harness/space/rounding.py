"""What a sampler's type leaves of a point: whether it can hold it, how far rounding moves its law, and its thresholds.

A type of relative spacing eps rounds scores of size s, and noise of size log K, by eps (1 + s + log K), a few times, and
ties that rounding makes go to one of the tied: probabilities move by as much in relative terms (``questions.precision``).
"""

from __future__ import annotations

import math

import numpy as np

from harness.errors import UsageError
from harness.questions.case import SLACK, Case
from harness.questions.precision import in_precision, precision, rounded

HELD = ("float64", "float32")
"""Types whose rounding so few draws cannot see; that of others is allowed for."""
GRAIN = 0.2
"""The relative change of probabilities by rounding above which a point says nothing of a type."""
LAWS = 4
"""Laws that ties or a threshold may leave to a truncated point; of a batch, one."""
FINE = 1e-3
"""The grain of a type in HELD above which a point is replaced."""


def grain(case: Case, dtype: str) -> float:
    """Return by how much, in relative terms, rounding may move a probability; 0 for types whose rounding is not seen."""
    return 0.0 if dtype in HELD else _grain(case, dtype)


def holds(case: Case, dtype: str) -> bool:
    """Tell whether a sampler of this type can be asked at a case."""
    held = in_precision(case, dtype)
    if held is None:
        return False
    return (held.tolerance or 0.0) <= FINE if dtype in HELD else _grain(case, dtype) <= GRAIN


def _grain(case: Case, dtype: str) -> float:
    live = case.logits[np.isfinite(case.logits)]
    size, hot = float(np.abs(live).max()) / _cold(case), max(1.0, case.temperature or 1.0)
    return 4 * precision(dtype).eps * (1 + size + math.log(live.size)) * hot


def _cold(case: Case) -> float:
    """Return the temperature that scores are divided by, where that makes them larger."""
    return min(1.0, dict(case.settings).get("temperature") or 1.0)


def settled(case: Case, dtype: str, most: int = LAWS) -> bool:
    """Tell whether a truncated case has few laws, and the same ones for logits as the type has them."""
    try:
        laws = case.laws
        if len(laws) > most or dtype == "float64":
            return len(laws) <= most
        if grain(case, dtype) > GRAIN:
            return False
        wide = case.laws_of(rounded(case.logits, dtype), _slack(case, dtype))
    except UsageError:
        return False
    return len(wide) == len(laws) == 1 and np.array_equal(wide[0] > 0, laws[0] > 0)


def _slack(case: Case, dtype: str) -> float:
    """Return how far, in relative terms, rounding of tempered scores may carry a probability, for each category."""
    live = case.logits[np.isfinite(case.logits)]
    return max(SLACK, 4 * precision(dtype).eps) * max(1.0, float(np.abs(live).max()) / _cold(case))
