"""Draws that are right one by one and wrong together: across calls, positions, and runs of the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import categories, control, inverse, probabilities

ORDER = 60
OVERLAP = 4
"""One part in four of a call is drawn again by the next."""
STICK = 0.05


def never_advances(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Put the generator back to where the call began."""
    state = rng.bit_generator.state
    drawn = categories(logits, size, rng)
    rng.bit_generator.state = state
    return drawn


def overlapping(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Advance the generator by less than the call consumed: the next call starts with this one's tail."""
    tail = size // OVERLAP
    head = rng.random(size - tail)
    state = rng.bit_generator.state
    u = np.concatenate([head, rng.random(tail)])
    if tail:
        rng.bit_generator.state = state
    return inverse(probabilities(logits), u)


def zero_first(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Return category 0 (or the first that is possible) at the first position of a call."""
    drawn = categories(logits, size, rng)
    drawn[:1] = np.flatnonzero(logits > -np.inf)[0]
    return drawn


_SEED: list[int] = []


def seed_of_the_first(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw from the seed of the first request of this process: what a request gets depends on those before it."""
    own = int(rng.integers(2**63))
    if not _SEED:
        _SEED.append(own)
    _SEED[0] += 1
    return categories(logits, size, np.random.default_rng(_SEED[0]))


def fixed_seed(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Make a generator of its own in every call."""
    return categories(logits, size, np.random.default_rng(0))


def sticky_by_two(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Repeat the draw before last with probability 0.05, as two interleaved streams do."""
    return np.stack([sticky(logits, -(-size // 2), rng=rng) for _ in range(2)], axis=1).ravel()[:size]


def sticky(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Repeat the draw before with probability 0.05."""
    drawn = categories(logits, size, rng)
    fresh = rng.random(size) >= STICK
    fresh[:1] = True
    kept: Indices = drawn[np.maximum.accumulate(np.where(fresh, np.arange(size), 0))]
    return kept


def systematic(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw one uniform from each of ``size`` equal intervals, in random order: counts hardly vary."""
    u: NDArray[np.float64] = (np.arange(size) + rng.random(size)) / max(size, 1)
    return inverse(probabilities(logits), rng.permutation(u))


def antithetic(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Use every uniform twice, as u and 1 - u, half a call apart."""
    u = rng.random(-(-size // 2))
    return inverse(probabilities(logits), np.concatenate([u, 1 - u])[:size])


def periodic(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw 127 uniforms and repeat them, in calls of more."""
    return inverse(probabilities(logits), np.resize(rng.random(min(size, 127)), size))


CONTROLS: tuple[Control, ...] = (
    control(
        "rng_never_advances",
        "index",
        never_advances,
        why="the key is captured when the call is traced, and every call draws the same",
        source="sgl-project/sglang-jax PR #940; vllm-project/tpu-inference PR #1189; NVIDIA/Megatron-LM PR #5697",
        trigger="die",
        suite="calls",
        law=probabilities,
    ),
    control(
        "philox_offset_overlap",
        "index",
        overlapping,
        why="the offset is advanced by less than was consumed: the head of a call repeats the tail of the last",
        source="pytorch/pytorch #125224, PR #126066",
        trigger="die",
        suite="calls",
        law=probabilities,
    ),
    control(
        "first_draw_of_call_is_zero",
        "index",
        zero_first,
        why="the first draw of every call is category 0",
        source="tensorflow/tfjs #8057",
        trigger="die",
        suite="calls",
    ),
    control(
        "seed_ignored_unless_row_zero",
        "index",
        seed_of_the_first,
        why="only the first request's seed is read: a request's draws depend on its place among the others",
        source="flashinfer-ai/flashinfer PR #4861; vllm-project/vllm #51226",
        trigger="l8",
        suite="metamorphic",
        law=probabilities,
    ),
    control(
        "generator_ignored",
        "index",
        fixed_seed,
        why="a generator with a fixed seed is made in every call",
        trigger="l8",
        suite="metamorphic",
        law=probabilities,
    ),
    control(
        "sticky_draws",
        "index",
        sticky,
        why="one draw in twenty repeats the one before it",
        trigger="die",
        suite="independence",
        law=probabilities,
    ),
    control(
        "sticky_by_two",
        "index",
        sticky_by_two,
        why="one draw in twenty repeats the one before last",
        trigger="die",
        suite="independence",
        law=probabilities,
    ),
    control(
        "systematic_draws",
        "index",
        systematic,
        why="stratified uniforms make counts that fit too well",
        trigger="die",
        suite="calls",
        law=probabilities,
    ),
    control(
        "antithetic_draws",
        "index",
        antithetic,
        why="every uniform is used twice, as u and 1 - u",
        trigger="die",
        suite="calls",
        law=probabilities,
    ),
    control(
        "period_of_127",
        "index",
        periodic,
        why="a call repeats itself after 127 draws",
        trigger="die",
        suite="calls",
        law=probabilities,
    ),
)
