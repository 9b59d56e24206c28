"""A rate is settled before its last replicate where all of them would hardly find it too high: Wald's sequential test.

The likelihood ratio of the two rates exceeds 1 / SPARE at some moment with probability SPARE at most if the higher one
holds, or one above it: one may ask after every replicate.

Wald 1947, "Sequential Analysis", section 3.2: the bound of the chance of a wrong decision.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import cache

from harness.selftest.intervals import clopper_pearson

SPARE = 1 / 128
"""Chance that a rate which all replicates would just find too high is not followed further."""


def settled(alarms: int, replicates: int, nominal: float, planned: int) -> bool:
    """Tell whether the rate is settled: as it should be, or lower, rather than what ``planned`` would find too high."""
    high = too_many(nominal, planned) / planned
    if high >= 1:
        return True
    gain = alarms * math.log(nominal / high) + (replicates - alarms) * math.log((1 - nominal) / (1 - high))
    return gain >= -math.log(SPARE)


@cache
def too_many(nominal: float, replicates: int) -> int:
    """Return the least number of alarms at which a row is not ok; one more than there are replicates if none is."""
    counts = range(replicates + 1)
    return bisect_left(counts, True, key=lambda alarms: clopper_pearson(alarms, replicates)[0] > nominal)
