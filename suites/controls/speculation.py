"""Speculative steps with a wrong acceptance, a wrong residual, a wrong bonus, or noise that is used twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from harness.arrays import Bools, Floats, Indices, Ints
from harness.questions.content import Control
from suites.controls.making import control, inverse, softmax

Accept = Callable[[Floats, Floats, Floats], Bools]
"""``accept(u, p_x, q_x)`` tells which drafts stay, by a uniform and the two probabilities of each."""
Residual = Callable[[Floats, Floats], Floats]
"""``residual(p, q)`` returns the (K,) weights to recover from."""


def ratio(u: Floats, p: Floats, q: Floats) -> Bools:
    """Accept rightly."""
    return u * q < p


def left(p: Floats, q: Floats) -> Floats:
    """Return the right residual, or the target where nothing is left."""
    rest = np.maximum(p - q, 0.0)
    return rest if rest.sum() > 1e-12 else p


def step(
    drafts: Ints,
    draft_logits: Floats,
    target_logits: Floats,
    *,
    rng: np.random.Generator,
    accept: Accept = ratio,
    residual: Residual = left,
    bonus: int = -1,
    again: bool = False,
    believed: Callable[[Floats], Floats] = softmax,
    single: bool = False,
) -> Indices:
    """Verify token by token; ``again`` uses the last coin once more, ``believed`` makes q of the draft's logits,
    and ``single`` draws coins of 24 bits."""
    p, q = softmax(target_logits), believed(draft_logits)
    size, g = drafts.shape
    made, going = np.full((size, g + 1), -1), np.ones(size, bool)
    coin = np.zeros(size)
    for i, x in enumerate(drafts.T):
        coin[going] = rng.random(int(going.sum()), dtype=np.float32 if single else np.float64)
        kept = going & accept(coin, p[i, x], q[i, x])
        made[kept, i] = x[kept]
        stopped = going & ~kept
        fresh = coin[stopped] if again else rng.random(int(stopped.sum()))
        made[stopped, i] = inverse(residual(p[i], q[i]), fresh)
        going = kept
    fresh = coin[going] if again else rng.random(int(going.sum()))
    made[going, g] = inverse(p[bonus], fresh)
    return made


def _other_draft(table: Floats) -> Floats:
    """Return the probabilities at another temperature than that of the drafts."""
    return softmax(table / 1.5)


def _few_bits(table: Floats) -> Floats:
    """Return probabilities with three bits of mantissa."""
    fraction, exponent = np.frexp(softmax(table))
    rounded: Floats = np.ldexp(np.round(fraction * 8) / 8, exponent)
    return rounded


def _coarse_coin(u: Floats, p: Floats, q: Floats) -> Bools:
    """Accept where the coin, of 8 bits, is at most the ratio: 0 is at most 0."""
    return np.floor(u * 256) / 256 * q <= p


def _at_most(u: Floats, p: Floats, q: Floats) -> Bools:
    return u * q <= p


def _inverted(u: Floats, p: Floats, q: Floats) -> Bools:
    return u * p < q


def _always(u: Floats, p: Floats, q: Floats) -> Bools:
    return p > 0


def _target(p: Floats, q: Floats) -> Floats:
    return p


def _softmaxed(p: Floats, q: Floats) -> Floats:
    return np.where(p > 0, softmax(left(p, q)), 0.0)


def _absolute(p: Floats, q: Floats) -> Floats:
    rest = np.where(p > 0, np.abs(p - q), 0.0)
    return rest if rest.sum() > 1e-12 else p


def _halved(p: Floats, q: Floats) -> Floats:
    """The residual of block verification, p weighed by what was accepted before, after token-wise acceptance."""
    return left(p, q * 0.5)


def _mixed_rows(drafts: Ints, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Indices:
    """Above two rows, accepted tokens are read from the row before."""
    made = step(drafts, draft_logits, target_logits, rng=rng)
    if len(drafts) > 2:
        accepted = made[:, 1:] >= 0
        made[:, :-1] = np.where(accepted, np.roll(drafts, 1, axis=0), made[:, :-1])
    return made


def _no_bonus(drafts: Ints, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Indices:
    """An accepted last draft ends the step."""
    made = step(drafts, draft_logits, target_logits, rng=rng)
    made[:, -1] = -1
    return made


def _stream(drafts: Ints, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Indices:
    """Emit the draft, and not the target's own draw, where they differ by one: 'near enough' under equality matching."""
    p = softmax(target_logits)
    own = np.stack([inverse(row, rng.random(len(drafts))) for row in p], axis=1)
    near = np.abs(own[:, :-1] - drafts) <= 1
    own[:, :-1] = np.where(near, drafts, own[:, :-1])
    going = np.column_stack([np.ones(len(drafts), bool), np.cumprod(near, axis=1).astype(bool)])
    return np.where(going, own, -1)


