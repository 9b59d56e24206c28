"""A computed check that draws is held to both error rates: its bounds hold at every n, and n follows from a tolerance.

[1] Maurer and Pontil 2009, "Empirical Bernstein bounds and sample variance penalization", Theorem 4.
[2] Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of the binomial".
[3] Hoeffding 1963, "Probability inequalities for sums of bounded random variables", Theorem 1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.laws import special
from harness.methods.tails import binomial_at_least
from harness.options import Options
from harness.questions.check import Check, Evidence, Method
from harness.statistics import Statistic
from suites.evidence.identities import identity


@dataclass(frozen=True)
class Rates:
    """The level that a computed check will be held against, and the share of misses that its resolution allows."""

    level: float
    beta: float

    @classmethod
    def of(cls, options: Options) -> Rates:
        """Return the rates of a run: the level that the plan hands to its checks."""
        return cls(options.level, options.beta)


def chance(
    name: str, why: str, function: Callable[[np.random.Generator], Evidence], *, tolerance: float, unit: str, method: str,
    suite: str = "simulation",
) -> Check:  # fmt: skip
    """Return a computed check that draws: inconclusive where its resolution is coarser than ``tolerance``."""
    return identity(name, why, function, bound=tolerance, unit=unit, method=method, suite=suite)


def held(
    method: Method, statistics: Sequence[Statistic], rng: np.random.Generator, rates: Rates, **more: Any
) -> Evidence:
    """Return what one of the harness's methods finds, with what it could have missed at these rates."""
    found = method.evidence(statistics, rng)
    return replace(found, resolution=method.detectable(found.n, rates.level, rates.beta), **more)


