"""Means of polynomials of the six relaxed entries at equal logits, by quadrature, exact to five digits.

With E_j iid Exp(1) the entries are b_j proportional to E_j^(-1/tau), so that the least, x = min E ~ Exp(6), wins. The others
are x + e_j, e_j iid Exp(1), and q_j = b_j / b_max = (1 + e_j / x)^(-1/tau). With 1 / (1 + sum q)^N = the integral over t of
t^(N-1) e^(-t) e^(-t sum q) / Gamma(N) a mean of b_max^N times powers of q_j is, given x and t, a product of
psi_n = E q^n e^(-t q).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from harness.arrays import Floats

OTHERS = 5
Terms = list[tuple[int, tuple[int, ...]]]
"""Coefficients with the powers of different q_j."""
ONE: Terms = [(1, ())]


@dataclass(frozen=True)
class Means:
    """Means of polynomials of b, with p_n = sum b^n and J = diag(b) - b b^T."""

    unlike: float
    """1 - p_2."""
    one_entry: float
    """p_2 - 2 p_3 + p_2^2, the sum over i of |J e_i|^2."""
    itself: float
    """p_4 - 2 p_3 p_2 + p_2^3 = |J b|^2."""
    winner: float
    """b_max^2 (1 - 2 b_max + p_2) = |J e_r|^2 at the winner r."""


def sums(n: int) -> Terms:
    """Return sum q^n."""
    return [(OTHERS, (n,))]


def products(n: int, m: int) -> Terms:
    """Return sum q^n sum q^m."""
    return [(OTHERS, (n + m,)), (OTHERS * (OTHERS - 1), (n, m))]


CUBE: Terms = [(5, (6,)), (60, (4, 2)), (60, (2, 2, 2))]
"""(sum q^2)^3: five equal indices, 3 * 5 * 4 with two, 5 * 4 * 3 with none."""


def times(factor: int, terms: Terms) -> Terms:
    """Return a multiple."""
    return [(factor * coefficient, powers) for coefficient, powers in terms]


@cache
def means(tau: float, fine: int = 1) -> Means:
    """Return the means at a temperature; ``fine`` multiplies the nodes."""
    x, in_x = _logarithmic(-30.0, math.log(7.0), 56 * fine)
    e, in_e = _logarithmic(-34.0, math.log(45.0), 72 * fine)
    t, in_t = np.polynomial.laguerre.laggauss(32 * fine)
    log_q = -np.log1p(e / x[:, None]) / tau
    kernel = np.exp(-t[None, :, None] * np.exp(log_q)[:, None, :]) * (in_e * np.exp(-e))
    psi = [np.matmul(kernel, np.exp(n * log_q)[:, :, None])[..., 0] for n in range(7)]

    def mean(power: int, *parts: Terms) -> float:
        """Return the mean of b_max^power times a sum of products of powers of q_j."""
        inner = sum(
            coefficient * math.prod([psi[n] for n in powers], start=psi[0] ** (OTHERS - len(powers)))
            for terms in parts
            for coefficient, powers in terms
        )
        weights = np.outer(in_x * 6 * np.exp(-6 * x), in_t * t ** (power - 1) / math.gamma(power))
        return float(np.sum(weights * inner))

    p2, p3, p4 = (mean(n, ONE, sums(n)) for n in (2, 3, 4))
    p22 = mean(4, ONE, times(2, sums(2)), products(2, 2))
    p32 = mean(5, ONE, sums(2), sums(3), products(2, 3))
    p222 = mean(6, ONE, times(3, sums(2)), times(3, products(2, 2)), CUBE)
    winner = mean(2, ONE) - 2 * mean(3, ONE) + mean(4, ONE, sums(2))
    return Means(1 - p2, p2 - 2 * p3 + p22, p4 - 2 * p32 + p222, winner)


def _logarithmic(low: float, high: float, count: int) -> tuple[Floats, Floats]:
    """Return nodes that are equidistant in their logarithm, and the weights of the trapezoidal rule, ends apart."""
    logs = np.linspace(low, high, count)
    nodes: Floats = np.exp(logs)
    return nodes, nodes * (logs[1] - logs[0])
