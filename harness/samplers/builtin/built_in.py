"""A built-in sampler is written once, as ``prepare``; its function of (logits, size, rng) follows from that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.logits import check_logits, check_size
from harness.samplers.registry import Fill, Sampler, sampler

KEPT = 2**16
"""Categories up to which what a call has prepared is kept for the next one: many short calls need one table, not many."""


class _Last(threading.local):
    """What a thread prepared last, as a prepared sampler has buffers; a copy for another process begins with nothing."""

    def __reduce__(self) -> tuple[type[_Last], tuple[()]]:
        return _Last, ()


def built_in(name: str, prepare: Callable[..., Fill], *, emits: str, cost: str = "categories") -> Sampler:
    """Register ``prepare(logits, ...) -> fill(out, rng)`` as the form of sampler ``name`` that emits ``emits``."""
    last = _Last()

    def prepared(logits: NDArray[np.float64], parameters: dict[str, Any]) -> Fill:
        key = _key(logits, parameters)
        if key is None:
            return prepare(logits, **parameters)
        if getattr(last, "key", None) != key:
            # A copy, as what is prepared may look at its logits again, and the caller may have changed them by then.
            last.key, last.fill = None, prepare(logits.copy(), **parameters)
            last.key = key
        kept: Fill = last.fill
        return kept

    def draw(logits: ArrayLike, size: int, *, rng: Any = None, **parameters: Any) -> NDArray[Any]:
        checked = check_logits(logits)
        fill = prepared(checked, parameters)
        out = empty(emits, check_size(size), checked.size)
        fill(out, np.random.default_rng(rng))
        return out

    draw.__doc__, draw.__module__, draw.__qualname__ = prepare.__doc__, prepare.__module__, prepare.__qualname__
    register = sampler(name, emits=emits, prepare=prepare, family="built-in", cost=cost, threads=True)
    return register(draw)


def _key(logits: NDArray[np.float64], parameters: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return what the same preparation follows from, all values and their types; None where that is much, or no number."""
    plain = all(isinstance(value, int | float | None) for value in parameters.values())
    if not plain or logits.size > KEPT:
        return None
    return logits.tobytes(), *((name, type(value), value) for name, value in parameters.items())


def empty(emits: str, size: int, categories: int) -> NDArray[Any]:
    """Return room for draws: (size,) integers for "index", else (size, K) float64."""
    return np.empty(size, np.intp) if emits == "index" else np.empty((size, categories))