def trials(tolerance: float, rates: Rates, failures: int = 1) -> int:
    """Return how many repetitions, with so many failures among them, put ``clopper_pearson`` at the tolerance."""
    n = math.ceil(math.log(rates.level) / math.log1p(-tolerance))
    while clopper_pearson(failures, n, rates.level) > tolerance:
        n += max(1, n // 50)
    return n


def clopper_pearson(failures: int, n: int, level: float) -> float:
    """Return the share of failures under which ``failures`` or fewer in n would show with probability ``level`` only [2]."""
    return float(special.betainccinv(failures + 1, n - failures, level)) if failures < n else 1.0


def rarely(failures: int, n: int, tolerance: float, rates: Rates, **more: Any) -> Evidence:
    """Return the evidence that a share of failures is at most ``tolerance``: exact binomial tail, exact upper limit.

    The p-value is the largest over all shares within the tolerance, which the tolerance itself attains.
    """
    return Evidence(
        statistic=float(failures),
        p_value=float(binomial_at_least(failures, n, tolerance)),
        effect=failures / n,
        n=n,
        resolution=clopper_pearson(failures, n, rates.level),
        **more,
    )


def hoeffding_size(span: float, width: float, rates: Rates, statements: int = 1) -> int:
    """Return the n at which means of values in an interval of length ``span`` are known to ``width``, both ways [3]."""
    reach = sum(math.sqrt(math.log(2 * statements / rate) / 2) for rate in (rates.level, rates.beta))
    return math.ceil((span * reach / width) ** 2)


def bernstein_size(span: float, deviation: float, width: float, rates: Rates, statements: int = 1) -> int:
    """Return the n at which ``half_width`` is about ``width`` if the standard deviation is what was declared beforehand."""
    logs = [math.log(4 * statements / rate) for rate in (rates.level, rates.beta)]
    a, b = sum(deviation * math.sqrt(2 * log) for log in logs), sum(7 * span * log / 3 for log in logs)
    return math.ceil(((a + math.sqrt(a * a + 4 * b * width)) / (2 * width)) ** 2) + 1


@dataclass(frozen=True)
class Sample:
    """The mean and variance (divisor n - 1) of n independent values in an interval of length ``span``."""

    n: int
    mean: float
    variance: float
    span: float

    @classmethod
    def of(cls, values: Floats, span: float) -> Sample:
        """Take (n,) values."""
        return cls(values.size, float(values.mean()), float(values.var(ddof=1)), span)

    def half_width(self, level: float) -> float:
        """Return w with P(|mean - expectation| > w) <= level: [1], once for each side."""
        log = math.log(4 / level)
        return math.sqrt(2 * self.variance * log / self.n) + 7 * self.span * log / (3 * (self.n - 1))

    def resolution(self, rates: Rates, statements: int = 1) -> float:
        """Return the shift of the mean that would have shown with probability 1 - beta."""
        return self.half_width(rates.level / statements) + self.half_width(rates.beta / statements)


def smallest_level(contradicted: Callable[[float], bool]) -> float:
    """Return the least level at which intervals contradict a statement: a p-value, as intervals shrink with the level."""
    if not contradicted(1.0):
        return 1.0
    low, high = -700.0, 0.0
    if contradicted(math.exp(low)):
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if contradicted(math.exp(middle)) else (middle, high)
    return math.exp(high)


def equal(found: Sequence[Sample], due: Sequence[Sample], rates: Rates, *, slack: float = 0.0, **more: Any) -> Evidence:
    """Return the evidence that pairs of means agree, by simultaneous intervals, up to an allowed bias of ``slack``."""
    pairs = list(zip(found, due, strict=True))
    gaps = [abs(one.mean - other.mean) for one, other in pairs]

    def contradicted(level: float) -> bool:
        each = level / (2 * len(pairs))
        return any(
            g > slack + one.half_width(each) + other.half_width(each)
            for g, (one, other) in zip(gaps, pairs, strict=True)
        )

    return Evidence(
        statistic=max(gaps),
        p_value=smallest_level(contradicted),
        effect=max(gaps),
        n=sum(one.n + other.n for one, other in pairs),
        resolution=slack + max(sum(s.resolution(rates, 2 * len(pairs)) for s in pair) for pair in pairs),
        **more,
    )


def rising(samples: Sequence[Sample], rates: Rates, **more: Any) -> Evidence:
    """Return the evidence that means rise from sample to sample, by simultaneous intervals.

    Intervals that contradict the order give the p-value. The resolution is the share of the smallest difference that
    chance could account for: above 1 the intervals overlap, and the order is not established.
    """
    pairs = list(itertools.pairwise(samples))

    def contradicted(level: float) -> bool:
        each = level / len(samples)
        return any(a.mean - a.half_width(each) > b.mean + b.half_width(each) for a, b in pairs)

    steps = [b.mean - a.mean for a, b in pairs]
    widths = [a.resolution(rates, len(samples)) + b.resolution(rates, len(samples)) for a, b in pairs]
    shares = [width / step if step > 0 else math.inf for width, step in zip(widths, steps, strict=True)]
    return Evidence(
        statistic=min(steps),
        p_value=smallest_level(contradicted),
        effect=min(steps),
        n=sum(sample.n for sample in samples),
        resolution=max(shares),
        **more,
    )


def positive(sample: Sample, rates: Rates, **more: Any) -> Evidence:
    """Return the evidence that a mean is above 0, as ``rising`` does for two means."""
    return Evidence(
        statistic=sample.mean,
        p_value=smallest_level(lambda level: sample.mean + sample.half_width(level) < 0),
        effect=sample.mean,
        n=sample.n,
        resolution=sample.resolution(rates) / sample.mean if sample.mean > 0 else math.inf,
        **more,
    )


def band(label: str, x: Sequence[float], samples: Sequence[Sample], rates: Rates) -> dict[str, Any]:
    """Return a curve of means with their simultaneous intervals."""
    widths = [sample.half_width(rates.level / len(samples)) for sample in samples]
    return {
        "label": label,
        "x": [float(one) for one in x],
        "y": [sample.mean for sample in samples],
        "low": [sample.mean - width for sample, width in zip(samples, widths, strict=True)],
        "high": [sample.mean + width for sample, width in zip(samples, widths, strict=True)],
        "style": "line",
    }


def curves(
    title: str, x_label: str, y_label: str, series: Sequence[dict[str, Any]], *,
    log_x: bool = False, log_y: bool = False, lines: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """Return the exhibit of curves."""
    return {
        "kind": "curves",
        "title": title,
        "x_label": x_label,
        "y_label": y_label,
        "log_x": log_x,
        "log_y": log_y,
        "series": list(series),
        "lines": list(lines),
    }


def line(label: str, x: Any, y: Any, style: str = "line", **more: Any) -> dict[str, Any]:
    """Return one curve of an exhibit; ``more`` may hold its band, "low" and "high"."""
    arrays = {name: np.asarray(values, np.float64).tolist() for name, values in {"x": x, "y": y, **more}.items()}
    return {"label": label, **arrays, "style": style}
