"""Right samplers of every form that takes parameters, and of types in half precision, for the sweep to spare."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from harness.samplers.registry import Form, Sampler
from harness.samplers.terms import terms_of
from tests.right_truncated import ENGINES, declared, drawn, ranking_sampler, softmax, spec_sampler


def top_k_rows(logits, size, *, rng, k):
    return np.argsort(np.log(rng.standard_exponential((size, logits.size))) - logits, axis=1)[:, :k]


def sets_in_any_order(logits, size, *, rng, k):
    return rng.permuted(top_k_rows(logits, size, rng=rng, k=k), axis=1)


def verify(drafts, draft_logits, target_logits, *, rng):
    """Token-wise acceptance, in NumPy."""
    p, q = (np.stack([softmax(row) for row in table]) for table in (target_logits, draft_logits))
    size, g = drafts.shape
    made, going = np.full((size, g + 1), -1), np.ones(size, bool)
    for i, x in enumerate(drafts.T):
        kept = going & (rng.random(size) * q[i, x] < p[i, x])
        made[kept, i] = x[kept]
        stopped = going & ~kept
        made[stopped, i] = drawn(np.maximum(p[i] - q[i], 0), int(stopped.sum()), rng) if stopped.any() else -1
        going = kept
    made[going, g] = drawn(p[g], int(going.sum()), rng)
    return made


def from_target(drafts, draft_logits, target_logits, *, rng):
    """Commit one token of the target, whatever was drafted: lossless, and slow."""
    made = np.full((len(drafts), len(target_logits)), -1)
    made[:, 0] = drawn(softmax(target_logits[0]), len(drafts), rng)
    return made


def bfloat(x):
    bits = np.asarray(x, np.float32).view(np.uint32)
    return ((bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)


def half(logits, size, *, rng):
    noise = (-np.log(rng.standard_exponential((size, logits.size)))).astype(np.float16)
    return np.argmax(logits.astype(np.float16) + noise, axis=1)


def brain(logits, size, *, rng):
    noise = bfloat(-np.log(rng.standard_exponential((size, logits.size))))
    return np.argmax(bfloat(bfloat(logits) + noise), axis=1)


def brain_race(logits, size, *, rng):
    """An exponential race among probabilities in bfloat16."""
    p = bfloat(softmax(logits.astype(np.float64)))
    return np.argmax(bfloat(p / bfloat(rng.standard_exponential((size, logits.size)))), axis=1)


def half_relaxed(logits, size, *, rng, temperature):
    noise = (-np.log(rng.standard_exponential((size, logits.size)))).astype(np.float16)
    scores = ((logits.astype(np.float16) + noise) / np.float16(temperature)).astype(np.float32)
    scores -= scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float16)


def brain_perturbed(logits, size, *, rng):
    return bfloat(bfloat(logits) + bfloat(-np.log(rng.standard_exponential((size, logits.size)))))


def half_top(logits, size, *, rng, temperature, top_k):
    """Temperature and top_k in float16, by value; then the softmax of what is left in float32."""
    if temperature == 0:
        return np.full(size, int(np.argmax(logits)))
    z = logits.astype(np.float16)
    if top_k is not None and top_k < z.size:
        z = np.where(z < np.sort(z)[-top_k], np.float16(-np.inf), z)
    return drawn(softmax(z.astype(np.float64) / (temperature or 1.0)), size, rng)


def brain_ranks(logits, size, *, rng, k):
    """The first arrivals of a race in bfloat16, ties to the lower index."""
    p = bfloat(softmax(logits.astype(np.float64)))
    return np.argsort(-bfloat(p / bfloat(rng.standard_exponential((size, logits.size)))), axis=1, kind="stable")[:, :k]


def half_ranks(logits, size, *, rng, k):
    noise = (-np.log(rng.standard_exponential((size, logits.size)))).astype(np.float16)
    return np.argsort(-(logits.astype(np.float16) + noise), axis=1, kind="stable")[:, :k]


def half_sets(logits, size, *, rng, k):
    return rng.permuted(half_ranks(logits, size, rng=rng, k=k), axis=1)


def half_verify(drafts, draft_logits, target_logits, *, rng):
    """Token-wise acceptance with probabilities and their differences in float16."""
    p, q = (np.stack([softmax(row) for row in table]).astype(np.float16) for table in (target_logits, draft_logits))
    size, g = drafts.shape
    made, going = np.full((size, g + 1), -1), np.ones(size, bool)
    for i, x in enumerate(drafts.T):
        kept = going & (rng.random(size).astype(np.float16) * q[i, x] < p[i, x])
        made[kept, i] = x[kept]
        stopped, left = going & ~kept, np.maximum(p[i] - q[i], 0).astype(np.float64)
        if stopped.any():
            made[stopped, i] = drawn(left if left.sum() else p[i].astype(np.float64), int(stopped.sum()), rng)
        going = kept
    made[going, g] = drawn(p[g].astype(np.float64), int(going.sum()), rng)
    return made


def made(function, emits, dtype="float64", convention=None):
    name = function.__name__
    form = Form(function, terms=terms_of(name, emits, function, convention))
    return Sampler(name, emits, MappingProxyType({emits: form}), dtype=dtype)


FORMS = (
    *(declared(function, name, name) for name, function in ENGINES.items()),
    ranking_sampler(top_k_rows),
    ranking_sampler(sets_in_any_order, ordered=False),
    spec_sampler(verify, "token-wise"),
    spec_sampler(from_target, "lossless"),
    ranking_sampler(brain_ranks, dtype="bfloat16"),
    ranking_sampler(half_ranks, dtype="float16"),
    ranking_sampler(half_sets, ordered=False, dtype="float16"),
    spec_sampler(half_verify, "token-wise", dtype="float16"),
    made(half, "index", "float16"),
    made(brain, "index", "bfloat16"),
    made(brain_race, "index", "bfloat16"),
    made(half_relaxed, "simplex", "float16"),
    made(brain_perturbed, "gumbel", "bfloat16"),
    made(half_top, "index", "float16", "transformers"),
)
