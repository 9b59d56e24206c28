"""Pairs of draft and target: the tables of a speculative step, from equal ones to such that have no token in common."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats
from harness.errors import UsageError

PAIRS = ("same", "flat", "warm", "cold", "near", "other", "holes", "point", "apart")
"""The likest first: equal; a flat draft; a draft at temperature 2 or 1/2, or with noise; the target backwards; a draft
without every other token; a draft of one token; one of tokens that the target lacks, if it lacks any."""
LENGTHS = (1, 1, 1, 2, 2, 3, 4, 5, 8)
"""Drafted tokens of a step."""


def tables(logits: Floats, drafts: int, pair: str, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return (g, K) draft and (g + 1, K) target logits, each target moved by one category against the one before.

    Raises UsageError for a pair that is none.
    """
    targets = np.stack([np.roll(logits, row) for row in range(drafts + 1)])
    return np.stack([_draft(row, pair, rng) for row in targets[:-1]]), targets


def _draft(target: Floats, pair: str, rng: np.random.Generator) -> Floats:
    live = np.isfinite(target)
    if pair in {"same", "warm", "cold"}:
        return target * {"same": 1.0, "warm": 0.5, "cold": 2.0}[pair]
    if pair == "near":
        return target + 0.3 * rng.standard_normal(target.size)
    if pair == "other":
        return target[::-1].copy()
    if pair == "holes":
        hidden = live & (np.cumsum(live) % 2 == 0)
        return np.where(hidden, -np.inf, target)
    if pair == "point":
        return np.where(np.arange(target.size) == int(np.argmax(target)), 0.0, -np.inf)
    if pair == "apart":
        return np.where(live, -np.inf, 0.0) if not live.all() else np.zeros(target.size)
    if pair == "flat":
        return np.zeros(target.size)
    raise UsageError(f"no draft is called {pair!r}; known: {', '.join(PAIRS)}")


def random_drafts(rng: np.random.Generator) -> tuple[int, str]:
    """Return how many tokens are drafted, and from what."""
    return int(rng.choice(LENGTHS)), str(rng.choice(PAIRS))
