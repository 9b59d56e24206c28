"""Draws without replacement that are not by weight among what is left."""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import control, gumbels, inverse, probabilities


def _sorted(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    return np.sort(_top(logits + gumbels(rng, size, logits.size), k), axis=1)


def _top(scores: Floats, k: int) -> Indices:
    order: Indices = np.argsort(-scores, axis=1)[:, :k]
    return order


def _noise_on_probabilities(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    return _top(probabilities(logits) + gumbels(rng, size, logits.size), k)


def _uniform_noise(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    """Scores w U instead of U^(1/w)."""
    return _top(probabilities(logits) * rng.random((size, logits.size)), k)


def _one_by_one(
    logits: Floats, size: int, rng: np.random.Generator, k: int, *, same: bool, renormalised: bool
) -> Indices:
    p = probabilities(logits)
    made, first = np.empty((size, k), np.intp), rng.random(size)
    left = np.tile(p, (size, 1))
    for j in range(k):
        u = first if same else rng.random(size)
        total = np.cumsum(left, axis=1)
        point = u * (total[:, -1] if renormalised else 1.0)
        item = np.argmax(total > point[:, None], axis=1)
        short = point >= total[:, -1]
        item[short] = left.shape[1] - 1 - np.argmax(left[short, ::-1] > 0, axis=1)
        made[:, j] = item
        left[np.arange(size), item] = 0.0
    return made


def _same_uniform(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    return _one_by_one(logits, size, rng, k, same=True, renormalised=True)


def _not_renormalised(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    """What was drawn leaves a hole at the end, which goes to the last item."""
    return _one_by_one(logits, size, rng, k, same=False, renormalised=False)


def _uniform_refill(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    """The first by weight, the others by chance among those that are left."""
    made = np.empty((size, k), np.intp)
    made[:, 0] = inverse(probabilities(logits), rng.random(size))
    flat = np.where(np.isfinite(logits), 0.0, -np.inf) + gumbels(rng, size, logits.size)
    flat[np.arange(size), made[:, 0]] = -np.inf
    made[:, 1:] = _top(flat, k - 1)
    return made


def _reservoir(logits: Floats, size: int, *, rng: np.random.Generator, k: int, factor: bool = False) -> Indices:
    """A reservoir whose items enter by their share of the weight so far, and leave by chance, in the order of places."""
    p = probabilities(logits)
    live = np.flatnonzero(p > 0)
    held = np.tile(live[:k], (size, 1))
    total = float(p[live[:k]].sum())
    for item in live[k:]:
        total += p[item]
        enters = rng.random(size) < (k if factor else 1) * p[item] / total
        place = rng.integers(0, k, size)
        held[enters, place[enters]] = item
    return held


def _left_of_zero(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    """A uniform of exactly 0, of 24 bits, lands on the first item, whatever its weight."""
    left = np.tile(probabilities(logits), (size, 1))
    made = np.empty((size, k), np.intp)
    for j in range(k):
        total = np.cumsum(left, axis=1)
        point = rng.random(size, dtype=np.float32) * total[:, -1]
        made[:, j] = np.argmax(total >= point[:, None], axis=1)
        left[np.arange(size), made[:, j]] = 0.0
    return made


def _with_replacement(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    return inverse(probabilities(logits), rng.random(size * k)).reshape(size, k)


def _one_noise(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    """One noise value a row and stage, added to logits whose order it cannot change among the later ones."""
    first = inverse(probabilities(logits), rng.random(size))
    later = np.tile(logits, (size, 1))
    later[np.arange(size), first] = -np.inf
    return np.column_stack([first, _top(later, k - 1)])


ranked = partial(control, emits="ranking", trigger="rank-3", suite="chi_square")

CONTROLS: tuple[Control, ...] = (
    ranked(
        "rank_sorted", draw=_sorted, why="the items come in the order of their index, though a ranking was declared"
    ),
    ranked(
        "rank_noise_on_probabilities",
        draw=_noise_on_probabilities,
        why="noise is added to probabilities, not to logits",
    ),
    ranked("rank_uniform_noise", draw=_uniform_noise, why="scores are w U, and not the power 1/w of U"),
    ranked(
        "rank_same_uniform",
        draw=_same_uniform,
        why="every stage uses the same uniform",
        source="pytorch/pytorch #22086, PR #22183",
    ),
    ranked("rank_not_renormalised", draw=_not_renormalised, why="what is left is not renormalised"),
    ranked(
        "rank_uniform_refill",
        draw=_uniform_refill,
        why="the first item is drawn by weight, the others by chance alone",
        source="ncsa/NEAT PR #338",
    ),
    ranked(
        "rank_reservoir",
        draw=_reservoir,
        why="a weighted reservoir without the factor k, by which an item of weight w enters",
        source="ksedgwic/clboss #343",
        ordered=False,
    ),
    ranked(
        "rank_reservoir_inclusion",
        draw=partial(_reservoir, factor=True),
        why="a reservoir whose inclusion goes with the weight, though draws by weight among what is left were declared",
        source="CDCgov/ixa #638, the class of it",
        ordered=False,
    ),
    ranked(
        "rank_cdf_left_u_zero",
        draw=_left_of_zero,
        why="a uniform of exactly 0 takes an item of probability zero",
        trigger="rank-masked",
        suite="endpoints",
    ),
    ranked("rank_with_replacement", draw=_with_replacement, why="an item is drawn twice", suite="support"),
    ranked(
        "rank_rest_is_sorted",
        draw=_one_noise,
        why="the first item is drawn, the others come by weight",
    ),
)
