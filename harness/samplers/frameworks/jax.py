"""jax's samplers, compiled once for each number of categories: draws come in blocks of one size, the last one cut."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework, seed_from

JAX = Framework("jax", "jax")
ALL = ("float32", "float64", "bfloat16", "float16")
WIDE = ("float32", "float64")
BLOCK = 2**16
"""Values of a block, about."""

Rows = Callable[[Any, Any, int], Any]
"""``rows(key, logits, number)`` draws rows with jax."""


def blocks(rows: Rows, logits: Floats, size: int, rng: np.random.Generator, dtype: str) -> Any:
    """Return ``size`` draws of ``rows``, made in blocks of one shape, as every new shape would be compiled anew."""
    import jax

    number = max(1, BLOCK >> (logits.size - 1).bit_length())
    seed = seed_from(rng)
    with jax.enable_x64(dtype == "float64"):
        located = jax.numpy.asarray(logits, dtype)
        # jax takes 32 bits of a seed where x64 is off: the other half is folded in.
        key = jax.random.fold_in(jax.random.key(seed >> 32), np.uint32(seed & 0xFFFFFFFF))
        made = [compiled(rows)(one, located, number) for one in jax.random.split(key, -(-size // number))]
        whole = np.concatenate([np.asarray(block) for block in made])[:size]
    return whole.astype(np.float32) if whole.dtype.kind not in "iuf" else whole


@lru_cache(maxsize=64)
def compiled(rows: Rows) -> Rows:
    """Return ``rows`` compiled; one function for each (``rows`` must be the same object at every call)."""
    import jax

    made: Rows = jax.jit(rows, static_argnums=2)
    return made


@lru_cache(maxsize=64)
def bound(rows: Callable[..., Any], *parameters: Any) -> Rows:
    """Return the same object for the same parameters, so that it is compiled once."""
    return partial(rows, *parameters)


def _categorical(mode: str, key: Any, logits: Any, number: int) -> Any:
    import jax

    return jax.random.categorical(key, logits, shape=(number,), mode=mode)


def _gumbel(mode: str, key: Any, logits: Any, number: int) -> Any:
    import jax

    return logits + jax.random.gumbel(key, (number, logits.size), dtype=logits.dtype, mode=mode)


def _relaxed(mode: str, temperature: float, key: Any, logits: Any, number: int) -> Any:
    import jax

    return jax.nn.softmax(_gumbel(mode, key, logits, number) / temperature)


@JAX.sampler("jax-categorical", emits="index", dtypes=ALL)
def categorical(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with jax.random.categorical(mode="low"), the default."""
    return blocks(bound(_categorical, "low"), logits, size, rng, dtype)


@JAX.sampler("jax-categorical-high", emits="index", dtypes=("float32", "bfloat16", "float16"))
def categorical_high(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with jax.random.categorical(mode="high")."""
    return blocks(bound(_categorical, "high"), logits, size, rng, dtype)


@JAX.sampler("jax-gumbel", emits="gumbel", dtypes=ALL)
def gumbel(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw logits plus jax.random.gumbel(mode="low"), the default."""
    return blocks(bound(_gumbel, "low"), logits, size, rng, dtype)


@JAX.sampler("jax-gumbel-high", emits="gumbel", dtypes=("float32", "bfloat16", "float16"))
def gumbel_high(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw logits plus jax.random.gumbel(mode="high")."""
    return blocks(bound(_gumbel, "high"), logits, size, rng, dtype)


def _with_slopes(rows: Rows, key: Any, logits: Any, number: int) -> Any:
    """Return each row above its derivatives in the logits, (number, 1 + K, K)."""
    import jax

    made, slopes = rows(key, logits, number), jax.jacfwd(rows, argnums=1)(key, logits, number)
    return jax.numpy.concatenate([made[:, None, :], slopes], axis=1)


def relaxed_slopes(
    logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str
) -> tuple[Any, Any]:
    """Return the rows of jax-relaxed with jax's derivatives."""
    rows = bound(_relaxed, "low", temperature)
    made = blocks(bound(_with_slopes, rows), logits, size, rng, dtype)
    return made[:, 0], made[:, 1:]


@JAX.sampler("jax-relaxed", emits="simplex", dtypes=ALL, jacobian=relaxed_slopes)
def relaxed(logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str) -> Any:
    """Draw softmax((logits + jax.random.gumbel) / temperature), as jax has no relaxed categorical of its own."""
    return blocks(bound(_relaxed, "low", temperature), logits, size, rng, dtype)


def _without(k: int, key: Any, logits: Any, number: int) -> Any:
    import jax

    keys = jax.random.split(key, number)
    return jax.vmap(lambda one: jax.random.categorical(one, logits, shape=(k,), replace=False))(keys)


def _choice(k: int, key: Any, logits: Any, number: int) -> Any:
    import jax

    keys, p = jax.random.split(key, number), jax.nn.softmax(logits)
    return jax.vmap(lambda one: jax.random.choice(one, logits.size, (k,), replace=False, p=p))(keys)


@JAX.sampler("jax-categorical-without", emits="ranking", dtypes=WIDE, ordered=False)
def categorical_without(logits: Floats, size: int, *, rng: np.random.Generator, k: int, dtype: str) -> Any:
    """Draw with jax.random.categorical, replace=False, which documents no order: sets."""
    return blocks(bound(_without, k), logits, size, rng, dtype)


@JAX.sampler("jax-choice-without", emits="ranking", dtypes=WIDE, ordered=False)
def choice_without(logits: Floats, size: int, *, rng: np.random.Generator, k: int, dtype: str) -> Any:
    """Draw with jax.random.choice, replace=False, which documents no order: sets."""
    return blocks(bound(_choice, k), logits, size, rng, dtype)
