"""Logits by their shape, each to be built anew in whatever process asks for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from harness.arrays import Floats

DIE = (0.05, 0.05, 0.1, 0.13, 0.27, 0.4)
L8 = (2.0, 1.5, 1.0, 0.5, 0.0, -0.5, -1.0, -2.0)


def _log(weights: Sequence[float]) -> Floats:
    array = np.array(weights)
    logits: Floats = np.log(array / array.sum())
    return logits


def _plain(logits: Sequence[float], shift: float = 0.0) -> Floats:
    return np.array(logits) + shift


def _masked(live: Sequence[int], categories: int) -> Floats:
    logits = np.full(categories, -np.inf)
    logits[list(live)] = np.linspace(0.0, 1.0, len(live))
    return logits


def _zipf(categories: int) -> Floats:
    logits: Floats = -np.log(np.arange(1, categories + 1))
    return logits


def _head(tail: int, gap: float) -> Floats:
    return np.concatenate([[0.0], np.full(tail, -gap)])


def _foot(tail: int, gap: float) -> Floats:
    return _head(tail, gap)[::-1].copy()


def _block(head: int, rare: int, gap: float, backwards: bool) -> Floats:
    logits = np.concatenate([np.zeros(head), np.full(rare, -gap)])
    return logits[::-1].copy() if backwards else logits


def _ragged(categories: int) -> Floats:
    """Multiples of the golden ratio, modulo 1, over three nats: no order, no symmetry, no two alike."""
    logits: Floats = np.round(3 * (np.arange(1, categories + 1) * (np.sqrt(5) - 1) / 2 % 1) - 1, 3)
    return logits


def _deep(categories: int) -> Floats:
    logits = np.full(categories, -1e3)
    logits[:3] = (0.0, -100.0, 1.0)
    return logits


def _masked_at(live: Sequence[int], categories: int, shift: float) -> Floats:
    return _masked(live, categories) + shift


def _pairs(weights: Sequence[float]) -> Floats:
    w = np.array(weights) / math.fsum(weights)  # the same in all versions: since 3.12 sum adds floats in another way
    table = w[:, None] * w / (1 - w[:, None])
    logits: Floats = np.log(table[~np.eye(w.size, dtype=bool)])
    return logits


def weights(*values: float) -> partial[Floats]:
    """Build log probabilities in proportion to the values."""
    return partial(_log, values)


def logits(*values: float, shift: float = 0.0) -> partial[Floats]:
    """Build logits as they stand, plus a common shift."""
    return partial(_plain, values, shift)


def masked(*live: int, of: int, shift: float = 0.0) -> partial[Floats]:
    """Build logits from 0 to 1 at the live categories, -inf elsewhere, plus a common shift."""
    return partial(_masked_at, live, of, shift)


def ragged(categories: int) -> partial[Floats]:
    """Build unequal logits in no order."""
    return partial(_ragged, categories)


def deep(categories: int) -> partial[Floats]:
    """Build logits at 0, -100, 1, and -1000 for all others."""
    return partial(_deep, categories)


def flat(categories: int) -> partial[Floats]:
    """Build equal logits."""
    return partial(np.zeros, categories)


def zipf(categories: int) -> partial[Floats]:
    """Build -log rank."""
    return partial(_zipf, categories)


def head(tail: int, gap: float) -> partial[Floats]:
    """Build one category at 0 over ``tail`` categories at -gap."""
    return partial(_head, tail, gap)


def foot(tail: int, gap: float) -> partial[Floats]:
    """Build ``tail`` categories at -gap before one at 0."""
    return partial(_foot, tail, gap)


def heads(live: int, tail: int, gap: float) -> partial[Floats]:
    """Build ``live`` categories at 0 before ``tail`` categories at -gap."""
    return partial(_block, live, tail, gap, False)


def block(head: int, rare: int, *, backwards: bool = False) -> partial[Floats]:
    """Build ``head`` categories at 0 and ``rare`` ones five nats below, after them or before."""
    return partial(_block, head, rare, 5.0, backwards)


def pairs(*weights: float) -> partial[Floats]:
    """Build the log probabilities of ordered pairs (a, b), a != b, drawn by weight without replacement."""
    return partial(_pairs, weights)
