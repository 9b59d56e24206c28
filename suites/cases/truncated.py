"""Cases of truncated draws: each stage alone, several in an order, masks, greedy draws, and points at a threshold.

No order of the categories is that of their probabilities, so that a mixed-up index shows. Regular cases keep every
threshold further away than float32 sums can be off; the four ``apart`` cases were found by a search over small
weights and settings: together they put every two named conventions apart, by a total variation of 0.25 at least.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.questions.case import Case

AT_THE_ENDS = frozenset({"top-k", "top-p", "masked-top-k", "masked-top-p"})
"""Cases whose cut-off categories an extreme word of the generator must not lead to."""
SIX = (2, 12, 1, 5, 7, 4)
"""Weights of 31, in no order."""


def _weighted(weights: tuple[float, ...], shift: float) -> Floats:
    with np.errstate(divide="ignore"):
        logits: Floats = np.log(np.array(weights, float)) + shift
    return logits


def _scrambled_zipf(categories: int) -> Floats:
    """-log rank, with the ranks spread by a multiplication modulo K."""
    ranks = np.arange(categories) * 389 % categories + 1
    logits: Floats = -np.log(ranks)
    return logits


def truncated(name: str, why: str, weights: tuple[float, ...], shift: float = 0.0, /, **settings: float) -> Case:
    """Return a case of weights in which some stages are on."""
    asks = ("endpoints",) if name in AT_THE_ENDS else ()
    return Case(name, why, partial(_weighted, weights, shift), settings=tuple(settings.items()), asks=asks)


def _rare(mass: float) -> tuple[float, ...]:
    return (mass, 3.0, mass, 5.0, 2.0)


TRUNCATED: tuple[Case, ...] = (
    truncated("top-k", "the three likeliest of six stay", SIX, top_k=3),
    truncated("top-k-all", "k above the number of categories keeps all of them", SIX, top_k=50),
    truncated("top-k-1", "of one category there is nothing to draw", SIX, top_k=1),
    truncated("top-p", "the category that crosses the threshold stays", SIX, top_p=0.72),
    truncated("top-p-low", "the likeliest alone has more than the mass asked for: it stays", SIX, top_p=0.2),
    truncated("top-p-1", "a mass of 1 keeps everything", _rare(0.02), top_p=1.0),
    truncated("top-p-next-to-1", "a mass next to 1 keeps everything, and no index beyond", _rare(0.02), top_p=0.999999),
    truncated("top-p-shifted", "logits near 1000 have probabilities, though no exponentials", SIX, 1e3, top_p=0.72),
    truncated("min-p", "what has a quarter of the largest probability stays", SIX, min_p=0.27),
    truncated("min-p-shifted", "a share of probabilities is no share of logits", SIX, -1e2, min_p=0.27),
    truncated(
        "typical",
        "what surprises about as much as the entropy stays, not the likeliest",
        (9, 2, 2.5, 4, 1, 3),
        typical_p=0.3,
    ),
    truncated("epsilon", "what has a probability of 0.1 stays", SIX, epsilon=0.1),
    truncated("epsilon-high", "where nothing has the probability asked for, the likeliest stays", SIX, epsilon=0.9),
    truncated("n-sigma", "what lies within a standard deviation of the largest logit stays", SIX, top_n_sigma=1.0),
    truncated("hot", "a temperature above 1 flattens", SIX, temperature=1.5),
    truncated("cold", "a temperature below 1 sharpens", SIX, temperature=0.5),
    truncated("greedy", "temperature 0 is the argmax, and never a random draw", SIX, temperature=0.0),
    truncated(
        "greedy-near", "temperature 0 tells logits that are next to each other", (1.0, 1.001, 0.999), temperature=0.0
    ),
    truncated(
        "k-then-p",
        "the mass of top_p is that of all categories, or of the k that are left",
        (5, 25, 8, 35, 20, 7),
        top_k=4,
        top_p=0.83,
    ),
    truncated("hot-p", "top_p of tempered probabilities, or of others", SIX, temperature=2.0, top_p=0.6),
    truncated("hot-min-p", "min_p of tempered probabilities, or of others", SIX, temperature=2.0, min_p=0.3),
    truncated("p-and-min-p", "top_p before min_p, or after it", (1, 10, 5, 1, 6, 1, 1), top_p=0.72, min_p=0.4),
    truncated("k-and-min-p", "two filters that keep different sets", SIX, top_k=4, min_p=0.45),
    truncated(
        "apart-1",
        "ties at k, and the mass of top_p: puts most conventions apart",
        (9, 2, 9, 9, 1, 9, 9),
        temperature=1.5,
        top_k=2,
        top_p=0.47,
        min_p=0.15,
    ),
    truncated(
        "apart-2",
        "ties at the mass of top_p: keeps all of them, or as many as it needs",
        (7, 3, 12, 3, 7, 3, 7),
        temperature=0.5,
        top_k=5,
        top_p=0.47,
        min_p=0.15,
    ),
    truncated(
        "apart-3",
        "joint sets against sets one after the other",
        (5, 1, 4, 12, 5),
        temperature=1.5,
        top_k=2,
        top_p=0.47,
        min_p=0.15,
    ),
    truncated(
        "apart-4",
        "temperature before the filters or after them",
        (3, 8, 3, 3),
        temperature=2.0,
        top_k=5,
        top_p=0.92,
        min_p=0.4,
    ),
    truncated("masked-top-k", "masked categories fill no place among the k", (0, 3, 0, 1, 2, 0, 0), top_k=5),
    truncated("masked-top-p", "masked categories never come back", (0, 3, 0, 1, 2, 0, 0), top_p=0.7),
    truncated(
        "masked-hot", "a mask stays a mask at any temperature", (0, 3, 0, 1, 2, 0, 0), temperature=5.0, top_p=1.0
    ),
    truncated(
        "masked-typical",
        "masked categories have no part in the entropy: 0 log 0 is nothing",
        (0, 3, 5, 0, 2),
        typical_p=0.2,
    ),
    truncated(
        "masked-n-sigma", "the deviation of the logits is that of the live ones", (0, 3, 0, 1, 2, 0, 9), top_n_sigma=1.1
    ),
    Case(
        "zipf-1000-top",
        "a vocabulary in no order: 1000 categories of which 50, and then fewer, stay",
        partial(_scrambled_zipf, 1000),
        tolerance=0.03,
        settings=(("temperature", 0.8), ("top_k", 50), ("top_p", 0.85)),
    ),
    truncated("tie-at-k", "two categories tie for the last of the k places", (2, 3, 4, 3, 1), top_k=2),
    truncated(
        "tie-at-1",
        "two likeliest categories: k = 1 keeps either, always the same, or both by value",
        (3, 1, 3),
        top_k=1,
    ),
    truncated(
        "tie-greedy", "two likeliest categories: a greedy draw is always the same one", (3, 1, 3), temperature=0.0
    ),
    truncated("tie-at-p", "three tie where the mass of top_p is reached", (1, 4, 2, 2, 2), top_p=0.5),
    truncated("at-p", "the mass of top_p is reached exactly: floats may stop, or go on", (1, 4, 1, 2), top_p=0.75),
    truncated("at-half", "the likeliest has exactly the mass asked for", (1, 2, 1), top_p=0.5),
    truncated("at-min-p", "a category has exactly the share asked for", (2, 1, 4), min_p=0.5),
    truncated("at-epsilon", "two categories have exactly the probability asked for", (1, 2, 1), epsilon=0.25),
)
