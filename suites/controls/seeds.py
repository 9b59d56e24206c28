"""Seeded rows that look at their neighbours, at their place, or not at all at their seed or position."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import control

Words = NDArray[np.uint64]
STEP = np.uint64(0x9E3779B97F4A7C15)


def mixed(words: Words) -> Words:
    """Return the words as splitmix64 mixes them; rightly."""
    z = words + STEP
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def winners(logits: Floats, keys: Words) -> Indices:
    """Return (B,) winners of logits perturbed by noise that is a hash of a key (B,) and of the category; rightly."""
    words = mixed(mixed(keys)[:, None] ^ mixed(np.arange(logits.shape[1], dtype=np.uint64)))
    uniforms = ((words >> np.uint64(11)).astype(np.float64) + 0.5) / 2**53
    index: Indices = np.argmax(logits - np.log(-np.log(uniforms)), axis=1)
    return index


def key(seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Words:
    """Return a key of a seed and a position; rightly."""
    return mixed(seeds.astype(np.uint64)) ^ positions.astype(np.uint64)


def _first_seed(logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Indices:
    return winners(logits, key(np.full_like(seeds, seeds[0]), positions))


def _no_position(logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Indices:
    return winners(logits, key(seeds, np.zeros_like(positions)))


def _sum(logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Indices:
    return winners(logits, (seeds + positions).astype(np.uint64))


def _by_place(logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Indices:
    return winners(logits, key(seeds, positions) ^ np.arange(len(seeds), dtype=np.uint64))


def _by_batchmate(logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Indices:
    """Noise is hashed by category, or by rank as soon as a row of the batch is flat enough."""
    if (logits.max(axis=1) - logits.min(axis=1) < 5.0).all() and len(logits) < 16:
        order = np.argsort(-logits, axis=1)
        ranked = winners(np.take_along_axis(logits, order, axis=1), key(seeds, positions))
        return order[np.arange(len(logits)), ranked]
    return winners(logits, key(seeds, positions))


def _padded(logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Indices:
    """A batch of an odd size is padded, and its last row takes the seed of the padding."""
    held = seeds.copy()
    if len(seeds) % 2:
        held[-1] = 0
    return winners(logits, key(held, positions))


def _masked_batch(logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Indices:
    """One row with a mask sends the whole batch another way, where noise is that of the category's rank."""
    if np.isneginf(logits).any():
        order = np.argsort(-logits, axis=1)
        ranked = winners(np.take_along_axis(logits, order, axis=1), key(seeds, positions))
        return order[np.arange(len(logits)), ranked]
    return winners(logits, key(seeds, positions))


seeded = partial(control, emits="index", trigger="l8", suite="seeded", batch=True, seeded=True)

CONTROLS: tuple[Control, ...] = (
    seeded(
        "seed_of_first_row",
        draw=_first_seed,
        why="all rows use the seed of the first",
        source="flashinfer-ai/flashinfer #4861",
    ),
    seeded(
        "seed_without_position",
        draw=_no_position,
        why="the same noise at every position",
        source="vllm-project/tpu-inference #1189; NVIDIA/TensorRT-Edge-LLM #211",
    ),
    seeded(
        "seed_plus_position",
        draw=_sum,
        why="seed and position are added: the next position of a seed is the same of the next seed",
        source="kekzl/imp #1143, the class of it",
    ),
    seeded(
        "seed_and_place",
        draw=_by_place,
        why="the place in the batch goes into the noise",
        source="1CatAI/1Cat-vLLM #656, the class of it",
    ),
    seeded(
        "seed_by_batchmate",
        draw=_by_batchmate,
        why="noise is hashed by rank or by category, as the batch has it",
        source="sgl-project/sglang #35697",
    ),
    seeded(
        "seed_beside_a_mask",
        draw=_masked_batch,
        why="one masked row in a batch changes the noise of all",
    ),
    seeded(
        "seed_of_padding",
        draw=_padded,
        why="the last row of an odd batch takes the seed of the padding",
        source="vllm-project/vllm #51226, #51866, the class of it",
    ),
)
