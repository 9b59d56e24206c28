"""Uniforms and exponentials that reach an end of their interval: once in 2^24 words, a draw that cannot be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from harness.questions.precision import rounded
from suites.controls.making import control, probabilities, softmax, tally, winner

ORDER = 10
WORD = 2.0**24
"""Values of a float32 uniform."""


def cdf_left(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Search the CDF as if u were in (0, 1]: u = 0 gives category 0."""
    cdf = np.cumsum(probabilities(logits))
    u = rng.random(size, dtype=np.float32).astype(np.float64)
    index: Indices = np.minimum(np.searchsorted(cdf, u, side="left"), np.flatnonzero(logits > -np.inf)[-1])
    return index


def cdf_left_law(logits: Floats) -> Floats:
    """Count the grid values k 2^-24 that land on each category."""
    upto = np.floor(np.cumsum(probabilities(logits)) * WORD) + 1
    upto[-1] = WORD
    law: Floats = np.diff(np.minimum(upto, WORD), prepend=0.0) / WORD
    return law


def race_with_zeros(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Divide by exponentials that may be 0: 0 / 0 is NaN, which argmax returns."""
    p = probabilities(logits).astype(np.float32)
    with np.errstate(all="ignore"):
        return winner(p / rng.standard_exponential((size, p.size), dtype=np.float32))


def half_uniform(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Round the uniform to bfloat16: it may be 1, and the clamp returns the last category."""
    return _clamped(logits, rng.random(size, dtype=np.float32))


def half_uniform_law(logits: Floats) -> Floats:
    """Try all 2^24 uniforms."""
    every = np.arange(2**24, dtype=np.float32) / np.float32(WORD)
    return tally(_clamped(logits, every), logits.size) / WORD


def _clamped(logits: Floats, u: NDArray[np.float32]) -> Indices:
    found = np.searchsorted(np.cumsum(probabilities(logits)), rounded(u.astype(np.float64), "bfloat16"), side="right")
    return np.minimum(found, logits.size - 1)


def one_past_the_end(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Search without a clamp in a CDF of float32, with a uniform in (0, 1] that may exceed its last entry."""
    cdf = np.cumsum(probabilities(logits))
    return np.searchsorted(cdf, 1.0 - rng.random(size, dtype=np.float32), side="right")


def softmax_of_infinity(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Take -log of an exponential that may be 0: the softmax of infinity is NaN."""
    with np.errstate(all="ignore"):
        noise = -np.log(rng.standard_exponential((size, logits.size), dtype=np.float32).astype(np.float64))
        return softmax((logits + noise) / temperature)


def infinite_noise(logits: Floats, size: int, *, rng: np.random.Generator) -> Floats:
    """Take -log(-log u) of a float32 uniform that may be 0."""
    with np.errstate(all="ignore"):
        return logits - np.log(-np.log(rng.random((size, logits.size), dtype=np.float32).astype(np.float64)))


CONTROLS: tuple[Control, ...] = (
    control(
        "cdf_left_u_zero",
        "index",
        cdf_left,
        why="u = 0 satisfies cdf[0] >= u, so that category 0 is returned even if it is impossible",
        source="pytorch/pytorch PR #9960; NVIDIA/Megatron-Energon PR #260; Unleash/yggdrasil #317",
        trigger="masked-first",
        suite="endpoints",
        law=cdf_left_law,
    ),
    control(
        "exp_race_zero_noise",
        "index",
        race_with_zeros,
        why="an exponential of exactly 0 makes 0 / 0 = NaN of an impossible category, which argmax returns",
        source="pytorch/pytorch #48841, #192577",
        trigger="masked-interleaved",
        suite="endpoints",
    ),
    control(
        "half_uniform_reaches_one",
        "index",
        half_uniform,
        why="a uniform rounded to bfloat16 is 1 once in 512, and the clamp returns the last category",
        source="pytorch/pytorch #96947, #197079, #2740",
        trigger="masked-last",
        suite="support",
        law=half_uniform_law,
    ),
    control(
        "uniform_in_left_open_interval",
        "index",
        one_past_the_end,
        why="a uniform of exactly 1 runs off the end of the CDF",
        trigger="l8",
        suite="endpoints",
    ),
    control(
        "gumbel_softmax_nan",
        "simplex",
        softmax_of_infinity,
        why="-log of an exact 0 is infinity, whose softmax is NaN",
        source="pytorch/pytorch #22442, #22586, #101620",
        trigger="three@1",
        suite="endpoints",
    ),
    control(
        "gumbel_of_uniform_zero",
        "gumbel",
        infinite_noise,
        why="a float32 uniform of exactly 0 makes noise of minus infinity",
        trigger="l8",
        suite="endpoints",
    ),
)
