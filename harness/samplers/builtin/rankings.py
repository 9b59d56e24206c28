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


def _checked(logits: ArrayLike, k: int) -> Floats:
    checked = check_logits(logits)
    possible = int(np.isfinite(checked).sum())
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= possible:
        raise UsageError(f"k must be a whole number in 1..{possible}, the number of possible items, got {k!r}")
    return checked


@sampler("gumbel-top-k", emits="ranking", family="built-in")
def gumbel_top_k(logits: ArrayLike, size: int, *, rng: Any = None, k: int) -> Indices:
    """Return (size, k) items in the order of their perturbed logits, the largest first [1].

    Minus a Gumbel variate is the log of an exponential one, whose lower end keeps all its digits. Raises UsageError for
    logits that are no distribution and for a k that the possible items do not fill.
    """
    scores, generator = _checked(logits, k), np.random.default_rng(rng)
    out = np.empty((check_size(size), k), np.intp)
    for part in parts(size, max(1, BLOCK // scores.size)):
        late = np.log(generator.standard_exponential((part.stop - part.start, scores.size))) - scores
        first = np.argpartition(late, k - 1, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(late, first, axis=1), axis=1)
        out[part] = np.take_along_axis(first, order, axis=1)
    return out


@sampler("one-by-one", emits="ranking", family="built-in")
def one_by_one(logits: ArrayLike, size: int, *, rng: Any = None, k: int) -> Indices:
    """Return (size, k) items, each drawn by weight among those that are left; raises UsageError as ``gumbel_top_k``."""
    scores, generator = _checked(logits, k), np.random.default_rng(rng)
    out = np.empty((check_size(size), k), np.intp)
    for part in parts(size, max(1, BLOCK // scores.size)):
        left = np.tile(scores, (part.stop - part.start, 1))
        for stage in range(k):
            item = _drawn(left, generator)
            out[part, stage] = item
            left[np.arange(len(left)), item] = -np.inf
    return out


def _drawn(logits: Floats, rng: np.random.Generator) -> Indices:
    """Return one category for each row of logits, at the place where a uniform falls in their running sum."""
    total = np.cumsum(np.exp(logits - logits.max(axis=1, keepdims=True)), axis=1)
    point = rng.random(len(total)) * total[:, -1]
    point = np.minimum(point, np.nextafter(total[:, -1], 0.0))  # a product may round up to the total
    index: Indices = np.argmax(total > point[:, None], axis=1)
    return index
