"""Right samplers written in ways of their own: other generators' noise, other searches, other orders; all must be spared."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.samplers.builtin.weights import probabilities
from harness.samplers.registry import Form, Sampler, registered


def right_samplers() -> tuple[Sampler, ...]:
    """Return the built-in samplers and the variants."""
    return (*(sampler for sampler in registered() if sampler.trusted), *variants())


def variants() -> tuple[Sampler, ...]:
    """Return the variants, which are not registered for users."""
    made = (
        ("right-search", "index", search),
        ("right-choice", "index", choice),
        ("right-race", "index", race),
        ("right-softmax", "simplex", softmax),
        ("right-gamma", "simplex", gamma),
        ("right-truncated", "gumbel", truncated),
    )
    return tuple(Sampler(name, emits, MappingProxyType({emits: Form(draw)})) for name, emits, draw in made)


def search(logits: Floats, size: int, *, rng: np.random.Generator) -> NDArray[np.intp]:
    """Search the running sum from the right, so that a uniform of 0 passes categories of probability zero."""
    total = np.cumsum(probabilities(logits))
    return np.searchsorted(total / total[-1], rng.random(size), side="right")


def choice(logits: Floats, size: int, *, rng: np.random.Generator) -> NDArray[Any]:
    """Ask NumPy."""
    return rng.choice(logits.size, size, p=probabilities(logits))


def race(logits: Floats, size: int, *, rng: np.random.Generator) -> NDArray[np.intp]:
    """Let exponential clocks of rates exp(logits) race, among the possible categories only."""
    live = np.flatnonzero(np.isfinite(logits))
    rows = max(1, 2**20 // live.size)
    with np.errstate(divide="ignore"):  # a rate that underflows rings never
        won = [
            np.argmin(rng.standard_exponential((min(rows, size - at), live.size)) / probabilities(logits[live]), axis=1)
            for at in range(0, size, rows)
        ]
    drawn: NDArray[np.intp] = live[np.concatenate([*won, np.zeros(0, np.intp)])]
    return drawn


def softmax(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Soften perturbed logits."""
    scores = (logits + rng.gumbel(size=(size, logits.size))) / temperature
    made: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    made /= made.sum(axis=1, keepdims=True)
    return made


def gamma(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Raise exponential times to -1 / temperature, in logarithms: the Gumbel of a time is minus its logarithm."""
    times = rng.standard_gamma(1.0, size=(size, logits.size))
    scores = (logits - np.log(times)) / temperature
    made: Floats = np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
    made /= made.sum(axis=1, keepdims=True)
    return made


def truncated(logits: Floats, size: int, *, rng: np.random.Generator, observed: int | None = None) -> Floats:
    """Draw the maximum, then exponential times beyond that of the winner: e^-g of a loser is its winner's plus Exp(rate)."""
    total = np.logaddexp.reduce(logits)
    winner = rng.choice(logits.size, size, p=probabilities(logits)) if observed is None else np.full(size, observed)
    first = np.log(rng.standard_exponential((size, 1))) - total
    with np.errstate(divide="ignore"):
        later = np.log(rng.standard_exponential((size, logits.size))) - logits
    made: Floats = -np.logaddexp(first, later)
    np.put_along_axis(made, winner[:, np.newaxis], -first, axis=1)
    return made
