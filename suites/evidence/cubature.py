"""An integral is reported with its error: two Gauss rules that must agree, or scrambled nets with an interval.

[1] Hoeffding 1963, "Probability inequalities for sums of bounded random variables", Theorem 2, for the signs given
    the sizes: if the errors d_r are independent and symmetric, P(|sum d_r| >= a sqrt(sum d_r^2)) <= 2 exp(-a^2 / 2),
    however many they are (Efron 1969, "Student's t-test under symmetry conditions").
[2] Loh 2003, "On the asymptotic distribution of scrambled net quadrature": errors of nets under Owen's full scrambling
    tend to the normal law, which is symmetric. SciPy's nets are scrambled by random linear matrices and a digital shift
    (Matousek 1998, "On the L2-discrepancy for anchored boxes"), for which no such theorem is cited here: the symmetry of
    the replicates' errors is assumed, and nothing of their tails or variance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Evidence

PROMISED = 1e-11
"""Relative error that `log_integral` promises: where the two rules differ by more, nothing is returned."""
DEPTH = 45.0
"""A log-concave integrand is cut where it is e^-45 of its maximum; each tail beyond is less than that times its width."""
ORDERS = (16, 20)
PANELS = 24
REPLICATES = 128
POINTS = 2**10


@lru_cache(maxsize=64)
def gauss(order: int, panels: int = 1) -> tuple[Floats, Floats]:
    """Return nodes and weights (panels * order,) of the composite Gauss-Legendre rule on [0, 1]."""
    node, weight = np.polynomial.legendre.leggauss(order)
    starts = np.arange(panels)[:, np.newaxis]
    return ((starts + (node + 1) / 2) / panels).ravel(), np.tile(weight / 2 / panels, panels)


def log_integral(log_f: Callable[[Floats], Floats], low: float, high: float, *, panels: int = PANELS) -> float:
    """Return the log of the integral of exp(log_f) over (low, high), to a relative error of `PROMISED`.

    ``log_f`` maps (n,) nodes to (n,) logs and is log-concave; its tails are left out at both ends.
    Raises ArithmeticError where the promise cannot be kept.
    """
    low, high = _effective(log_f, low, high)
    coarse, fine = (_rule(log_f, low, high, *gauss(order, panels)) for order in ORDERS)
    if not abs(coarse - fine) <= PROMISED:
        raise ArithmeticError(f"the quadrature is off by {abs(coarse - fine):.1e}, {PROMISED:.0e} was promised")
    return fine


def _effective(log_f: Callable[[Floats], Floats], low: float, high: float) -> tuple[float, float]:
    """Return the interval in which the integrand is within e^-45 of its maximum, found on two grids."""
    for _ in range(2):
        grid = np.linspace(low, high, 2001)[1:-1]
        values = log_f(grid)
        inside = np.flatnonzero(values > values.max() - DEPTH)
        step = grid[1] - grid[0]
        low, high = max(low, float(grid[inside[0]] - step)), min(high, float(grid[inside[-1]] + step))
    return low, high


def _rule(log_f: Callable[[Floats], Floats], low: float, high: float, node: Floats, weight: Floats) -> float:
    values = log_f(low + (high - low) * node)
    top = float(values.max())
    return top + math.log((high - low) * float(np.sum(weight * np.exp(values - top))))


def over_cube(function: Callable[[Floats], Floats], dimension: int, order: int) -> tuple[float, float]:
    """Return the integral of a function of (n, d) points over [0, 1]^d, and by how much the rule of order - 3 differs."""
    values = [float(np.sum(weight * function(point))) for point, weight in map(_product(dimension), (order - 3, order))]
    return values[1], abs(values[1] - values[0]) + 1e-14 * abs(values[1])


def _product(dimension: int) -> Callable[[int], tuple[Floats, Floats]]:
    def rule(order: int) -> tuple[Floats, Floats]:
        node, weight = gauss(order)
        points = np.array(list(itertools.product(node, repeat=dimension)))
        weights: Floats = np.array(list(itertools.product(weight, repeat=dimension))).prod(axis=1)
        return points, weights

    return rule


def squared(function: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """Return the function of w with x = w^2, times dx / dw: what peaks at 0 is spread, and has less and even variance."""

    def made(points: Floats) -> Floats:
        values: Floats = function(np.square(points)) * np.prod(2 * points, axis=1)
        return values

    return made


def replicated(
    function: Callable[[Floats], Floats], dimension: int, rng: np.random.Generator, *, points: int = POINTS
) -> Floats:
    """Return (replicates, ...) means of a function of (n, d) points over independently scrambled Sobol nets."""
    from scipy.stats import qmc

    nets = (qmc.Sobol(dimension, scramble=True, rng=rng).random(points) for _ in range(REPLICATES))
    return np.array([function(np.clip(net, 1e-12, 1 - 1e-12)).mean(axis=0) for net in nets])


def interval(replicates: Floats, expected: Floats, options: Options, notes: dict[str, float | str]) -> Evidence:
    """Return the evidence of (R, m) replicate means against (m,) values: p by [1], Bonferroni over m; effect relative.

    ``resolution`` is the relative shift that [1] would have shown, at the level of a check, with probability 1 - beta.
    """
    count, width = replicates.shape
    errors = replicates / expected - 1.0
    mean, spread = errors.mean(axis=0), errors.std(axis=0)
    ratio = np.abs(errors.sum(axis=0)) / np.sqrt(np.square(errors).sum(axis=0))
    p_values = np.minimum(1.0, 2 * np.exp(-np.square(ratio) / 2) * width)
    worst = int(np.argmin(p_values))
    shown, missed = (_reach(level / width, count) for level in (options.level, options.beta))
    return Evidence(
        statistic=float(ratio[worst]),
        p_value=float(p_values[worst]),
        effect=float(np.abs(mean).max()),
        n=count,
        resolution=float(spread.max() * (shown + missed)),
        notes={
            "replicates": float(count),
            "largest half width of the interval": float(spread.max() * shown),
            "widest shift": float(np.abs(mean).max()),
            **notes,
        },
    )


def _reach(level: float, count: int) -> float:
    """Return mean / spread at which [1] equals the level: a^2 = R m^2 / (m^2 + v) = 2 log(2 / level)."""
    squared = 2 * math.log(2 / level)
    return math.sqrt(squared / (count - squared))
