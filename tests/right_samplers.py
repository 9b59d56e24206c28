"""Right samplers written in other ways: none of them may be refuted."""

from __future__ import annotations

import math
import random
from types import MappingProxyType

import numpy as np

from harness.samplers.registry import Form, Sampler


def probabilities(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def searched_left(logits, size, *, rng):
    cdf = np.cumsum(probabilities(logits))
    return np.minimum(np.searchsorted(cdf, rng.random(size)), np.flatnonzero(np.isfinite(logits))[-1])


def searched_right(logits, size, *, rng):
    cdf = np.cumsum(probabilities(logits))
    return np.searchsorted(cdf / cdf[-1], rng.random(size), side="right")


def choice(logits, size, *, rng):
    return rng.choice(len(logits), size=size, p=probabilities(logits))


def multinomial(logits, size, *, rng):
    p = probabilities(logits)
    return np.argmax(rng.multinomial(1, p / p.sum(), size=size), axis=1)


def counts_shuffled(logits, size, *, rng):
    drawn = np.repeat(np.arange(len(logits)), rng.multinomial(size, probabilities(logits)))
    rng.shuffle(drawn)
    return drawn


def idiom(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)


def double_log(logits, size, *, rng):
    with np.errstate(divide="ignore"):
        return np.argmax(logits - np.log(-np.log(rng.random((size, len(logits))))), axis=1)


def race(logits, size, *, rng):
    with np.errstate(divide="ignore"):
        return np.argmin(rng.exponential(size=(size, len(logits))) / probabilities(logits), axis=1)


def quotient(logits, size, *, rng):
    return np.argmax(probabilities(logits) / rng.standard_exponential((size, len(logits))), axis=1)


def from_scipy(logits, size, *, rng):
    from scipy import stats

    return np.argmax(logits + stats.gumbel_r.rvs(size=(size, len(logits)), random_state=rng), axis=1)


def sorted_keys(logits, size, *, rng):
    with np.errstate(divide="ignore"):
        keys = np.log(rng.random((size, len(logits)))) * np.exp(logits.max() - logits)
    return np.argsort(-keys, axis=1)[:, 0]


def binary_search(logits, size, *, rng):
    cdf = np.cumsum(probabilities(logits))
    u = rng.random(size) * cdf[-1]
    low, high = np.full(size, -1), np.full(size, len(logits) - 1)
    while (high - low > 1).any():
        middle = np.maximum((low + high) // 2, 0)
        right = cdf[middle] > u
        low, high = np.where(right, low, middle), np.where(right, middle, high)
    return high


def one_by_one(logits, size, *, rng):
    left = np.cumsum(probabilities(logits)[::-1])[::-1]
    with np.errstate(invalid="ignore"):
        share = np.nan_to_num(probabilities(logits) / left)
    share[np.flatnonzero(np.isfinite(logits))[-1]] = 1.0
    return np.argmax(rng.random((size, len(logits))) < share, axis=1)


def rejection(logits, size, *, rng):
    p = probabilities(logits)
    drawn, open_ = np.empty(size, int), np.arange(size)
    while open_.size:
        drawn[open_] = rng.integers(0, p.size, open_.size)
        open_ = open_[rng.random(open_.size) * p.max() >= p[drawn[open_]]]
    return drawn


def python_random(logits, size, *, rng):
    own = random.Random(int(rng.integers(2**63)))
    return np.array(own.choices(range(len(logits)), weights=probabilities(logits).tolist(), k=size), dtype=int)


def legacy(logits, size, *, rng):
    return np.random.RandomState(int(rng.integers(2**32))).choice(len(logits), size=size, p=probabilities(logits))


def single_precision(logits, size, *, rng):
    with np.errstate(divide="ignore"):
        noise = -np.log(-np.log(rng.random((size, len(logits)), dtype=np.float32)))
    return np.argmax(logits.astype(np.float32) + noise, axis=1)


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def relaxed(logits, size, *, rng, temperature):
    return softmax((logits + rng.gumbel(size=(size, len(logits)))) / temperature)


def relaxed_double_log(logits, size, *, rng, temperature):
    with np.errstate(divide="ignore"):
        return softmax((logits - np.log(-np.log(rng.random((size, len(logits)))))) / temperature)


def relaxed_by_powers(logits, size, *, rng, temperature):
    with np.errstate(divide="ignore"):
        scores = (logits - logits.max() - np.log(rng.exponential(size=(size, len(logits))))) / temperature
    scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return np.exp(scores)


def relaxed_single(logits, size, *, rng, temperature):
    noise = rng.gumbel(size=(size, len(logits))).astype(np.float32)
    return softmax((logits.astype(np.float32) + noise) / np.float32(temperature))


def perturbed(logits, size, *, rng):
    return logits + rng.gumbel(size=(size, len(logits)))


def perturbed_from_exponentials(logits, size, *, rng):
    return logits - np.log(rng.standard_exponential((size, len(logits))))


def given(logits, size, *, rng, observed=None):
    if observed is None:
        return perturbed(logits, size, rng=rng)
    top = logits.max()
    maximum = rng.gumbel(top + math.log(np.exp(logits - top).sum()), size=size)
    noise = rng.standard_exponential((size, len(logits)))
    rows = logits - np.log(np.exp(logits - maximum[:, None]) + noise)
    rows = np.minimum(rows, np.nextafter(maximum, -np.inf)[:, None])
    rows[:, observed] = maximum
    return rows


def batch(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, *logits.shape)), axis=2)


def batch_relaxed(logits, size, *, rng, temperature):
    return softmax((logits + rng.gumbel(size=(size, *logits.shape))) / temperature)


def made(function, emits, dtype="float64", batch=False):
    return Sampler(function.__name__, emits, MappingProxyType({emits: Form(function)}), "guest", dtype, batch=batch)


RIGHT = (
    *(
        made(function, "index")
        for function in (
            searched_left,
            searched_right,
            choice,
            multinomial,
            counts_shuffled,
            idiom,
            double_log,
            race,
            quotient,
            from_scipy,
            sorted_keys,
            binary_search,
            one_by_one,
            rejection,
            python_random,
            legacy,
        )
    ),
    made(single_precision, "index", "float32"),
    *(made(function, "simplex") for function in (relaxed, relaxed_double_log, relaxed_by_powers)),
    made(relaxed_single, "simplex", "float32"),
    *(made(function, "gumbel") for function in (perturbed, perturbed_from_exponentials, given)),
    made(batch, "index", batch=True),
    made(batch_relaxed, "simplex", batch=True),
)
