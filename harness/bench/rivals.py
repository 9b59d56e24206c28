"""What samplers are held against: the limits of the machine, and NumPy's idioms as their users write them.

Frameworks' samplers are registered (harness.samplers.frameworks) and need nothing here.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.bench.subjects import ITEMS, ROW_DRAWS, TEMPERATURE, Call, Subject, generator, settings

BLOCK = 2**15
"""Values that the limits handle at a time, as the built-in samplers do."""


def rivals() -> list[Subject]:
    """Return the limits and NumPy's idioms."""
    return [*_limits(), *_numpy()]


def _limits() -> list[Subject]:
    return [
        Subject("uniforms, K a draw", "limit", "uniforms", _uniforms, kind="limit"),
        Subject("uniforms, one a draw", "limit", "uniforms", _one_uniform, kind="limit", per="draw"),
        Subject("bare logarithms", "limit", "gumbel", partial(_bare, False, (np.log, np.log)), kind="bare"),
        Subject("bare logarithms of uniforms", "limit", "gumbel", partial(_bare, True, (np.log, np.log)), kind="bare"),
        Subject("bare logs and exp", "limit", "simplex", partial(_bare, False, (np.log, np.log, np.exp)), kind="bare"),
        Subject(
            "bare logs and exp of uniforms",
            "limit",
            "simplex",
            partial(_bare, True, (np.log,) * 2 + (np.exp,)),
            kind="bare",
        ),
    ]


def _numpy() -> list[Subject]:
    return [
        Subject("argmax(logits + gumbel)", "numpy", "index", _argmax, kind="idiom"),
        Subject("choice(K, p=p)", "numpy", "index", _choice, per="draw", kind="other idiom"),
        Subject("softmax(logits + gumbel)", "numpy", "simplex", _softmax, kind="idiom"),
        Subject("logits + gumbel", "numpy", "gumbel", _noise, kind="idiom"),
        Subject("argsort(-(logits + gumbel))[:, :k]", "numpy", "ranking", _argsort, kind="idiom", draws=ROW_DRAWS),
        Subject("sort, cut, choice", "numpy", "truncated", _cut, kind="idiom"),
    ]


def _uniforms(logits: Floats, size: int) -> Call:
    return _in_blocks(size * logits.size)


def _one_uniform(logits: Floats, size: int) -> Call:
    return _in_blocks(size)


def _in_blocks(values: int) -> Call:
    rng, block = generator(), np.empty(min(BLOCK, values))

    def call() -> None:
        for start in range(0, values, BLOCK):
            rng.random(out=block[: values - start])

    return call


def _bare(noise: bool, functions: tuple[np.ufunc, ...], logits: Floats, size: int) -> Call:
    """Apply the functions to as many values as are drawn, block by block, with the uniforms drawn or at hand."""
    rng, values = generator(), size * logits.size
    source = 0.01 + rng.random(min(BLOCK, values)) / 2
    block = np.empty_like(source)

    def call() -> None:
        for start in range(0, values, BLOCK):
            part = slice(0, min(BLOCK, values - start))
            if noise:
                rng.random(out=block[part])
            for function in functions:
                function(source[part], out=block[part])

    return call


def _argmax(logits: Floats, size: int) -> Call:
    rng, shape = generator(), (size, logits.size)
    return lambda: np.argmax(logits + rng.gumbel(size=shape), axis=1)


def _choice(logits: Floats, size: int) -> Call:
    rng, p = generator(), np.exp(logits - logits.max())
    p /= p.sum()
    return lambda: rng.choice(p.size, size=size, p=p)


def _softmax(logits: Floats, size: int) -> Call:
    rng, shape = generator(), (size, logits.size)

    def call() -> NDArray[Any]:
        scores = (logits + rng.gumbel(size=shape)) / TEMPERATURE
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        made: NDArray[Any] = weights / weights.sum(axis=1, keepdims=True)
        return made

    return call


def _noise(logits: Floats, size: int) -> Call:
    rng, shape = generator(), (size, logits.size)
    return lambda: logits + rng.gumbel(size=shape)


def _argsort(logits: Floats, size: int) -> Call:
    rng, shape, k = generator(), (size, logits.size), min(ITEMS, logits.size)
    return lambda: np.argsort(-(logits + rng.gumbel(size=shape)), axis=1)[:, :k]


def _cut(logits: Floats, size: int) -> Call:
    """Temperature, then one sort for top_k and top_p of what is left."""
    rng, asked = generator(), settings(logits.size)

    def call() -> NDArray[Any]:
        order = np.argsort(-logits, kind="stable")[: int(asked["top_k"])]
        p = np.exp((logits[order] - logits.max()) / asked["temperature"])
        p /= p.sum()
        p[np.cumsum(p) - p >= asked["top_p"]] = 0
        made: NDArray[Any] = order[rng.choice(p.size, size=size, p=p / p.sum())]
        return made

    return call
