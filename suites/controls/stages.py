"""Right stages of truncated draws, on probabilities (K,); controls of truncation put one wrong one among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.arrays import Bools, Floats, Indices
from suites.controls.making import inverse, probabilities

Draw = Callable[..., Indices]
Stage = Callable[[Floats, Any], Bools]
"""``stage(p, value)`` tells (K,) which categories stay."""


@dataclass(frozen=True)
class Settings:
    """The four common parameters; None stands for a stage that is off."""

    temperature: float | None
    top_k: int | None
    top_p: float | None
    min_p: float | None


Law = Callable[[Floats, Settings], Floats]
"""``law(logits, settings)`` returns the (K,) probabilities of a truncated draw."""


def drawing(law: Law) -> Draw:
    """Return a sampler of the four common parameters that draws rightly from the law it is given."""

    def draw(
        logits: Floats,
        size: int,
        *,
        rng: np.random.Generator,
        temperature: float | None,
        top_k: int | None,
        top_p: float | None,
        min_p: float | None,
    ) -> Indices:
        return inverse(law(logits, Settings(temperature, top_k, top_p, min_p)), rng.random(size))

    return draw


def tempered(logits: Floats, temperature: float | None) -> Floats:
    """Return softmax(logits / T); at T = 0 the first argmax."""
    if temperature == 0:
        first: Floats = (np.arange(logits.size) == int(np.argmax(logits))).astype(np.float64)
        return first
    return probabilities(logits / (temperature or 1.0))


def only(p: Floats, kept: Bools) -> Floats:
    """Return p on what is kept, renormalised."""
    left = np.where(kept, p, 0.0)
    result: Floats = left / left.sum()
    return result


def kth(p: Floats, k: int | None) -> Bools:
    """Keep the k likeliest, and all that tie with the last of them."""
    kept: Bools = p >= (np.sort(p)[-min(k, p.size)] if k else 0.0)
    return kept


def first_k(p: Floats, k: int | None) -> Bools:
    """Keep k of the likeliest, of those that tie the first by index."""
    return ranks(p) < (k or p.size)


def ranks(p: Floats) -> Indices:
    """Return the place of each category in a descending sort."""
    places: Indices = np.argsort(np.argsort(-p, kind="stable"), kind="stable")
    return places


def above(p: Floats) -> Floats:
    """Return the mass that a descending sort puts before each category."""
    order = np.argsort(-p, kind="stable")
    before = np.empty_like(p)
    before[order] = np.cumsum(p[order]) - p[order]
    return before


def nucleus(p: Floats, mass: float | None) -> Bools:
    """Keep the likeliest until they have the mass."""
    kept: Bools = above(p) < (mass if mass is not None and mass < 1 else np.inf)
    return kept


def share(p: Floats, min_p: float | None) -> Bools:
    """Keep what has a share of the largest probability."""
    kept: Bools = p >= (min_p or 0.0) * p.max()
    return kept


def chain(p: Floats, *stages: tuple[Stage, Any]) -> Floats:
    """Apply stages one after the other, each to what is left."""
    for stage, value in stages:
        p = only(p, stage(p, value))
    return p
