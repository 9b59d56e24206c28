"""Every p-value comes from these functions, which hold their relative accuracy far into the tail.

They rest on scipy.special's incomplete beta and gamma functions (Boost's) and are checked against mpmath down to 1e-100.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from harness.arrays import Floats
from harness.laws import special

CENTRE = 2.0**-6
"""Lower tails above this are what is left of 1: SciPy works complements out in extended precision, 3 to 25 times as long."""


def binomial_at_most(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """Return P(X <= k) of Binomial(n, p)."""
    k, n, p = (np.asarray(value, np.float64) for value in (k, n, p))
    inside = np.clip(k, 0, np.maximum(n - 1, 0))
    above, below, p = np.broadcast_arrays(inside + 1, np.maximum(n - inside, 1), p)
    value = np.array(1 - special.betainc(above, below, p))
    deep = value < CENTRE
    value[deep] = special.betaincc(above[deep], below[deep], p[deep])
    tail: Floats = np.where(k < 0, 0.0, np.where(k >= n, 1.0, value))
    return tail


def binomial_at_least(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """Return P(X >= k) of Binomial(n, p)."""
    k, n, p = (np.asarray(value, np.float64) for value in (k, n, p))
    inside = np.clip(k, 1, np.maximum(n, 1))
    value = special.betainc(inside, n - inside + 1, p)
    tail: Floats = np.where(k <= 0, 1.0, np.where(k > n, 0.0, value))
    return tail


def binomial_two_sided(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """Return twice the smaller tail, at most 1: exact at every n and p, and never above its level.

    A median lies within one of n p (Kaas and Buhrman 1980, "Mean, median and mode in binomial distributions"), so that
    of a count farther off the smaller tail is known before it is worked out. That of 0, which most cells of a big
    table hold, is (1 - p)^n.
    """
    k, n, p = np.broadcast_arrays(*(np.asarray(value, np.float64) for value in (k, n, p)))
    smaller, mean = np.ones(k.shape), n * p
    none, low, high = (k == 0) & (n > 0), (k < mean + 1) & (k != 0) & (k < n), (k > mean - 1) & (k > 0)
    with np.errstate(divide="ignore"):
        smaller[none] = np.exp(n[none] * np.log1p(-p[none]))
    smaller[low] = binomial_at_most(k[low], n[low], p[low])
    smaller[high] = np.minimum(smaller[high], binomial_at_least(k[high], n[high], p[high]))
    doubled: Floats = np.minimum(1.0, 2 * smaller)
    return doubled


def chi_square_survival(statistic: ArrayLike, dof: ArrayLike) -> Floats:
    """Return P(X >= statistic) of a chi-square variable."""
    return np.asarray(special.gammaincc(np.asarray(dof) / 2, np.asarray(statistic) / 2))


def massart(distance: float, n: int) -> float:
    """Return 2 exp(-2 n d^2), which bounds P(sup |F_n - F| >= d) for every n.

    Massart 1990, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality", Corollary 1.
    """
    return min(1.0, 2 * math.exp(-2 * n * distance * distance))


def massart_distance(n: int, level: float) -> float:
    """Return the distance at which ``massart`` equals ``level``: sqrt(ln(2 / level) / 2n)."""
    return math.sqrt(math.log(2 / level) / (2 * n)) if n else math.inf
