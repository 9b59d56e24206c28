"""Wrong in one place of the space and nowhere else: a kind of K, of logits, of mask, of call, of layout, of parameter."""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Bools, Floats, Indices, Ints
from harness.laws import Convention
from harness.questions.content import Control
from harness.space.categories import is_prime
from suites.controls.making import categories, control, gumbels, inverse, probabilities, softmax
from suites.controls.rankings import _one_by_one
from suites.controls.speculation import left, ratio, step
from suites.controls.stages import first_k, nucleus, only, share, tempered

ORDER = 135


def half_bit_below_powers(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Mask the index by K - 1 where K + 1 is a power of two: its lowest bit is lost."""
    k, drawn = logits.size, categories(logits, size, rng)
    cut = drawn & (k - 1)
    return np.where(np.isfinite(logits[cut]), cut, drawn) if k > 2 and k & (k + 1) == 0 else drawn


def primes_wrap(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw for a prime K beyond 16 from a table that has one stride too many: half of the draws move one place."""
    drawn = categories(logits, size, rng)
    moved = (drawn + (rng.random(size) < 0.5)) % logits.size
    return np.where(np.isfinite(logits[moved]), moved, drawn) if logits.size > 16 and is_prime(logits.size) else drawn


def ties_at_the_top(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw the first of the likeliest where more than four tie for it and others are left."""
    top = np.flatnonzero(logits == logits.max())
    drawn = categories(logits, size, rng)
    tied = 4 < top.size < np.isfinite(logits).sum()
    return np.where(np.isin(drawn, top), top[0], drawn) if tied else drawn


def base_two(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Take scores that all lie between -60 and -15 for logarithms to base two."""
    live = logits[np.isfinite(logits)]
    binary = bool(live.min() > -60 and live.max() < -15)
    return categories(logits * np.log(2) if binary else logits, size, rng)


def sorted_after_sixteens(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Hand draws out in rising order where their number is one more than a multiple of 16."""
    drawn = categories(logits, size, rng)
    return np.sort(drawn) if size > 1 and size % 16 == 1 else drawn


def columns_twice(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Read every other logit twice where they lie three places apart in memory."""
    apart = logits.strides[0] == 3 * logits.itemsize and logits.size > 3
    used = np.repeat(logits[::2], 2)[: logits.size] if apart else logits
    used = np.where(np.isneginf(logits), -np.inf, used)
    return categories(used if np.isfinite(used).any() else logits, size, rng)


def hot_if_read_only(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Keep read-only logits, at three times their temperature, from another call."""
    return categories(logits if logits.flags.writeable else logits / 3, size, rng)


def beside_few_masked(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Under a mask of at most a fifth, close the gaps: indices count live categories only."""
    live = np.flatnonzero(np.isfinite(logits))
    drawn = categories(logits, size, rng)
    few = 0 < logits.size - live.size <= logits.size / 5
    counted = np.searchsorted(live, drawn)
    return np.where(np.isfinite(logits[counted]), counted, drawn) if few else drawn


def second_of_nine(logits: Floats, size: int, *, rng: np.random.Generator) -> Floats:
    """From 9 to 32 categories, the second likeliest has the noise of the likeliest."""
    noise = gumbels(rng, size, logits.size)
    if 9 <= logits.size <= 32:
        first, second = np.argsort(-logits, kind="stable")[:2]
        noise[:, second] = noise[:, first]
    return logits + noise


def shortcut_at_one(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """At temperature 1 normalise exponentials themselves, and not their inverses."""
    if temperature == 1:
        weights = probabilities(logits) * rng.standard_exponential((size, logits.size))
        made: Floats = weights / weights.sum(axis=1, keepdims=True)
        return made
    return softmax((logits + gumbels(rng, size, logits.size)) / temperature)


def at_most_16(logits: Floats, size: int, *, rng: np.random.Generator, top_k: int | None) -> Indices:
    """Keep 16 at most, whatever top_k says."""
    p = tempered(logits, None)
    return inverse(only(p, first_k(p, min(top_k or p.size, 16))), rng.random(size))


def cold_share(
    logits: Floats, size: int, *, rng: np.random.Generator, temperature: float | None, min_p: float | None
) -> Indices:
    """Below temperature 0.5, take the share of the likeliest from probabilities that are not tempered."""
    p = tempered(logits, temperature)
    kept: Bools = share(tempered(logits, None) if temperature and temperature < 0.5 else p, min_p)
    return inverse(only(p, kept), rng.random(size))


def nearly_all(logits: Floats, size: int, *, rng: np.random.Generator, top_p: float | None) -> Indices:
    """Take a mass of 0.95 or more for 1."""
    p = tempered(logits, None)
    return inverse(p if top_p is None or top_p >= 0.95 else only(p, nucleus(p, top_p)), rng.random(size))


def third_by_index(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    """List items from the third on in the order of their indices."""
    made = _one_by_one(logits, size, rng, k, same=False, renormalised=True)
    made[:, 2:] = np.sort(made[:, 2:], axis=1)
    return made


def bonus_of_many(drafts: Ints, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Indices:
    """After three or more accepted drafts, draw the bonus from the first target."""
    return step(drafts, draft_logits, target_logits, rng=rng, bonus=0 if drafts.shape[1] >= 3 else -1)


def recovery_of_many(drafts: Ints, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Indices:
    """Beyond 32 categories, recover from the target instead of from what is left of it."""
    many = draft_logits.shape[1] > 32
    return step(drafts, draft_logits, target_logits, rng=rng, residual=_target if many else left)


def _target(p: Floats, q: Floats) -> Floats:
    return p


def coarse_and_greedy(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """In bfloat16, beyond 64 categories, forget the second half of them."""
    drawn = categories(logits, size, rng)
    half = logits.size // 2
    kept = np.isfinite(logits[:half]).any() and logits.size > 64
    return categories(logits[:half], size, rng) if kept else drawn


def coarse_pairs(logits: Floats, size: int, *, rng: np.random.Generator, k: int) -> Indices:
    """In float16, beyond 16 categories, list the first two items in the order of their indices."""
    made = _one_by_one(logits, size, rng, k, same=False, renormalised=True)
    if logits.size > 16:
        made[:, :2] = np.sort(made[:, :2], axis=1)
    return made


def coarse_drafts(drafts: Ints, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Indices:
    """In float16, beyond four categories, accept every draft that the target has at all."""
    many = draft_logits.shape[1] > 4
    return step(drafts, draft_logits, target_logits, rng=rng, accept=_whatever if many else ratio)


def _whatever(u: Floats, p: Floats, q: Floats) -> Bools:
    return p > 0


_place = partial(control, trigger="points", suite="sweep")
TOP_K = Convention(("top_k",), top_k_ties="any")
TOP_P = Convention(("top_p",), top_p_ties="any")
COLD = Convention(("temperature", "min_p"))

CONTROLS: tuple[Control, ...] = (
    _place("one_below_a_power", "index", half_bit_below_powers, why="K = 2^j - 1 loses the lowest bit of the index"),
    _place("primes_move", "index", primes_wrap, why="draws move one place where K is a prime beyond 16"),
    _place("top_of_ties", "index", ties_at_the_top, why="of five or more that tie for the top the first is drawn"),
    _place("scores_in_base_two", "index", base_two, why="scores from -60 to -15 are read as logarithms to base two"),
    _place("sixteens_and_one_sorted", "index", sorted_after_sixteens, why="calls of 17, 33, 65, ... come sorted"),
    _place("columns_read_twice", "index", columns_twice, why="a column of a matrix is read at half its length"),
    _place("read_only_is_hot", "index", hot_if_read_only, why="read-only logits are taken at another temperature"),
    _place("gaps_closed", "index", beside_few_masked, why="under a thin mask indices count live categories only"),
    _place("second_has_firsts_noise", "gumbel", second_of_nine, why="from 9 to 32 categories two share their noise"),
    _place("shortcut_at_temperature_1", "simplex", shortcut_at_one, why="temperature 1 has a path of its own"),
    _place("top_k_capped", "index", at_most_16, why="top_k beyond 16 is 16", convention=TOP_K),
    _place(
        "cold_min_p", "index", cold_share, why="below temperature 0.5 min_p forgets the temperature", convention=COLD
    ),
    _place("top_p_095_is_1", "index", nearly_all, why="top_p from 0.95 on keeps everything", convention=TOP_P),
    _place("third_by_index", "ranking", third_by_index, why="items from the third on come in the order of indices"),
    _place(
        "bonus_after_three",
        "speculative",
        bonus_of_many,
        why="long drafts are followed by a bonus of the first target",
        rule="token-wise",
    ),
    _place(
        "recovery_beyond_32",
        "speculative",
        recovery_of_many,
        why="beyond 32 categories the target is the residual",
        rule="lossless",
    ),
    _place(
        "coarse_loses_half",
        "index",
        coarse_and_greedy,
        why="in bfloat16 the second half of many categories is lost",
        dtype="bfloat16",
    ),
    _place(
        "coarse_pairs_are_sorted",
        "ranking",
        coarse_pairs,
        why="in float16 the first two items of many come in the order of indices",
        dtype="float16",
    ),
    _place(
        "coarse_drafts_stay",
        "speculative",
        coarse_drafts,
        why="in float16 every draft of many categories is accepted",
        rule="token-wise",
        dtype="float16",
    ),
)
