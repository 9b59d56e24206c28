"""Counts become independent standard normal scores: the Rosenblatt transform of a multinomial, exact at every n.

Given the earlier counts, each count is binomial; its randomised probability integral transform is uniform [1, 2], and
the uniforms of successive categories are independent. The sum of the squared scores is therefore chi-square with K - 1
degrees of freedom exactly, not in a limit, which is what a level of 1e-10 needs: Pearson's statistic exceeds such a
level many times too often when a cell expects even a hundred.

[1] Rosenblatt 1952, "Remarks on a multivariate transformation", eq. (1).
[2] Brockwell 2007, "Universal residuals: a multivariate transformation", Theorem 1 (discrete case, randomised).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.methods.tails import binomial_at_least, binomial_at_most

Floats = NDArray[np.float64]
_SMALLEST = 5e-324


def normal_scores(counts: NDArray[np.int64], probabilities: Floats, rng: np.random.Generator) -> Floats:
    """Return the (K - 1,) normal scores of (K,) counts under (K,) positive probabilities.

    ``rng`` supplies the uniforms that spread the atoms of the binomials. Categories are taken in falling order of
    probability, so that what remains is summed from its smallest terms and keeps its relative accuracy.
    """
    order = np.argsort(-probabilities, kind="stable")
    k, p = counts[order].astype(np.float64), probabilities[order]
    left_n = np.cumsum(k[::-1])[::-1][:-1]
    left_p = np.cumsum(p[::-1])[::-1][:-1]
    k, share = k[:-1], np.minimum(p[:-1] / left_p, 1.0)
    spread = rng.random(k.size)
    upper = k > left_n * share
    low = (1 - spread) * binomial_at_most(k - 1, left_n, share) + spread * binomial_at_most(k, left_n, share)
    high = spread * binomial_at_least(k + 1, left_n, share) + (1 - spread) * binomial_at_least(k, left_n, share)
    return score(np.where(upper, high, low), upper)


def score(tail: Floats, upper: NDArray[np.bool_]) -> Floats:
    """Return normal scores of tail probabilities; below the smallest float they stop at 38, short of the truth."""
    depth = -special.ndtri(np.maximum(tail, _SMALLEST))
    signed: Floats = np.where(upper, depth, -depth)
    return signed
