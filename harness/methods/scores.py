"""Counts become independent standard normal scores: the Rosenblatt transform of a multinomial, exact at every n.

Given the earlier counts, each count is binomial; its randomised probability integral transform is uniform [1, 2], and
the uniforms of successive categories are independent. The sum of the squared scores is therefore chi-square with K - 1
degrees of freedom exactly, not in a limit, which is what a level of 1e-10 needs: Pearson's statistic exceeds such a
level many times too often when a cell expects even a hundred.

[1] Rosenblatt 1952, "Remarks on a multivariate transformation", eq. (1).
[2] Brockwell 2007, "Universal residuals: a multivariate transformation", Theorem 1 (discrete case, randomised).
[3] Hoeffding 1963, "Probability inequalities for sums of bounded random variables", Theorem 1 and section 6: the tails
    of the binomial and of the hypergeometric are at most exp(-n KL(k / n, p)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.laws import special
from harness.methods.tails import binomial_at_least, binomial_at_most


def normal_scores(counts: NDArray[np.int64], probabilities: Floats, rng: np.random.Generator) -> Floats:
    """Return the (..., K - 1) normal scores of (..., K) counts under (K,) positive probabilities.

    ``rng`` supplies the uniforms that spread the atoms of the binomials. Categories are taken in falling order of
    probability, so that what remains is summed from its smallest terms and keeps its relative accuracy; of a category
    that takes more than half of what is left, the misses are scored, as 1 - p would have lost its digits.
    """
    order = np.argsort(-probabilities, kind="stable")
    k, p = counts[..., order].astype(np.float64), probabilities[order]
    n, mass = (np.cumsum(part[..., ::-1], axis=-1)[..., ::-1] for part in (k, p))
    share, rest = p[:-1] / mass[:-1], mass[1:] / mass[:-1]
    flip = share > rest
    hits, q, n = np.where(flip, n[..., 1:], k[..., :-1]), np.where(flip, rest, share), n[..., :-1]
    spread = rng.random(hits.shape)
    scores = score(*_tails(hits, n, q, spread), log_bound(hits, n, q))
    signed: Floats = np.where(flip, -scores, scores)
    return signed


def _tails(k: Floats, n: Floats, p: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return the spread tails of binomial counts up to and from k on; of the two the smaller one is exact.

    Only the tail on the side of the mean that k lies on is worked out: the other is what is left of 1.
    """
    below = k <= n * p
    low, high = np.empty(np.shape(k)), np.empty(np.shape(k))
    at, of, share, v = k[below], n[below], np.broadcast_to(p, k.shape)[below], spread[below]
    low[below] = (1 - v) * binomial_at_most(at - 1, of, share) + v * binomial_at_most(at, of, share)
    high[below] = 1 - low[below]
    at, of, share, v = k[~below], n[~below], np.broadcast_to(p, k.shape)[~below], spread[~below]
    high[~below] = v * binomial_at_least(at + 1, of, share) + (1 - v) * binomial_at_least(at, of, share)
    low[~below] = 1 - high[~below]
    return low, high


def score(low: Floats, high: Floats, log_tail: Floats) -> Floats:
    """Return normal scores of both tails, from the smaller one; where it underflows, from exp(``log_tail``) above it."""
    upper, tail = high < low, np.minimum(low, high)
    seen = tail > 0
    depth = -np.where(seen, special.ndtri(np.where(seen, tail, 0.5)), special.ndtri_exp(log_tail))
    signed: Floats = np.where(upper, depth, -depth)
    return signed


def log_bound(k: Floats, n: Floats, p: Floats) -> Floats:
    """Return -n KL(k / n, p), which bounds the logarithm of the tail that starts at k [3]."""
    bound: Floats = -(special.rel_entr(k, n * p) + special.rel_entr(n - k, n * (1 - p)))
    return bound
