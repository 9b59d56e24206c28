"""Rankings against Plackett and Luce's law, with few draws: each stage is sent to a uniform given the stages before it.

A set is told as a ranking first: its order is drawn from the law of orders given the set, so that the ranking has
Plackett and Luce's law if and only if the set has the law of sets.

[1] L. Rueschendorf, On the distributional transform, J. Stat. Plan. Inference 139 (2009), eq. (1).
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from harness.arrays import Floats, Indices
from harness.exploration.counted import agreement_questions, cells_of, law_questions, scored, summed
from harness.exploration.effects import Looked
from harness.exploration.nearly import distance, rounded_questions
from harness.exploration.uniforms import BINS, uniform_questions
from harness.laws import Categorical, Ranking, special
from harness.laws.ranking import rankings

JOINT = 512
"""Rankings up to which all are asked about together, too."""
ROOM = 2**20
"""Weights that are worked on at once."""
LITTLE = 2.0**-10
"""The share of all weights that is little to be left."""
DEEP = 600.0
"""Nats below the largest logit at which a weight comes near the least normal number."""


def ranking_questions(
    items: Indices,
    logits: Floats,
    rng: np.random.Generator,
    *,
    ordered: bool = True,
    looked: Looked | None = None,
) -> dict[str, float]:
    """Return p-values by question of (calls, size, m) items in 0..K-1, none of them repeated or impossible.

    Whether the first item has its law (of all draws, of the first and of the last of each call), whether draws agree too
    often, whether the uniforms of all stages are uniform and independent, in two orders of the categories, and whether all
    rankings together have theirs, where they are few. ``looked`` is told what they looked at.
    """
    looked = looked or Looked()
    flat, first, p = _ranked(items, logits, rng, looked, ordered=ordered)
    n, m = flat.shape
    asked: dict[str, float] = {}
    if (p > 0).sum() > 1:
        asked |= law_questions(first, p, rng) | agreement_questions(first, p)
        looked.uniforms = stages(flat, logits, rng)
        asked |= uniform_questions(looked.uniforms, rng)
        looked.sorted = again = stages(*by_likelihood(flat, logits), rng)
        cell = (np.clip(again.ravel(), 0, 1 - 2.0**-53) * BINS).astype(np.intp)
        asked |= summed("stages by likelihood", [scored(cell, np.full(BINS, 1 / BINS), np.arange(BINS), rng)])
    if rankings(logits.size, m) <= JOINT and m > 1:
        law = Ranking(logits, m)
        cells = cells_of(law.mass, n)
        looked.whole, looked.mass = law.encode(flat), law.mass
        asked |= summed("ranking", [scored(looked.whole, law.mass, cells, rng)])
    return asked


def rounded_ranking_questions(
    items: Indices,
    logits: Floats,
    grains: Floats,
    rng: np.random.Generator,
    *,
    ordered: bool = True,
    looked: Looked | None = None,
) -> dict[str, float]:
    """Return p-values by question likewise, of a type whose rounding moves the law of each item by so much (m,).

    The uniforms of a stage have equal cells up to the change of that stage's law; each stage is asked by itself.
    """
    looked = looked or Looked()
    flat, first, p = _ranked(items, logits, rng, looked, ordered=ordered)
    m = flat.shape[1]
    if (p > 0).sum() < 2:
        return {}
    asked = rounded_questions(first, p, float(grains[0]))
    looked.uniforms = stages(flat, logits, rng)
    looked.sorted = stages(*by_likelihood(flat, logits), rng)
    for name, made in (("uniforms", looked.uniforms), ("stages by likelihood", looked.sorted)):
        cell = (np.clip(made, 0, 1 - 2.0**-53) * BINS).astype(np.intp)
        even = np.full(BINS, 1 / BINS)
        each = [distance(column, even, np.arange(BINS), float(g)) for column, g in zip(cell.T, grains, strict=True)]
        asked[name] = min(1.0, m * min(each))
    return asked


def _ranked(
    items: Indices, logits: Floats, rng: np.random.Generator, looked: Looked, *, ordered: bool
) -> tuple[Indices, Indices, Floats]:
    """Return (n, m) rankings of (calls, size, m) items, the first ones (calls, size, 1) and their law (1, K)."""
    calls, size, m = items.shape
    flat = items.reshape(-1, m)
    if not ordered:
        flat = as_drawn(flat, logits, rng)
    p, first = Categorical(logits).mass[None], flat[:, 0].reshape(calls, size, 1)
    looked.index, looked.laws, looked.of, looked.axis = first, p, "first items", "stage"
    return flat, first, p


def stages(items: Indices, logits: Floats, rng: np.random.Generator) -> Floats:
    """Return (n, m) uniforms of (n, m) rankings: where each item lies among those left, at random within it [1]."""
    some = max(1, ROOM // logits.size)
    return np.concatenate([_stages(items[at : at + some], logits, rng) for at in range(0, len(items), some)])


def _stages(items: Indices, logits: Floats, rng: np.random.Generator) -> Floats:
    """What is gone are gaps in one running sum; where little is left, differences have few digits and it is made anew."""
    weight, made = np.exp(logits - logits.max()), np.empty(items.shape)
    upto = np.cumsum(weight)
    deep = logits.max() - logits[np.isfinite(logits)].min() > DEEP
    for j, item in enumerate(items.T):
        past, spread = items[:, :j], rng.random(len(items))
        gone = weight[past]
        left = upto[-1] - gone.sum(axis=1)
        below = upto[item] - np.where(past < item[:, None], gone, 0.0).sum(axis=1)
        few = left < (np.inf if deep else LITTLE * upto[-1])
        made[:, j] = (below - weight[item] * spread) / np.where(few, 1.0, left)
        if few.any():
            made[few, j] = _anew(item[few], past[few], logits, spread[few])
    return made


def _anew(item: Indices, past: Indices, logits: Floats, spread: Floats) -> Floats:
    """Return where items lie among those left, from weights relative to the heaviest left of each ranking."""
    left, rows = np.tile(logits, (len(item), 1)), np.arange(len(item))
    np.put_along_axis(left, past, -np.inf, axis=1)
    weight = np.exp(left - left.max(axis=1, keepdims=True))
    below = np.cumsum(weight, axis=1)
    place: Floats = (below[rows, item] - weight[rows, item] * spread) / below[:, -1]
    return place


def by_likelihood(items: Indices, logits: Floats) -> tuple[Indices, Floats]:
    """Return rankings and logits with the categories renamed: even ones first, each half by falling probability."""
    order = np.lexsort((-logits, np.arange(logits.size) % 2))
    place = np.empty(logits.size, np.intp)
    place[order] = np.arange(logits.size)
    return place[items], logits[order]


def as_drawn(items: Indices, logits: Floats, rng: np.random.Generator) -> Indices:
    """Return (n, m) sets as rankings, their order drawn from Plackett and Luce's law given the set."""
    n, m = items.shape
    orders = np.array(list(permutations(range(m))), np.intp)
    others = np.tile(logits, (n, 1))
    np.put_along_axis(others, items, -np.inf, axis=1)
    rest = special.logsumexp(others, axis=1) if logits.size > m else np.full(n, -np.inf)
    scores = logits[items][:, orders]  # (n, m!, m)
    left = np.logaddexp.accumulate(scores[..., ::-1], axis=2)[..., ::-1]
    with np.errstate(invalid="ignore"):
        log_mass = -np.logaddexp(left, rest[:, None, None]).sum(axis=2)
    chosen = orders[np.argmax(log_mass - np.log(rng.standard_exponential(log_mass.shape)), axis=1)]
    ranked: Indices = np.take_along_axis(items, chosen, axis=1)
    return ranked
