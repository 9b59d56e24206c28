"""Functions given as targets by path: right ones in unusual dress, and ones that misbehave, each in its own way."""

import contextlib
import os
import sys
import threading
import time
from collections import deque
from itertools import repeat

import numpy as np


def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, logits.size)), axis=1)


def hot(logits, size, *, rng):
    return np.argmax(logits / 3 + rng.gumbel(size=(size, logits.size)), axis=1)


def as_list(logits, size, *, rng):
    return right(logits, size, rng=rng).tolist()


def as_unsigned(logits, size, *, rng):
    return right(logits, size, rng=rng).astype(np.uint64)


def as_bytes(logits, size, *, rng):
    return right(logits, size, rng=rng).astype(np.int8)


class Tensor:
    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values


def as_tensor(logits, size, *, rng):
    return Tensor(right(logits, size, rng=rng))


def prints(logits, size, *, rng):
    print("noise on standard output")
    return right(logits, size, rng=rng)


def soft(logits, size, *, rng, temperature):
    scores = (logits + rng.gumbel(size=(size, logits.size))) / temperature
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def soft32(logits, size, *, rng, temperature):
    return soft(logits, size, rng=rng, temperature=temperature).astype(np.float32)


def raises(logits, size, *, rng):
    raise RuntimeError("no draws today")


def exits(logits, size, *, rng):
    sys.exit("enough")


def two_columns(logits, size, *, rng):
    return np.zeros((size, 2), np.intp)


def floats(logits, size, *, rng):
    return right(logits, size, rng=rng).astype(float)


def booleans(logits, size, *, rng):
    return np.zeros(size, bool)


def huge(logits, size, *, rng):
    return [2**70] * size


def ragged(logits, size, *, rng):
    return [[0], [1, 2]]


def none(logits, size, *, rng):
    return None


def beyond(logits, size, *, rng):
    return np.full(size, logits.size)


def negative(logits, size, *, rng):
    return np.full(size, -1)


def wrapped(logits, size, *, rng):
    return np.full(size, 2**64 - 1, np.uint64)


def rarely_beyond(logits, size, *, rng):
    found = right(logits, size, rng=rng)
    found[0] = logits.size
    return found


def not_numbers(logits, size, *, rng, temperature):
    return np.full((size, logits.size), np.nan)


def off_the_simplex(logits, size, *, rng, temperature):
    return soft(logits, size, rng=rng, temperature=temperature) * 1.001


def mutates(logits, size, *, rng):
    logits -= logits.max()
    return right(logits, size, rng=rng)


def hangs(logits, size, *, rng):
    while True:
        time.sleep(0.01)


def hangs_and_swallows(logits, size, *, rng):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


def holds_the_interpreter(logits, size, *, rng):
    deque(repeat(0), maxlen=0)


def dies(logits, size, *, rng):
    os._exit(3)


print("noise at import")


class Unsendable:
    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, logits, size, *, rng):
        return right(logits, size, rng=rng)


unsendable = Unsendable()
not_a_sampler = 7


def hoards(logits, size, *, rng):
    """Grow by 80 MB ten times a second, up to 2 GB."""
    held = []
    for _ in range(25):
        held.append(np.ones(10_000_000))
        time.sleep(0.1)
    return right(logits, size, rng=rng)


def prints_from_compiled_code(logits, size, *, rng):
    os.write(1, b"noise from below\n")
    return right(logits, size, rng=rng)


def reseeds(logits, size, *, rng):
    np.random.seed(7)  # noqa: NPY002
    return right(logits, size, rng=rng)


def draws_globally(logits, size, *, rng):
    np.random.seed(int(rng.integers(2**32)))  # noqa: NPY002
    return np.argmax(logits + np.random.gumbel(size=(size, logits.size)), axis=1)  # noqa: NPY002


def consumes(logits, size, *, rng):
    np.random.random()  # noqa: NPY002
    return right(logits, size, rng=rng)
