"""bench.csv is a function of the series: medians with bootstrap intervals, and ratios to what ran beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.bench.subjects import AGAIN
from harness.bench.timing import Series

COLUMNS = (
    "sampler",
    "library",
    "output",
    "dtype",
    "K",
    "size",
    "threads",
    "ns_per_draw",
    "low",
    "high",
    "ns_per_draw_category",
    "ratio_to_numpy",
    "ratio_to_uniforms",
    "peak_mib",
)
RESAMPLES = 1000


@dataclass(frozen=True)
class Interval:
    """A median with the 95 % interval of its bootstrap."""

    median: float
    low: float
    high: float


def interval(values: Sequence[float]) -> Interval:
    """Return the median of values and the percentile interval of medians of resamples (Efron 1979)."""
    array = np.asarray(values, dtype=np.float64)
    picks = np.random.default_rng(0).integers(array.size, size=(RESAMPLES, array.size))
    low, high = np.quantile(np.median(array[picks], axis=1), (0.025, 0.975))
    return Interval(float(np.median(array)), float(low), float(high))


def rows(series: Sequence[Series]) -> list[dict[str, Any]]:
    """Return the rows of bench.csv. A ratio is a cost: 0.2 is five times as fast as NumPy's idiom.

    Whatever draws at a cost that does not grow with K is held against one uniform a draw, all else against K uniforms.
    """
    medians = {one.name: interval(one.seconds) for one in series}
    idioms = {(s.subject.output, s.categories): medians[s.name].median for s in series if s.subject.kind == "idiom"}
    limits = {(s.subject.per, s.categories): medians[s.name].median for s in series if s.subject.kind == "limit"}
    return [_row(one, medians[one.name], idioms, limits) for one in series]


def _row(one: Series, found: Interval, idioms: Mapping[Any, float], limits: Mapping[Any, float]) -> dict[str, Any]:
    subject, categories = one.subject, one.categories
    return {
        "sampler": subject.name,
        "library": subject.library,
        "output": subject.output,
        "dtype": subject.dtype,
        "K": categories,
        "size": one.size,
        "threads": 1,
        "ns_per_draw": found.median * 1e9,
        "low": found.low * 1e9,
        "high": found.high * 1e9,
        "ns_per_draw_category": found.median * 1e9 / categories,
        "ratio_to_numpy": _over(found.median, idioms.get((subject.output, categories))),
        "ratio_to_uniforms": _over(found.median, limits.get((subject.per, categories))),
        "peak_mib": one.peak,
    }


def _over(value: float, base: float | None) -> float | None:
    return value / base if base else None


def noise(medians: Mapping[str, float]) -> float:
    """Return the largest relative difference between a control and its twin (A/A), from medians by benchmark name."""
    differences = [
        abs(medians[name] / medians[name.replace(AGAIN, "")] - 1)
        for name in medians
        if AGAIN in name and name.replace(AGAIN, "") in medians
    ]
    return max(differences, default=0.0)
