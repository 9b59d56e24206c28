"""Too few bits: in the uniform, the noise, the probabilities, the logits or the index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from harness.questions.precision import rounded
from suites.controls.making import categories, control, inverse, probabilities, tally, winner

ORDER = 20


def _words(rng: np.random.Generator, *shape: int) -> NDArray[np.uint32]:
    return rng.integers(0, 2**32, shape, dtype=np.uint32)


def spiked(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Use a float32 uniform that may be 1: with 1e-20 added inside, its noise is 46."""
    u = (_words(rng, size, logits.size).astype(np.float32) + np.float32(1)) * np.float32(2.0**-32)
    tiny = np.float32(1e-20)
    return winner(logits.astype(np.float32) - np.log(-np.log(u + tiny) + tiny))


def spiked_law(logits: Floats) -> Floats:
    """Give the draws with a spike, 2^-25 a category, to a random category (for gaps below 30 nats)."""
    rate = -np.expm1(logits.size * np.log1p(-(2.0**-25)))
    law: Floats = (1 - rate) * probabilities(logits) + rate / logits.size
    return law


def bits_23(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Use a uniform of 23 bits: no noise exceeds 15.94."""
    u = (_words(rng, size, logits.size) >> np.uint32(9)).astype(np.float32) * np.float32(2.0**-23)
    np.maximum(u, np.float32(1e-38), out=u)
    return winner(logits.astype(np.float32) - np.log(-np.log(u)))


def floored_race(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Use float32 exponentials of at least 2^-24: no category 19.5 nats down can win."""
    u = rng.random((size, logits.size), dtype=np.float32)
    noise = np.maximum(-np.log1p(-u), np.float32(2.0**-24))
    return winner(probabilities(logits).astype(np.float32) / noise)


def _coarse_noise() -> Floats:
    u = (np.arange(128) + 0.5) / 128
    return rounded(-np.log(-np.log(u)), "bfloat16")


def coarse(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Use noise of 128 values and scores in bfloat16: ties go to the lowest index."""
    noise = _coarse_noise()[_words(rng, size, logits.size) >> np.uint32(25)]
    return winner(rounded(logits + noise, "bfloat16"))


def coarse_law(logits: Floats) -> Floats:
    """Sum over the values of the winning score: those before must be below it, those after at most as large."""
    scores = np.sort(rounded(logits[:, None] + _coarse_noise(), "bfloat16"), axis=1)
    found = np.zeros(logits.size)
    for k, own in enumerate(scores):
        below = np.stack([np.searchsorted(other, own, side="left") for other in scores[:k]]) if k else np.ones((0, 128))
        upto = [np.searchsorted(other, own, side="right") for other in scores[k + 1 :]]
        chances = np.concatenate([below, np.reshape(upto, (-1, 128))]) / 128
        found[k] = chances.prod(axis=0).mean()
    return found


def overflowing(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Take exp of the logits as they are, in float32: the running sum is infinite or 0."""
    with np.errstate(all="ignore"):
        total = np.cumsum(np.exp(logits.astype(np.float32)), dtype=np.float32)
        index: Indices = np.searchsorted(total, rng.random(size, dtype=np.float32) * total[-1], side="right")
    return index


def leftover(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Walk probabilities in bfloat16 that do not sum to 1: the last category gets what is missing."""
    total = np.cumsum(rounded(probabilities(logits), "bfloat16"))
    return np.minimum(np.searchsorted(total, rng.random(size), side="right"), logits.size - 1)


def leftover_law(logits: Floats) -> Floats:
    """Return the rounded probabilities, cut at 1, with what is missing at the end."""
    total = np.minimum(np.cumsum(rounded(probabilities(logits), "bfloat16")), 1.0)
    total[-1] = 1.0
    return np.diff(total, prepend=0.0)


def rounded_index(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Return the index in bfloat16, which is exact up to 256."""
    return rounded(categories(logits, size, rng).astype(np.float64), "bfloat16").astype(np.intp)


def rounded_index_law(logits: Floats) -> Floats:
    """Move each probability to its rounded index; one past the end is lost."""
    to = rounded(np.arange(logits.size, dtype=np.float64), "bfloat16").astype(np.intp)
    return tally(to, logits.size, probabilities(logits))


def wrapped_index(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Return the index in 16 bits."""
    return categories(logits, size, rng).astype(np.uint16).astype(np.intp)


def wrapped_index_law(logits: Floats) -> Floats:
    """Move each probability to its index modulo 2^16."""
    return tally(np.arange(logits.size) % 2**16, logits.size, probabilities(logits))


def modulo(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw equal categories as a byte modulo K."""
    if logits.size > 256 or np.ptp(logits) != 0:
        return categories(logits, size, rng)
    return (_words(rng, size) >> np.uint32(24)).astype(np.intp) % logits.size


def modulo_law(logits: Floats) -> Floats:
    """Count the bytes that land on each category."""
    if logits.size > 256 or np.ptp(logits) != 0:
        return probabilities(logits)
    return tally(np.arange(256) % logits.size, logits.size) / 256


def coarse_logits(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Round the logits to bfloat16 before their maximum is taken off."""
    return inverse(coarse_logits_law(logits), rng.random(size))


def coarse_logits_law(logits: Floats) -> Floats:
    """Return the softmax of the rounded logits."""
    return probabilities(rounded(logits, "bfloat16"))


CONTROLS: tuple[Control, ...] = (
    control(
        "gumbel_eps_spike",
        "index",
        spiked,
        why="a uniform of exactly 1 makes noise of 46, and a random category wins",
        source="flashinfer-ai/flashinfer PR #2438",
        trigger="abyss",
        suite="endpoints",
        law=spiked_law,
    ),
    control(
        "gumbel_uniform_23bit",
        "index",
        bits_23,
        why="noise of 23 bits ends at 15.94: what lies 16 nats down is drawn too rarely",
        source="jax.random.gumbel mode='low', jax PR #26974; Zheng et al. 2024, arXiv 2409.02908",
        trigger="tail-17.5",
        suite="tail",
    ),
    control(
        "exp_race_fp32_floor",
        "index",
        floored_race,
        why="exponentials of at least 2^-24 let nothing 19.5 nats down win",
        source="vllm-project/vllm PR #43150, PR #51367",
        trigger="tail-19",
        suite="tail",
        price="7.5e9 noise values at a gap of 19 nats (75,000 draws of 1e5 categories): the full profile draws them",
    ),
    control(
        "gumbel_in_bfloat16",
        "index",
        coarse,
        why="128 values of noise tie, and ties go to the lowest index",
        source="jax-ml/jax #30879; huggingface/candle PR #2928; pytorch/pytorch #41663; tenstorrent/tt-metal PR #50687",
        trigger="flat-100",
        suite="chi_square",
        law=coarse_law,
    ),
    control(
        "exp_without_max_subtraction",
        "index",
        overflowing,
        why="float32 exp overflows above 88 and vanishes below -104",
        source="tensorflow/tensorflow #2774",
        trigger="shift-1e3",
        suite="support",
    ),
    control(
        "leftover_mass_to_last",
        "index",
        leftover,
        why="probabilities in bfloat16 fall short of 1, and the last category gets the rest",
        source="InternLM/lmdeploy PR #1239; numpy/numpy #14789",
        trigger="flat-2041",
        suite="chi_square",
        law=leftover_law,
    ),
    control(
        "index_in_bfloat16",
        "index",
        rounded_index,
        why="an index in bfloat16 is exact up to 256 only",
        source="tenstorrent/tt-metal #8662, #4787, PR #36823; RosettaCommons/foundry PR #236",
        trigger="flat-512",
        suite="chi_square",
        law=rounded_index_law,
    ),
    control(
        "index_in_16_bits",
        "index",
        wrapped_index,
        why="an index of 16 bits starts again at 65536",
        source="after tenstorrent/tt-metal PR #36823",
        trigger="tail-12",
        suite="chi_square",
        law=wrapped_index_law,
    ),
    control(
        "modulo_bias_column",
        "index",
        modulo,
        why="a byte modulo 100 favours the first 56 categories",
        source="jax-ml/jax #27702; pytorch/pytorch #148175",
        trigger="flat-100",
        suite="chi_square",
        law=modulo_law,
    ),
    control(
        "logits_in_bfloat16",
        "index",
        coarse_logits,
        why="logits of a thousand have steps of four in bfloat16",
        trigger="shift-1e3",
        suite="chi_square",
        law=coarse_logits_law,
    ),
)