wrong = partial(control, emits="speculative", trigger="spec-2", suite="chi_square", rule="token-wise")

CONTROLS: tuple[Control, ...] = (
    wrong(
        "spec_other_draft_probabilities",
        draw=partial(step, believed=_other_draft),
        why="the draft's probabilities that are reported are not those that it drew from",
        source="huggingface/transformers #47932, #48007",
        trigger="spec-equal",
    ),
    wrong(
        "spec_draft_in_few_bits",
        draw=partial(step, believed=_few_bits),
        why="the draft is drawn in one precision and accepted in another",
        source="deepseek-ai/DeepSpec #31",
    ),
    wrong(
        "spec_block_residual",
        draw=partial(step, residual=_halved),
        why="token-wise acceptance with the residual of block verification",
        source="vllm-project/vllm-ascend #7807, #7808",
        rule="lossless",
    ),
    wrong(
        "spec_noise_reused",
        draw=partial(step, again=True),
        why="the coin of acceptance also draws the recovered token and the bonus",
        source="vllm-project/vllm #47386",
    ),
    wrong(
        "spec_zero_accepted",
        draw=partial(step, accept=_coarse_coin),
        why="a coin of exactly 0 accepts a draft that the target cannot draw",
        source="sgl-project/sglang #35771, #35798",
        trigger="spec-target-zeros",
        suite="support",
    ),
    wrong(
        "spec_zero_accepted_once_in_2_24",
        draw=partial(step, accept=_at_most, single=True),
        why="a coin of 24 bits that is exactly 0 accepts a draft that the target cannot draw",
        source="sgl-project/sglang #35771, #35798",
        trigger="spec-target-zeros",
        suite="endpoints",
    ),
    wrong(
        "spec_rows_mixed",
        draw=_mixed_rows,
        why="accepted tokens come from another sequence of the batch",
        source="1CatAI/1Cat-vLLM #656",
        suite="support",
    ),
    wrong("spec_ratio_inverted", draw=partial(step, accept=_inverted), why="the ratio is upside down"),
    wrong(
        "spec_always_accepted",
        draw=partial(step, accept=_always),
        why="all drafts that the target can draw stay",
    ),
    wrong(
        "spec_recovers_from_target",
        draw=partial(step, residual=_target),
        why="after a rejection the target is drawn from, and not the residual",
        rule="lossless",
    ),
    wrong(
        "spec_row_residual_softmaxed",
        draw=partial(step, residual=_softmaxed),
        why="the residual goes through softmax",
        source="huggingface/transformers PR #28508",
        rule="lossless",
    ),
    wrong(
        "spec_residual_absolute",
        draw=partial(step, residual=_absolute),
        why="the residual is |p - q|",
    ),
    wrong(
        "spec_bonus_of_last_draft",
        draw=partial(step, bonus=-2),
        why="the bonus comes from the target of the last draft",
    ),
    wrong(
        "spec_no_bonus",
        draw=_no_bonus,
        why="where all drafts are accepted, no bonus follows",
        trigger="spec-equal",
    ),
    wrong(
        "spec_near_is_equal",
        draw=_stream,
        why="a draft next to the target's draw is committed in its place",
        rule="lossless",
    ),
)
