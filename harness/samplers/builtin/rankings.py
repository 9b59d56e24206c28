"""Draws without replacement in order, twice: by the largest perturbed logits, and item by item among those left.

[1] T. Vieira, Gumbel-max trick and weighted reservoir sampling, 2014; W. Kool et al., arXiv 1903.06059, eq. (10).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from harness.arrays import Floats, Indices
from harness.errors import UsageError
from harness.logits import check_logits, check_size
from harness.samplers.blocks import BLOCK, parts
from harness.samplers.registry import sampler

MODERATE = 600.0
"""Between logits that near no quotient of weights overflows, and no logarithm is needed."""
FEW = 8
"""Up to so many items, as many minima of a row are faster than a partition."""
ROWS = 2**13
LITTLE = 2.0**-10
"""The share of the weights that is little."""


def _checked(logits: ArrayLike, k: int) -> Floats:
    checked = check_logits(logits)
    possible = int(np.isfinite(checked).sum())
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= possible:
        raise UsageError(f"k must be a whole number in 1..{possible}, the number of possible items, got {k!r}")
    return checked


@sampler("gumbel-top-k", emits="ranking", family="built-in")
def gumbel_top_k(logits: ArrayLike, size: int, *, rng: Any = None, k: int) -> Indices:
    """Return (size, k) items in the order of their perturbed logits, the largest first [1].

    Minus a Gumbel variate is the log of an exponential one, whose lower end keeps all its digits, and the logarithm does
    not change an order. Raises UsageError for
    logits that are no distribution and for a k that the possible items do not fill.
    """
    scores, generator = _checked(logits, k), np.random.default_rng(rng)
    out = np.empty((check_size(size), k), np.intp)
    below, masked = scores - scores.max(), np.flatnonzero(np.isneginf(scores))
    moderate = bool(below[below > -np.inf].min() > -MODERATE)
    weights = np.exp(np.minimum(-below, MODERATE)) if moderate else below
    for part in parts(size, max(1, BLOCK // scores.size)):
        late = generator.standard_exponential((part.stop - part.start, scores.size))
        late = late * weights if moderate else np.log(late) - weights
        late[:, masked] = np.inf
        out[part] = _least(late, k)
    return out


def _least(late: Floats, k: int) -> Indices:
    """Return the places of the k least of each row, in their order; overwrites ``late``."""
    if k <= FEW:
        first = np.empty((len(late), k), np.intp)
        for stage in range(k):
            first[:, stage] = late.argmin(axis=1)
            late[np.arange(len(late)), first[:, stage]] = np.inf
        return first
    some = np.argpartition(late, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(late, some, axis=1), axis=1)
    return np.take_along_axis(some, order, axis=1)


@sampler("one-by-one", emits="ranking", family="built-in")
def one_by_one(logits: ArrayLike, size: int, *, rng: Any = None, k: int) -> Indices:
    """Return (size, k) items, each drawn by weight among those that are left; raises UsageError as ``gumbel_top_k``."""
    scores, generator = _checked(logits, k), np.random.default_rng(rng)
    out = np.empty((check_size(size), k), np.intp)
    weights = np.exp(scores - scores.max())
    upto, last = np.cumsum(weights), int(np.flatnonzero(weights)[-1])
    for part in parts(size, ROWS):
        items = out[part]
        for stage in range(k):
            items[:, stage] = _next(items[:, :stage], scores, weights, upto, last, generator)
    return out


def _next(
    taken: Indices, scores: Floats, weights: Floats, upto: Floats, last: int, rng: np.random.Generator
) -> Indices:
    """Return an item (m,) by weight among those that are not taken (m, j): where a uniform falls in the running sum.

    ``upto`` is that sum and ``last`` the last item of any weight. What is taken is a gap in the sum, which a point beyond
    its start jumps over. Where little is left the difference has few digits, and the sum is made anew.
    """
    left = upto[-1] - weights[taken].sum(axis=1)
    point = rng.random(len(taken)) * left
    for item in np.sort(taken, axis=1).T:
        point += np.where(point >= upto[item] - weights[item], weights[item], 0.0)
    made: Indices = np.minimum(np.searchsorted(upto, point, side="right"), last)
    again = np.flatnonzero((left < LITTLE * upto[-1]) | (taken == made[:, None]).any(axis=1))
    for part in parts(again.size, max(1, BLOCK // scores.size)):
        rows = np.tile(scores, (part.stop - part.start, 1))
        np.put_along_axis(rows, taken[again[part]], -np.inf, axis=1)
        made[again[part]] = _drawn(rows, rng)
    return made


def _drawn(logits: Floats, rng: np.random.Generator) -> Indices:
    """Return one category for each row of logits, at the place where a uniform falls in their running sum."""
    total = np.cumsum(np.exp(logits - logits.max(axis=1, keepdims=True)), axis=1)
    point = rng.random(len(total)) * total[:, -1]
    point = np.minimum(point, np.nextafter(total[:, -1], 0.0))  # a product may round up to the total
    index: Indices = np.argmax(total > point[:, None], axis=1)
    return index
