"""Greedy draws that are drawn, and masks that come off."""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Floats, Indices
from harness.laws import Convention
from harness.questions.content import Control
from suites.controls.making import control, inverse, probabilities
from suites.controls.stages import Settings, chain, drawing, kth, nucleus, only, share, tempered
from suites.controls.truncation import ties_kept

EXACTLY_K = Convention(("temperature", "top_k", "top_p", "min_p"), top_k_ties="order", top_p_ties="any")


def _sampled(logits: Floats, s: Settings) -> Floats:
    return chain(tempered(logits, s.temperature or 1.0), (kth, s.top_k), (nucleus, s.top_p), (share, s.min_p))


def _floored(logits: Floats, s: Settings) -> Floats:
    cold = s.temperature if s.temperature is None else max(s.temperature, 0.01)
    return chain(tempered(logits, cold), (kth, s.top_k), (nucleus, s.top_p), (share, s.min_p))


def _rounded(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float | None) -> Indices:
    """The argmax of logits in half precision: near ones become equal, and the first of them wins."""
    if temperature == 0:
        return np.full(size, int(np.argmax(np.round(logits, 1))))
    return inverse(tempered(logits, temperature), rng.random(size))


def _finite_mask(
    logits: Floats, size: int, *, rng: np.random.Generator, temperature: float | None, top_p: float | None
) -> Indices:
    """A mask of the largest logit minus 20 is divided by the temperature, too."""
    made = tempered(np.maximum(logits, logits.max() - 20), temperature)
    return inverse(only(made, nucleus(made, top_p)), rng.random(size))


def _smoothed(logits: Floats, size: int, *, rng: np.random.Generator, top_k: int | None) -> Indices:
    """Probabilities get an epsilon before the k largest are taken, so that masked categories fill places."""
    p = probabilities(logits) + 1e-3
    return inverse(only(p, kth(p, top_k)), rng.random(size))


def _late_mask(logits: Floats, size: int, *, rng: np.random.Generator, top_p: float | None) -> Indices:
    """The last row of a call is drawn without the mask."""
    p = tempered(logits, None)
    made = inverse(only(p, nucleus(p, top_p)), rng.random(size))
    masked = np.flatnonzero(np.isneginf(logits))
    if masked.size:
        made[-1] = masked[-1]
    return made


greedy = partial(control, emits="index", trigger="greedy", suite="chi_square", convention=EXACTLY_K)
mask = partial(control, emits="index", suite="support", convention="vllm")

CONTROLS: tuple[Control, ...] = (
    greedy(
        "greedy_row_is_sampled",
        draw=drawing(_sampled),
        why="a greedy row is drawn at temperature 1, as its neighbours in the batch are",
        source="FlashML-org/FreeToken #471",
    ),
    greedy(
        "greedy_floored",
        draw=drawing(_floored),
        why="temperature 0 is taken for a small one, at which near logits are still drawn",
        source="Lightning-AI/litgpt #2239",
        trigger="greedy-near",
    ),
    greedy(
        "greedy_top_k_of_ties",
        draw=ties_kept,
        why="top_k = 1 draws among the likeliest that tie",
        source="vllm-project/vllm #41598 (issue #5404)",
        trigger="tie-at-1",
        suite="thresholds",
    ),
    greedy(
        "greedy_of_rounded_logits",
        draw=_rounded,
        why="the argmax of logits that were rounded first",
        trigger="greedy-near",
        convention=None,
    ),
    mask(
        "mask_is_finite",
        draw=_finite_mask,
        why="a mask that is a large number, not minus infinity, is divided by the temperature",
        source="vllm-project/vllm #36138, the class of it",
        trigger="masked-hot",
    ),
    mask(
        "mask_smoothed",
        draw=_smoothed,
        why="an epsilon is added to all probabilities before the k largest are taken",
        trigger="masked-top-k",
    ),
    mask(
        "mask_stale",
        draw=_late_mask,
        why="one row of a call is drawn without the mask that was handed over",
        source="vllm-project/vllm #54437",
        trigger="masked-top-p",
    ),
)
