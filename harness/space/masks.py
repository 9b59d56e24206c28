"""Masks: which categories are impossible, from none to all but one; at least one category stays."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats
from harness.errors import UsageError

NAMED = ("none", "first", "last", "odd", "head")
"""Masks without a number; "head" leaves the second half alone."""


def masked(mask: str, logits: Floats, rng: np.random.Generator) -> Floats:
    """Return a copy of (K,) logits with -inf where masked; raises UsageError for a mask that is none.

    "live-N" leaves N categories, "share-S" masks a share S of them, both at random places.
    """
    k, out = logits.size, logits.copy()
    hidden = np.zeros(k, bool)
    kind, _, number = mask.partition("-")
    if kind in {"live", "share"}:
        live = int(number) if kind == "live" else k - round(float(number) * k)
        hidden[rng.permutation(k)[min(max(live, 1), k) :]] = True
    elif mask == "odd":
        hidden[1::2] = True
    elif mask == "head":
        hidden[: k // 2] = True
    elif mask in {"first", "last"}:
        hidden[0 if mask == "first" else -1] = k > 1
    elif mask != "none":
        raise UsageError(f"no mask is called {mask!r}; known: {', '.join(NAMED)}, live-N, share-S")
    out[hidden] = -np.inf
    return out


def random_mask(k: int, rng: np.random.Generator) -> str:
    """Return the name of a mask for k categories: none at all for half of the points."""
    if k == 1 or rng.random() < 0.5:
        return "none"
    kind = rng.random()
    if kind < 0.35:
        return NAMED[1 + int(rng.integers(len(NAMED) - 1))]
    if kind < 0.5:
        return f"live-{min(int(rng.choice([1, 2, 2, 3, 4, 8])), k)}"
    return f"share-{round(float(rng.uniform(0.01, 0.99)), 2)}"
