"""What a sampler's type leaves of a point: whether it can hold it, how far rounding moves its law, and its thresholds.

A type of relative spacing eps rounds scores of size s, and noise of size log K, by eps (1 + s + log K), a few times, and
ties that rounding makes go to one of the tied: probabilities move by as much in relative terms (``questions.precision``).
"""

from __future__ import annotations

import math

import numpy as np

from harness.arrays import Floats
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

STEP = 8
"""A relative change g of the probabilities of draft and target moves what a step commits by 4 g in total variation at most:
accepted masses by 2 g, the residual by g of both, its share by as much as what is accepted. That is as of a grain of 8 g."""


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
    return _of_logits(case.logits, dtype, _cold(case)) * max(1.0, case.temperature or 1.0)


def _of_logits(logits: Floats, dtype: str, cold: float = 1.0) -> float:
    live = logits[np.isfinite(logits)]
    return 4 * precision(dtype).eps * (1 + float(np.abs(live).max()) / cold + math.log(live.size))


def stage_grains(logits: Floats, items: int, dtype: str, *, ordered: bool) -> Floats:
    """Return (items,) relative changes by rounding of the probabilities of each item given those before it; 0 if not seen.

    The item after j others beats the next one by a j-th of the noise that the first one does: rounding ties it so much more
    often. Of sets each order's probability is a product; given some items it is a ratio of sums of such.
    """
    if dtype in HELD:
        return np.zeros(items)
    grains: Floats = _of_logits(logits, dtype) * np.arange(1.0, items + 1)
    if ordered or items == 1:
        return grains
    off = min(float(np.prod(1 + grains)) - 1, 0.99)
    ratio: Floats = np.full(items, (1 + off) / (1 - off) - 1)
    return ratio


def step_grain(drafts: Floats, targets: Floats, dtype: str) -> float:
    """Return the grain of what a step commits, of tables of logits (g, K) and (g + 1, K); 0 if it is not seen."""
    return 0.0 if dtype in HELD else STEP * max(_of_logits(row, dtype) for row in (*drafts, *targets))


def held_steps(drafts: Floats, targets: Floats, dtype: str) -> bool:
    """Tell whether a type can be asked for steps of these tables."""
    kept = all(none_lost(row, dtype) for row in (*drafts, *targets))
    return kept and step_grain(drafts, targets, dtype) <= GRAIN


def none_lost(logits: Floats, dtype: str) -> bool:
    """Tell whether noise of a type reaches every category: none is less likely than eps times the likeliest one."""
    live = logits[np.isfinite(logits)]
    return dtype in HELD or float(np.ptp(live)) <= -math.log(precision(dtype).eps)


def most_items(logits: Floats, most: int, dtype: str, *, ordered: bool) -> int:
    """Return how many items, up to ``most``, a type can be asked to rank: one at least."""
    held = [m for m in range(1, most + 1) if stage_grains(logits, m, dtype, ordered=ordered).max() <= GRAIN]
    return max(held, default=1)


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
