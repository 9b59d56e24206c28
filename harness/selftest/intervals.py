"""A rate is stated with an exact binomial interval, at a level so small that a right harness never fails its selftest.

Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of the binomial", sec. 3.
"""

from __future__ import annotations

import math

from harness.laws import special

SIDE = 1e-10
"""One-sided level of every interval. With fewer than 5000 rows a right harness fails with probability 5e-7 at most."""


def clopper_pearson(count: int, trials: int, side: float = SIDE) -> tuple[float, float]:
    """Return the exact interval of a binomial probability, each side at level ``side``."""
    if trials == 0:
        return 0.0, 1.0
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(count, trials, alpha=2 * side, method="beta")
    return float(low), float(high)


def weighted(total: float, squares: float, trials: int) -> tuple[float, float, float]:
    """Return mean and interval of ``trials`` weights, from their sum and sum of squares, by the normal quantile of SIDE.

    Weights of importance sampling are skewed to the right: an estimate that is far above the truth has a large
    deviation as well, which keeps the lower end below the truth.
    """
    mean = total / trials
    error = math.sqrt(max(squares / trials - mean * mean, 0.0) / trials)
    reach = -float(special.ndtri(SIDE)) * error
    return mean, max(mean - reach, 0.0), mean + reach
