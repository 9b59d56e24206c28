"""A built-in sampler is written once, as ``prepare``; its function of (logits, size, rng) follows from that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.logits import check_logits, check_size
from harness.samplers.registry import Fill, Sampler, sampler


def built_in(name: str, prepare: Callable[..., Fill], *, emits: str, cost: str = "categories") -> Sampler:
    """Register ``prepare(logits, ...) -> fill(out, rng)`` as the form of sampler ``name`` that emits ``emits``."""

    def draw(logits: ArrayLike, size: int, *, rng: Any = None, **parameters: Any) -> NDArray[Any]:
        checked = check_logits(logits)
        fill = prepare(checked, **parameters)
        out = empty(emits, check_size(size), checked.size)
        fill(out, np.random.default_rng(rng))
        return out

    draw.__doc__, draw.__module__, draw.__qualname__ = prepare.__doc__, prepare.__module__, prepare.__qualname__
    register = sampler(name, emits=emits, prepare=prepare, family="built-in", cost=cost, threads=True)
    return register(draw)


def empty(emits: str, size: int, categories: int) -> NDArray[Any]:
    """Return room for draws: (size,) integers for "index", else (size, K) float64."""
    return np.empty(size, np.intp) if emits == "index" else np.empty((size, categories))
