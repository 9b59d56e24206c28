"""Batches whose rows share uniforms, or logits that are not their own."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import control, inverse, probabilities

ORDER = 50


def one_for_all_rows(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Give one uniform of a step to all rows."""
    u = rng.random(size)
    return np.stack([inverse(probabilities(row), u) for row in logits], axis=1)


def diagonal_rows(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Give the uniform of a row to the next row of the next step, as a stride of one too few does."""
    rows = len(logits)
    u = rng.random(size + rows - 1)
    return np.stack([inverse(probabilities(row), u[rows - 1 - b :][:size]) for b, row in enumerate(logits)], axis=1)


def antidiagonal_rows(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Give the uniform of a row to the row before it in the next step."""
    rows = len(logits)
    u = rng.random(size + rows - 1)
    return np.stack([inverse(probabilities(row), u[b:][:size]) for b, row in enumerate(logits)], axis=1)


def rows_of_the_step_before(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Use the uniforms of every other step again in the next one."""
    u = np.repeat(rng.random((-(-size // 2), len(logits))), 2, axis=0)[:size]
    return np.stack([inverse(probabilities(row), u[:, b]) for b, row in enumerate(logits)], axis=1)


def first_logits_for_all_rows(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Read the logits of row 0 for every row."""
    return inverse(probabilities(logits[0]), rng.random((size, len(logits))))


def normalised_over_batch(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Take the exponentials relative to the maximum of the batch, in float32: small rows vanish beside large ones."""
    weights = np.exp((logits - logits.max()).astype(np.float32) * np.float32(4)) ** np.float32(0.25)
    p = weights + np.float32(1e-30) * (logits > -np.inf)
    return np.stack([inverse(row.astype(np.float64) / row.sum(), rng.random(size)) for row in p], axis=1)


CONTROLS: tuple[Control, ...] = (
    control(
        "one_uniform_for_all_rows",
        "index",
        one_for_all_rows,
        why="all rows of a batch share one uniform: each is right, together they are one",
        source="turboderp-org/exllamav2 #186; vllm-project/vllm #50440; tenstorrent/tt-metal #44661; whisper.cpp PR #2932",
        trigger="die",
        suite="independence",
        law=probabilities,
        batch=True,
    ),
    control(
        "rows_share_diagonals",
        "index",
        diagonal_rows,
        why="a row repeats in the next step what its neighbour drew in this one",
        trigger="die",
        suite="independence",
        law=probabilities,
        batch=True,
    ),
    control(
        "rows_share_antidiagonals",
        "index",
        antidiagonal_rows,
        why="a row repeats in the next step what the row after it drew in this one",
        trigger="die",
        suite="independence",
        law=probabilities,
        batch=True,
    ),
    control(
        "rows_repeat_the_step",
        "index",
        rows_of_the_step_before,
        why="all rows repeat in every other step what they drew in the one before",
        trigger="die",
        suite="independence",
        law=probabilities,
        batch=True,
    ),
    control(
        "row_zero_for_all_rows",
        "index",
        first_logits_for_all_rows,
        why="every row is drawn from the logits of the first",
        source="after flashinfer-ai/flashinfer PR #4861 (seed_arr[0] for all rows)",
        trigger="l8",
        suite="rows",
        law=probabilities,
        batch=True,
    ),
    control(
        "normalised_over_the_batch",
        "index",
        normalised_over_batch,
        why="the maximum is that of the batch: rows far below it lose their digits",
        trigger="l8",
        suite="rows",
        law=probabilities,
        batch=True,
    ),
)
