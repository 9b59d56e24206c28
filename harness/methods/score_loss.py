"""Randomised normal scores lose noncentrality where cells expect few: how much follows from their exact moments.

A cell that expects L units and has (1 + d) L has, on average, a squared score of 1 + c(L) d + e(L) L d^2 + O(d^3), where
e(L) is the share of the noncentrality L d^2 that spreading the atoms leaves: 0.94 at 5, 0.97 at 10, 1 - 0.28 / L beyond.
Given what is left to it by the cells before, a cell's d is its deviation from theirs, so that terms of odd order, c(L)
being about 1/3 at every L, add up to next to nothing.

Among all laws at a total variation t from p, that with the least noncentrality moves mass |q - p| in proportion to p / e
(Lagrange): it attains 4 n t^2 / sum(p / e), instead of 4 n t^2.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np

from harness.arrays import Floats
from harness.laws import special

LEAST, MOST = 0.05, 500.0
"""Expected counts between which e is worked out; beyond, what is lost falls as 1 / L, to four digits."""
MOST_OF_TWO = 40.0
POINTS, NODES, REACH = 30, 30, 12.0


def efficiency(masses: Floats, units: float, *, samples: int = 1) -> float:
    """Return the share of its noncentrality that the worst alternative keeps, for (C,) masses that sum to 1.

    ``units`` are those of a sample; of two samples, counts are scored given their sum.
    """
    return 1 / float(np.sum(masses / kept(masses * units, samples=samples)))


def kept(expected: Floats, *, samples: int = 1) -> Floats:
    """Return e(L) for expected counts (C,): what is left of d^2 L, and of an excess of the variance of counts over L."""
    grid, share = _table(samples)
    most = math.exp(grid[-1])
    near: Floats = np.interp(np.log(np.clip(expected, LEAST, most)), grid, share)
    beyond: Floats = 1 - (1 - share[-1]) * most / np.maximum(expected, most)
    return np.where(expected > most, beyond, near)


@lru_cache(maxsize=2)
def _table(samples: int) -> tuple[Floats, Floats]:
    """Return log L and e(L) on a grid."""
    grid = np.linspace(math.log(LEAST), math.log(MOST if samples == 1 else MOST_OF_TWO), POINTS)
    share = share_kept if samples == 1 else share_kept_of_two
    return grid, np.array([share(math.exp(x)) for x in grid])


def share_kept(expected: float) -> float:
    """Return e(L) of a Poisson count X: half of E z^2 ((X - L)^2 - X), over L."""
    k = _range(expected)
    mass = np.exp(special.xlogy(k, expected) - expected - special.gammaln(k + 1))
    squares = _squared_scores(special.pdtr(k, expected), special.pdtrc(k, expected))
    return float(np.sum(mass * squares * ((k - expected) ** 2 - k))) / (2 * expected)


def share_kept_of_two(expected: float) -> float:
    """Return e(L) of two counts that expect L each: of X given X + Y = k, half of E z^2 ((2 X - k)^2 - k), over 2 L."""
    sums = _range(2 * expected)
    mass = np.exp(special.xlogy(sums, 2 * expected) - 2 * expected - special.gammaln(sums + 1))
    kept = [share * _given_sum(int(k)) for share, k in zip(mass, sums, strict=True) if share > 1e-16]
    return math.fsum(kept) / (2 * expected)


@cache
def _given_sum(k: int) -> float:
    x = np.arange(k + 1.0)
    mass = np.exp(special.gammaln(k + 1) - special.gammaln(x + 1) - special.gammaln(k - x + 1) - k * math.log(2))
    squares = _squared_scores(special.bdtr(x, k, 0.5), special.bdtrc(x, k, 0.5))
    return float(np.sum(mass * squares * ((2 * x - k) ** 2 - k))) / 2


def _range(expected: float) -> Floats:
    """Return the counts that matter of a Poisson variable."""
    reach = REACH * math.sqrt(expected)
    return np.arange(max(0.0, math.floor(expected - reach)), expected + reach + 40)


@cache
def _rule() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(NODES)


def _squared_scores(upto: Floats, beyond: Floats) -> Floats:
    """Return E[z^2 | X = k], z being the normal score of a uniform value between P(X < k) and P(X <= k).

    Given are P(X <= k) and P(X > k) of neighbouring k, from one below which next to nothing lies.
    """
    below, above = np.append(0.0, upto[:-1]), np.append(1.0, beyond[:-1])
    nodes, weights = _rule()
    u, w = (nodes + 1) / 2, weights / 2
    low = below[:, None] + (upto - below)[:, None] * u
    high = beyond[:, None] + (above - beyond)[:, None] * (1 - u)
    squares: Floats = special.ndtri(np.clip(np.minimum(low, high), 1e-300, 0.5)) ** 2 @ w
    return squares
