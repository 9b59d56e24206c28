"""Speculative draws, and subsets without replacement told as an index of ordered pairs."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import categories, control, inverse, probabilities, softmax

ORDER = 90
ITEMS = 4
PAIRS = ITEMS * (ITEMS - 1)

NOT_EXPRESSED = {
    "topk_keeps_ties": "flashinfer-ai/flashinfer PR #3774: the item that is wrongly kept ties with one that is kept, but"
    " what a sampler of ours may not draw has a logit of -inf, which ties with nothing",
}
"""Bugs of the zoo that no output of ours can show, and why."""


def _draft(logits: Floats) -> Floats:
    """Return the draft law: the reversed logits, halved, on the categories that both can draw."""
    draft = logits[::-1] / 2
    both = np.isfinite(draft) & np.isfinite(logits)
    return probabilities(np.where(both, draft, -np.inf) if both.any() else logits)


def _residual(p: Floats, q: Floats) -> Floats:
    residual: Floats = softmax(np.maximum(p - q, 0.0))
    return residual


def speculative(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw after a rejection from the softmax of the residual, not from the residual."""
    p, q = probabilities(logits), _draft(logits)
    drafted = inverse(q, rng.random(size))
    kept = rng.random(size) * q[drafted] < p[drafted]
    return np.where(kept, drafted, inverse(_residual(p, q), rng.random(size)))


def speculative_law(logits: Floats) -> Floats:
    """Return min(p, q) plus the rejected mass times the softmax of the residual."""
    p, q = probabilities(logits), _draft(logits)
    kept = np.minimum(p, q)
    law: Floats = kept + (1 - kept.sum()) * _residual(p, q)
    return law


def _items(logits: Floats) -> Floats:
    """Return the (4,) probabilities of the first item from the logits of the 12 ordered pairs."""
    table: Floats = probabilities(logits).reshape(ITEMS, ITEMS - 1).sum(axis=1)
    return table


def _pair(a: Indices, b: Indices) -> Indices:
    return a * (ITEMS - 1) + b - (b > a)


def _second(p: Floats, a: int) -> Floats:
    left = np.where(np.arange(ITEMS) == a, 0.0, p)
    law: Floats = left / left.sum()
    return law


def same_uniform(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw both items of a pair with the same uniform."""
    if logits.size != PAIRS:
        return categories(logits, size, rng)
    p, u = _items(logits), rng.random(size)
    first = inverse(p, u)
    seconds = np.stack([inverse(_second(p, a), u) for a in range(ITEMS)])
    return _pair(first, seconds[first, np.arange(size)])


def same_uniform_law(logits: Floats) -> Floats:
    """Return the lengths on which both intervals overlap."""
    if logits.size != PAIRS:
        return probabilities(logits)
    p = _items(logits)
    ends = np.concatenate([[0.0], np.cumsum(p)])
    table = np.zeros((ITEMS, ITEMS))
    for a in range(ITEMS):
        inner = np.concatenate([[0.0], np.cumsum(_second(p, a))])
        table[a] = np.maximum(np.minimum(ends[a + 1], inner[1:]) - np.maximum(ends[a], inner[:-1]), 0.0)
    return _flat(table)


def refilled(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Replace the second of two equal items by any other one."""
    if logits.size != PAIRS:
        return categories(logits, size, rng)
    p = _items(logits)
    first, second = inverse(p, rng.random(size)), inverse(p, rng.random(size))
    other = (first + rng.integers(1, ITEMS, size)) % ITEMS
    return _pair(first, np.where(first == second, other, second))


def refilled_law(logits: Floats) -> Floats:
    """Return p_a p_b + p_a^2 / (V - 1)."""
    if logits.size != PAIRS:
        return probabilities(logits)
    p = _items(logits)
    return _flat(p[:, None] * p + np.square(p)[:, None] / (ITEMS - 1))


def _flat(table: NDArray[np.float64]) -> Floats:
    flat: Floats = table[~np.eye(ITEMS, dtype=bool)]
    return flat


pairs_control = partial(control, emits="index", trigger="pairs", suite="chi_square")

CONTROLS: tuple[Control, ...] = (
    control(
        "spec_residual_softmaxed",
        "index",
        speculative,
        why="after a rejection the residual goes through softmax, which is nearly uniform",
        source="huggingface/transformers PR #28508",
        trigger="l8",
        suite="chi_square",
        law=speculative_law,
    ),
    pairs_control(
        "wor_same_uniform_each_round",
        draw=same_uniform,
        why="every round of a draw without replacement uses the same uniform",
        source="pytorch/pytorch #22086, PR #22183",
        law=same_uniform_law,
    ),
    pairs_control(
        "wor_dedupe_then_uniform_refill",
        draw=refilled,
        why="a repeated item is replaced by any other, whatever its weight",
        source="ncsa/NEAT PR #338",
        law=refilled_law,
    ),
)
