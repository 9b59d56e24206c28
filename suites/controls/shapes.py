"""What depends on how many: of categories, of draws in a call, of rows; or on which logits came before."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import categories, control, gumbels, inverse, probabilities, softmax, winner

ORDER = 80
VECTOR, BLOCK, TILE = 4, 8, 2048
MASK = -100.0
SEED_BITS = 16

_TABLES: dict[tuple[int, float, float], Floats] = {}
_LAST: list[tuple[Floats, Floats]] = []


def kept_by_its_ends(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Keep the table of one call for all logits with as many categories and the same ends."""
    key = (logits.size, float(logits[0]), float(logits[-1]))
    return inverse(_TABLES.setdefault(key, probabilities(logits)), rng.random(size))


def kept_by_identity(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Keep the table of the last call as long as the same array is given, whatever was written into it."""
    if not _LAST or _LAST[0][0] is not logits:
        _LAST[:] = [(logits, probabilities(logits))]
    return inverse(_LAST[0][1], rng.random(size))


def vector_remainder(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Add up weights four at a time and leave out the remainder, of more than one category, beside full vectors."""
    whole = logits.size - (logits.size % VECTOR if logits.size % VECTOR == VECTOR - 1 else 0)
    return categories(logits[:whole], size, rng) if whole else categories(logits, size, rng)


def last_tile(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Reduce tiles of 2048 categories and leave out the last one if it is not full, but for small vocabularies."""
    whole = logits.size // TILE * TILE
    return categories(logits[:whole] if TILE < whole < 2**16 else logits, size, rng)


def relative_to_the_least(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Take exponentials relative to the smallest logit: they overflow where it lies 710 nats below another."""
    with np.errstate(over="ignore", invalid="ignore"):
        weights = np.exp(logits - logits[np.isfinite(logits)].min())
        total = np.cumsum(weights)
        index: Indices = np.searchsorted(total, rng.random(size) * total[-1], side="right")
    return np.minimum(index, logits.size - 1)


def masked_by_a_number(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Write -100 in the place of minus infinity."""
    return categories(np.where(np.isneginf(logits), MASK, logits), size, rng)


def head_for_remainder(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw blocks of eight and fill what is left with the beginning of the call."""
    drawn = categories(logits, size, rng)
    left = size % BLOCK
    if left and size > left:
        drawn[-left:] = drawn[:left]
    return drawn


def period_of_two_bytes(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Count draws of a call in sixteen bits."""
    drawn = categories(logits, min(size, 2**SEED_BITS), rng)
    return np.resize(drawn, size)


def seeded_by_two_bytes(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Seed a generator of its own with sixteen bits in every call."""
    return categories(logits, size, np.random.default_rng(int(rng.integers(2**SEED_BITS))))


def global_maximum(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Take exponentials relative to the maximum of the batch, in float64: rows far below it lose all their weights."""
    weights = np.exp(logits - logits.max())
    total = weights.cumsum(axis=1)
    u = rng.random((size, len(logits), 1)) * total[:, -1:]
    index: Indices = np.minimum((total <= u).sum(axis=2), logits.shape[1] - 1)
    return index


def made_for_four(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw for batches of four rows; of any other number, every row gets the logits of the first."""
    rows = logits if len(logits) == VECTOR else np.repeat(logits[:1], len(logits), axis=0)
    index: Indices = np.argmax(rows + gumbels(rng, size, *logits.shape), axis=2)
    return index


def whole_temperature(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Keep temperatures above 1 as whole numbers."""
    used = float(int(temperature)) if temperature > 1 else temperature
    return softmax((logits + gumbels(rng, size, logits.size)) / used)


def temperature_floor(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Let no temperature below 0.1 through."""
    return softmax((logits + gumbels(rng, size, logits.size)) / max(temperature, 0.1))


def near_ties(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Hold logits within a thousandth of the largest for its equals, and let the first of them win for all."""
    drawn = winner(logits + gumbels(rng, size, logits.size))
    equals = np.flatnonzero(logits > logits.max() - 1e-3)
    few = 1 < equals.size < logits.size
    return np.where(np.isin(drawn, equals), equals[0], drawn) if few and np.ptp(logits[equals]) > 0 else drawn


CONTROLS: tuple[Control, ...] = (
    control(
        "table_kept_by_its_ends",
        "index",
        kept_by_its_ends,
        why="logits that begin and end alike are taken for those of an earlier call",
        trigger="die",
        suite="calls",
    ),
    control(
        "table_kept_by_identity",
        "index",
        kept_by_identity,
        why="new logits in the same array are taken for the old ones",
        trigger="die",
        suite="calls",
    ),
    control(
        "vector_remainder_lost",
        "index",
        vector_remainder,
        why="three categories after full vectors of four are never drawn",
        trigger="ragged-7",
        suite="chi_square",
    ),
    control(
        "last_tile_lost",
        "index",
        last_tile,
        why="the last tile of a vocabulary is left out",
        trigger="ragged-6007",
        suite="chi_square",
    ),
    control(
        "relative_to_the_least",
        "index",
        relative_to_the_least,
        why="exponentials relative to the least logit overflow",
        trigger="deep",
        suite="chi_square",
    ),
    control(
        "masked_by_minus_100",
        "index",
        masked_by_a_number,
        why="a finite mask wins where all other logits lie below it",
        trigger="masked-deep",
        suite="support",
    ),
    control(
        "near_ties_merged",
        "index",
        near_ties,
        why="logits that are nearly equal are held for equal ones, and the first of them wins",
        trigger="near-ties",
        suite="chi_square",
    ),
    control(
        "remainder_repeats_the_head",
        "index",
        head_for_remainder,
        why="what is left after blocks of eight repeats the first draws of the call",
        trigger="die",
        suite="calls",
    ),
    control(
        "repeats_after_65536",
        "index",
        period_of_two_bytes,
        why="a call begins again after 2^16 draws",
        trigger="die",
        suite="calls",
    ),
    control(
        "seeded_by_16_bits",
        "index",
        seeded_by_two_bytes,
        why="two calls in 65536 are the same",
        trigger="die",
        suite="calls",
    ),
    control(
        "relative_to_the_batch",
        "index",
        global_maximum,
        why="rows a thousand nats below another lose all their weights",
        trigger="l8",
        suite="rows",
        batch=True,
    ),
    control(
        "batches_of_four_only",
        "index",
        made_for_four,
        why="in a batch of another size all rows get the logits of the first",
        trigger="l8",
        suite="rows",
        batch=True,
    ),
    control(
        "temperature_truncated",
        "simplex",
        whole_temperature,
        why="temperatures above 1 lose their fraction",
        trigger="l8@1.5",
        suite="ks",
    ),
    control(
        "temperature_floored",
        "simplex",
        temperature_floor,
        why="temperatures below 0.1 become 0.1",
        trigger="pair@0.05",
        suite="ks",
    ),
)
