"""P(max y > c) of the Gumbel-softmax, c >= 1/2, between bounds that a convolution on a grid makes as narrow as one likes.

Entry k exceeds c where sum over j != k of v_j < (1 - c) / c, v_j = (T_k / T_j)^(1 / tau), T_j = E_j / p_j exponential.
Given T_k = t, P(v_j <= v) = exp(-p_j t v^-tau): the sum's law is a convolution. Rounding every v_j up to the grid makes
the sum larger, rounding down smaller, and the two probabilities bracket the right one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from harness.arrays import Floats
from suites.evidence.cubature import gauss


@lru_cache(maxsize=256)
def bracket(p: tuple[float, ...], tau: float, c: float, cells: int = 1024) -> tuple[float, float]:
    """Return a lower and an upper bound of P(max y > c) for probabilities (K,); raises ValueError for c < 1/2."""
    if not 0.5 <= c < 1:
        raise ValueError(f"only one entry can exceed c if 1/2 <= c < 1, got {c}")
    bounds = np.sum([_wins(np.array(p), k, tau, (1 - c) / c, cells) for k in range(len(p))], axis=0)
    return float(bounds[0]), float(bounds[1])


def _wins(p: Floats, k: int, tau: float, limit: float, cells: int) -> Floats:
    """Return bounds of P(y_k > c): an average over T_k by Gauss's rule on u = 1 - e^(-p_k t), squeezed towards both ends."""
    node, weight = gauss(16, 4)
    u, weight = node**2 * (3 - 2 * node), weight * 6 * node * (1 - node)
    t = -np.log1p(-u) / p[k]
    return np.array([np.sum(weight * side) for side in _below(np.delete(p, k), t, tau, limit, cells)])


def _below(p: Floats, t: Floats, tau: float, limit: float, cells: int) -> tuple[Floats, Floats]:
    """Return (m,) bounds of P(sum of v_j < limit) for m values of t.

    Cell i of the grid is (i, i + 1] / cells of the limit. Rounded down, a sum is below the limit if its indices add to
    less than ``cells``; rounded up, where each index is one more, if they add to ``cells`` at most.
    """
    from scipy import fft

    edges = limit * np.arange(cells + 1) / cells
    size = fft.next_fast_len(p.size * cells + 1, real=True)
    product = np.ones((t.size, size // 2 + 1), np.complex128)
    for one in p:
        with np.errstate(divide="ignore"):
            cdf = np.exp(-one * t[:, None] * np.power(edges, -tau))
        product *= fft.rfft(np.diff(cdf, axis=1), size, axis=1)
    mass = np.cumsum(fft.irfft(product, size, axis=1), axis=1)
    return mass[:, max(cells - p.size, 0)], mass[:, cells - 1]


def entry_above(p: Floats, tau: float, c: float, cells: int = 1024) -> float:
    """Return the middle of the bounds."""
    return sum(bracket(tuple(p.tolist()), tau, c, cells)) / 2
