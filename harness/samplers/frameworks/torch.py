"""torch's samplers on the CPU, each with logits rounded to its dtype.

torch's distributions take no generator: its global one is seeded for them, and put back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework, seed_from

TORCH = Framework("torch", "torch")
ALL = ("float32", "float64", "bfloat16", "float16")
WIDE = ("float32", "float64")


@lru_cache(maxsize=1)
def load() -> Any:
    """Return torch; a worker's environment allows it one thread, as all cores have workers of their own."""
    import torch

    return torch


def tensor(logits: Floats, dtype: str) -> Any:
    """Return the logits rounded to ``dtype``; a copy, as torch has no tensors that are read-only or run backwards."""
    torch = load()
    return torch.from_numpy(logits.copy()).to(getattr(torch, dtype))


def array(made: Any) -> Any:
    """Return a tensor's values; NumPy has no bfloat16, whose values all are float32 values."""
    torch = load()
    return (made.float() if made.dtype == torch.bfloat16 else made).numpy()


def generator(rng: Any) -> Any:
    """Return a torch generator seeded from ours."""
    return load().Generator().manual_seed(seed_from(rng))


@contextlib.contextmanager
def seeded(rng: Any) -> Iterator[None]:
    """Seed torch's global generator from ours, and put back its state afterwards."""
    torch = load()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_from(rng))
        yield


def differentiated(rows: Any, logits: Any) -> tuple[Any, Any]:
    """Return rows (size, K) and their derivatives (size, K, K) in logits (size, K), by one backward pass an entry."""
    torch = load()
    slopes = [torch.autograd.grad(entry, logits, retain_graph=True)[0] for entry in rows.sum(dim=0)]
    return array(rows.detach()), array(torch.stack(slopes, dim=1))


def leaves(logits: Floats, size: int, dtype: str) -> Any:
    """Return ``size`` rows of the logits, in which may be differentiated."""
    return tensor(logits, dtype).requires_grad_().expand(size, -1)


@TORCH.sampler("torch-multinomial", emits="index", dtypes=ALL, cost="draw")
def multinomial(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with torch.multinomial from torch.softmax."""
    p = load().softmax(tensor(logits, dtype), 0)
    return array(load().multinomial(p, size, replacement=True, generator=generator(rng)))


@TORCH.sampler("torch-multinomial-one", emits="index", dtypes=("float32",), cost="draw")
def one_by_one(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with one call of torch.multinomial a draw, as a loop over tokens does; in float32."""
    torch = load()
    p, own = torch.softmax(tensor(logits, "float32"), 0), generator(rng)
    return np.array([int(torch.multinomial(p, 1, generator=own)) for _ in range(size)], dtype=np.int64)


@TORCH.sampler("torch-multinomial-rows", emits="index", dtypes=ALL)
def rows(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with one call of torch.multinomial for many rows, one draw of each, as engines call it for a batch."""
    p = load().softmax(tensor(logits, dtype), 0).expand(size, -1)
    return array(load().multinomial(p, 1, generator=generator(rng))[:, 0])


@TORCH.sampler("torch-multinomial-batch", emits="index", dtypes=WIDE, batch=True)
def batch(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with one call of torch.multinomial a step, a row of probabilities for each request."""
    torch = load()
    p, own = torch.softmax(tensor(logits, dtype), 1), generator(rng)
    steps = [torch.multinomial(p, 1, generator=own)[:, 0] for _ in range(size)]
    return array(torch.stack(steps)) if steps else np.empty((0, len(logits)), np.int64)


@TORCH.sampler("torch-multinomial-without", emits="ranking", dtypes=WIDE)
def without_replacement(logits: Floats, size: int, *, rng: np.random.Generator, k: int, dtype: str) -> Any:
    """Draw with torch.multinomial, replacement=False, whose draws are documented to come in order."""
    p = load().softmax(tensor(logits, dtype), 0).expand(size, -1)
    return array(load().multinomial(p, k, generator=generator(rng)))


@TORCH.sampler("torch-categorical", emits="index", dtypes=WIDE, cost="draw")
def categorical(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with torch.distributions.Categorical."""
    with seeded(rng):
        return array(load().distributions.Categorical(logits=tensor(logits, dtype)).sample((size,)))


@TORCH.sampler("torch-race", emits="index", dtypes=ALL)
def race(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw the winner of an exponential race, the form that inference engines use."""
    p = load().softmax(tensor(logits, dtype), 0)
    noise = load().empty((size, logits.size), dtype=p.dtype).exponential_(generator=generator(rng))
    return array((p / noise).argmax(dim=1))


@TORCH.sampler("torch-gumbel", emits="gumbel", dtypes=ALL)
def gumbel(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw logits plus torch.distributions.Gumbel(0, 1)."""
    located = tensor(logits, dtype)
    with seeded(rng):
        zero, one = load().zeros_like(located), load().ones_like(located)
        return array(located + load().distributions.Gumbel(zero, one).rsample((size,)))


def _soft(rows: Any, temperature: float, rng: np.random.Generator, hard: bool = False) -> Any:
    with seeded(rng):
        return load().nn.functional.gumbel_softmax(rows, tau=temperature, hard=hard, dim=-1)


def gumbel_softmax_slopes(
    logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str
) -> tuple[Any, Any]:
    """Return gumbel_softmax's rows with torch's derivatives."""
    rows = leaves(logits, size, dtype)
    return differentiated(_soft(rows, temperature, rng), rows)


def straight_through_slopes(
    logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str
) -> tuple[Any, Any]:
    """Return gumbel_softmax's rows, and torch's derivatives of what hard=True makes of them."""
    rows, again = leaves(logits, size, dtype), deepcopy(rng)
    return array(_soft(rows, temperature, again).detach()), differentiated(
        _soft(rows, temperature, rng, hard=True), rows
    )[1]


@TORCH.sampler("torch-gumbel-softmax", emits="simplex", dtypes=ALL, jacobian=gumbel_softmax_slopes)
def gumbel_softmax(logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with torch.nn.functional.gumbel_softmax."""
    return array(_soft(tensor(logits, dtype).expand(size, -1), temperature, rng))


@TORCH.sampler("torch-gumbel-softmax-hard", emits="index", dtypes=ALL, jacobian=straight_through_slopes)
def gumbel_softmax_hard(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw the one that torch.nn.functional.gumbel_softmax(hard=True) marks."""
    return array(_soft(tensor(logits, dtype).expand(size, -1), 1.0, rng, hard=True).argmax(dim=1))


def relaxed_slopes(
    logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str
) -> tuple[Any, Any]:
    """Return RelaxedOneHotCategorical's rows with torch's derivatives."""
    torch, rows = load(), leaves(logits, size, dtype)
    with seeded(rng):
        law = torch.distributions.RelaxedOneHotCategorical(torch.tensor(temperature, dtype=rows.dtype), logits=rows)
        return differentiated(law.rsample(), rows)


@TORCH.sampler("torch-relaxed", emits="simplex", dtypes=WIDE, jacobian=relaxed_slopes)
def relaxed(logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with torch.distributions.RelaxedOneHotCategorical."""
    torch, located = load(), tensor(logits, dtype)
    with seeded(rng):
        law = torch.distributions.RelaxedOneHotCategorical(
            torch.tensor(temperature, dtype=located.dtype), logits=located
        )
        return array(law.rsample((size,)))
