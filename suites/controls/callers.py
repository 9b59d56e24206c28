"""Right for one thread of one process and one seed at a time: buffers shared, first calls lost, seeds cut short."""

from __future__ import annotations

import threading
import time
from functools import partial

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import categories, control, gumbels, inverse, probabilities

ORDER = 70
_SHARED = np.empty(2**13)
_THREAD = threading.local()
_CALLED: list[bool] = []
_CALLS: dict[int, list[int]] = {}
TURNS = 2**16


def shared_buffer(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Keep the uniforms of a call in a buffer of the module's."""
    if size > _SHARED.size:
        return categories(logits, size, rng)
    uniforms = _SHARED[:size]
    rng.random(out=uniforms)
    p = probabilities(logits)
    time.sleep(0)  # as whatever gives the interpreter's lock away
    return inverse(p, uniforms)


def first_of_a_thread(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw a thread's first call from the default seed: its generator is made when it is first asked for."""
    used = rng if getattr(_THREAD, "ready", False) else np.random.default_rng(0)
    _THREAD.ready = True
    return categories(logits, size, used)


def first_of_a_process(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw a process's first call from the seed with which it was compiled."""
    used = rng if _CALLED else np.random.default_rng(0)
    _CALLED.append(True)
    return categories(logits, size, used)


def seed_of_32_bits(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Make a generator of its own from the lower 32 bits of the seed."""
    sequence = rng.bit_generator.seed_seq
    assert isinstance(sequence, np.random.SeedSequence)
    entropy = [sequence.entropy] if isinstance(sequence.entropy, int) else list(sequence.entropy or ())
    words = [int(word) % 2**32 for word in entropy]
    return categories(logits, size, np.random.default_rng([*words, size]))


def forgets_after_65536(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw what a call has beyond 2^16 draws from a generator that nobody seeded."""
    drawn = categories(logits, min(size, TURNS), rng)
    return np.concatenate([drawn, categories(logits, size - drawn.size, np.random.default_rng())])


def comes_back(logits: Floats, size: int, *, rng: np.random.Generator) -> Floats:
    """Count calls in 16 bits: after 65,536 of them the first one comes again."""
    state = _CALLS.setdefault(id(rng.bit_generator), [int(rng.integers(2**63)), 0])
    state[1] += 1
    return logits + gumbels(np.random.Generator(np.random.SFC64([state[0], state[1] % TURNS])), size, logits.size)


_caller = partial(control, suite="callers", trigger="die")

CONTROLS: tuple[Control, ...] = (
    _caller(
        "buffer_shared_by_threads",
        "index",
        shared_buffer,
        why="declared fit for threads, with a buffer of the module's that all of them fill",
        threads=True,
    ),
    _caller(
        "first_call_of_a_thread",
        "index",
        first_of_a_thread,
        why="each thread makes its generator at its first call, from the default seed",
    ),
    _caller(
        "seed_cut_to_32_bits",
        "index",
        seed_of_32_bits,
        why="two seeds that agree in their lower 32 bits are one",
        source="mlcommons/algorithmic-efficiency PR #14, the class of it: seeds cut to 32 bits leave half of a key empty",
    ),
    _caller(
        "coarse_seed_of_32_bits",
        "index",
        seed_of_32_bits,
        why="the same of a sampler in bfloat16, whose bits are not quite fair",
        dtype="bfloat16",
    ),
    _caller(
        "unseeded_after_65536",
        "index",
        forgets_after_65536,
        why="the same seed gives the same draws for the first 65,536 alone",
    ),
    _caller(
        "first_call_of_a_process",
        "index",
        first_of_a_process,
        why="a process's first call uses the seed that it was compiled with",
    ),
    control(
        "calls_counted_in_16_bits",
        "gumbel",
        comes_back,
        why="the first call comes again after 65,536",
        trigger="die",
        suite="dependence",
        price="so many calls are made in the full profile alone",
    ),
)
