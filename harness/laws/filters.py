"""A filter says which categories stay, as a list of sets: more than one where ties or a threshold leave several right.

Probabilities closer than ``EXACT`` (relative) are tied, and a running sum that close to its threshold has reached it.
With a ``slack`` beyond that, what lies within it of a threshold may stay or go.

[1] A. Fan, M. Lewis, Y. Dauphin, Hierarchical neural story generation, ACL 2018 (top-k).
[2] A. Holtzman et al., The curious case of neural text degeneration, arXiv 1904.09751, eq. (2) (top-p).
[3] M. Nguyen et al., Turning up the heat: min-p sampling, arXiv 2407.01082.
[4] C. Meister et al., Locally typical sampling, arXiv 2202.00666.
[5] J. Hewitt et al., Truncation sampling as language model desmoothing, arXiv 2210.15191 (epsilon).
[6] C. Tang et al., Top-n-sigma: not all logits are you need, arXiv 2411.07641.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from harness.arrays import Bools, Floats, Indices
from harness.errors import UsageError
from harness.laws.conventions import Convention

EXACT = 1e-12
"""Rounding of float64 logits and sums: what is closer than this is equal."""
MOST = 256
"""Ways to break a tie that are listed; beyond, the convention says too little for a law to be checked."""

Filter = Callable[[Floats, Floats, float, Convention, float], Iterator[Bools]]
"""``filter(probabilities, scores, value, convention, slack)``, both (K,), yields (K,) sets that may stay."""


def top_k(p: Floats, scores: Floats, value: float, convention: Convention, slack: float) -> Iterator[Bools]:
    """Keep the k likeliest [1]."""
    k, live = int(value), p > 0
    if k >= live.sum():
        yield live
        return
    kth = float(np.sort(p)[-k])
    for width in {EXACT, max(EXACT, slack)}:
        surely, tied = p > kth * (1 + width), live & (np.abs(p - kth) <= kth * width)
        yield from _ties(surely, tied, k - int(surely.sum()), convention.top_k_ties)


def _ties(surely: Bools, tied: Bools, needed: int, rule: str) -> Iterator[Bools]:
    """Yield sets that hold ``surely``, and all of the tied or as many of them as are needed."""
    if needed == tied.sum() or rule in ("all", "value", "any"):
        yield surely | tied
    if needed < tied.sum() and rule in ("first", "order", "any"):
        yield from _filled(surely, np.flatnonzero(tied), needed, rule)


def _filled(surely: Bools, tied: Indices, needed: int, rule: str) -> Iterator[Bools]:
    if rule != "first" and math.comb(tied.size, needed) > MOST:
        raise UsageError(f"{tied.size} categories tie for {needed} places: more than {MOST} laws would be right")
    for chosen in combinations(tied.tolist(), needed):
        kept = surely.copy()
        kept[list(chosen)] = True
        yield kept
        if rule == "first":
            return


def top_p(p: Floats, scores: Floats, value: float, convention: Convention, slack: float) -> Iterator[Bools]:
    """Keep the smallest set of the likeliest whose mass is at least the value [2]; 1 keeps everything."""
    yield from _nucleus(p, -p, value, convention.top_p_ties, slack)


def typical_p(p: Floats, scores: Floats, value: float, convention: Convention, slack: float) -> Iterator[Bools]:
    """Keep the smallest set, of those whose surprise is nearest to the entropy, with at least that mass [4]."""
    surprise = -np.log(p, where=p > 0, out=np.full(p.size, -np.inf))
    entropy = math.fsum((p[p > 0] * surprise[p > 0]).tolist())
    yield from _nucleus(p, np.where(p > 0, np.abs(surprise - entropy), np.inf), value, "any", slack)


def _nucleus(p: Floats, rank: Floats, value: float, rule: str, slack: float) -> Iterator[Bools]:
    """Yield the sets of the lowest rank whose mass reaches the value."""
    live = p > 0
    if value >= 1:
        yield live
        return
    order = np.argsort(rank, kind="stable")[: int(live.sum())]
    mass = np.cumsum(p[order], dtype=np.longdouble)
    for width in {EXACT, slack, -slack} - {0.0}:
        last = min(int(np.searchsorted(mass, value - width)), order.size - 1)
        cut, near = rank[order[last]], EXACT * max(1.0, abs(float(rank[order[last]])))
        tied = live & (np.abs(rank - cut) <= near)
        surely = live & (rank < cut) & ~tied
        yield from _ties(surely, tied, last + 1 - int(surely.sum()), rule)


def min_p(p: Floats, scores: Floats, value: float, convention: Convention, slack: float) -> Iterator[Bools]:
    """Keep what is at least the value times as likely as the likeliest [3], and the likeliest whatever the value."""
    for kept in _above(p, value * float(p.max()), p > 0, slack):
        yield kept | (p == p.max())


def epsilon(p: Floats, scores: Floats, value: float, convention: Convention, slack: float) -> Iterator[Bools]:
    """Keep what has at least that probability [5]; where nothing has, the likeliest."""
    for kept in _above(p, value, p > 0, slack):
        yield kept if kept.any() else p >= p.max() * (1 - EXACT)


def _above(values: Floats, threshold: float, live: Bools, slack: float) -> Iterator[Bools]:
    for width in {EXACT, slack, -slack} - {0.0}:
        yield live & (values >= threshold - abs(threshold) * width)


def top_n_sigma(p: Floats, scores: Floats, value: float, convention: Convention, slack: float) -> Iterator[Bools]:
    """Keep scores within so many standard deviations (of the population, masked ones aside) of the largest [6]."""
    live = p > 0
    highest, spread = float(scores[live].max()), float(np.std(scores[live]))
    for width in {EXACT, slack, -slack} - {0.0}:
        yield live & (scores >= min(highest, highest - value * spread - width * max(1.0, abs(highest))))


FILTERS: dict[str, Filter] = {
    "top_k": top_k,
    "top_p": top_p,
    "min_p": min_p,
    "typical_p": typical_p,
    "epsilon": epsilon,
    "top_n_sigma": top_n_sigma,
}
