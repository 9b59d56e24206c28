"""Samplers for the tests: right ones, wrong ones, and ones that misbehave."""

import os
import time

import numpy as np

import harness


def gumbel(rng, *shape):
    return -np.log(-np.log1p(-rng.random(shape)))


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@harness.sampler("right", emits="index")
def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)


@harness.sampler("warm", emits="index")
def warm(logits, size, *, rng):
    return np.argmax(logits / 1.03 + rng.gumbel(size=(size, len(logits))), axis=1)


@harness.sampler("shared", emits="index")
def shared(logits, size, *, rng):
    return np.argmax(logits + np.tile(rng.gumbel(size=len(logits)), (size, 1)), axis=1)


@harness.sampler("warm-soft", emits="simplex")
def warm_soft(logits, size, *, rng, temperature):
    return softmax((logits + gumbel(rng, size, len(logits))) / (1.03 * temperature))


@harness.sampler("outside", emits="simplex")
def outside(logits, size, *, rng, temperature):
    return softmax(logits / temperature + gumbel(rng, size, len(logits)))


@harness.sampler("clip", emits="gumbel")
def clip(logits, size, *, rng, observed=None):
    noisy = logits + gumbel(rng, size, len(logits))
    if observed is None:
        return noisy
    shift = logits.max()
    top = shift + np.log(np.exp(logits - shift).sum()) + gumbel(rng, size)
    noisy = np.minimum(noisy, (top - 1e-6)[:, None])
    noisy[:, observed] = top
    noisy[:, np.isneginf(logits)] = -np.inf
    return noisy


@harness.sampler("raises", emits="index")
def raises(logits, size, *, rng):
    raise ZeroDivisionError("no draws today <script>")


@harness.sampler("shape", emits="index")
def shape(logits, size, *, rng):
    return np.zeros((size, 2), int)


@harness.sampler("floats", emits="index")
def floats(logits, size, *, rng):
    return np.zeros(size)


@harness.sampler("range", emits="index")
def beyond(logits, size, *, rng):
    return np.full(size, len(logits))


@harness.sampler("nan", emits="simplex")
def nan(logits, size, *, rng, temperature):
    return np.full((size, len(logits)), np.nan)


@harness.sampler("hangs", emits="index")
def hangs(logits, size, *, rng):
    while True:
        time.sleep(0.01)


@harness.sampler("dies", emits="index")
def dies(logits, size, *, rng):
    os._exit(3)


@harness.sampler("mutates", emits="index")
def mutates(logits, size, *, rng):
    logits[0] = 0.25
    return np.zeros(size, int)
