"""Families of logits, each a name with at most one number: flat, Zipf, random, two levels, heads and feet, ties, shifted.

A family with randomness draws it from the generator that it is given, so that a name and a seed are the logits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from harness.arrays import Floats
from harness.errors import UsageError

Family = Callable[[int, float, np.random.Generator], Floats]
TIES, NEAR = 4, 1e-9


def _flat(k: int, value: float, rng: np.random.Generator) -> Floats:
    return np.zeros(k)


def _zipf(k: int, power: float, rng: np.random.Generator) -> Floats:
    logits: Floats = -power * np.log(np.arange(1.0, k + 1))
    return logits


def _normal(k: int, spread: float, rng: np.random.Generator) -> Floats:
    return spread * rng.standard_normal(k)


def _levels(k: int, gap: float, rng: np.random.Generator) -> Floats:
    return np.where(np.arange(k) < (k + 1) // 2, 0.0, -gap)


def _head(k: int, gap: float, rng: np.random.Generator) -> Floats:
    """The first category stands so far above all others together, whatever their number."""
    return np.where(np.arange(k) == 0, 0.0, -gap - np.log(max(k - 1, 1)))


def _first_below(k: int, gap: float, rng: np.random.Generator) -> Floats:
    return np.where((np.arange(k) == 0) & (k > 1), -gap, 0.0)


def _last_below(k: int, gap: float, rng: np.random.Generator) -> Floats:
    return _first_below(k, gap, rng)[::-1].copy()


def _ties(k: int, step: float, rng: np.random.Generator) -> Floats:
    return -step * rng.integers(0, TIES, k).astype(np.float64)


def _near(k: int, step: float, rng: np.random.Generator) -> Floats:
    """Pairs of categories a billionth apart."""
    coarse = np.repeat(-step * rng.random(k // 2 + 1), 2)[:k]
    return coarse + NEAR * np.arange(k) / k


def _ramp(k: int, span: float, rng: np.random.Generator) -> Floats:
    """As many distinct values as categories, evenly over so many nats."""
    return -span * np.arange(k) / max(k - 1, 1)


def _uniform(k: int, span: float, rng: np.random.Generator) -> Floats:
    return -span * rng.random(k)


def _scores(k: int, shift: float, rng: np.random.Generator) -> Floats:
    """Unnormalised log-probabilities, far from zero."""
    return shift + 1.5 * rng.standard_normal(k)


def _weights(k: int, most: float, rng: np.random.Generator) -> Floats:
    """Logarithms of whole weights, some of which add up exactly."""
    return np.log(rng.integers(1, int(most) + 1, k).astype(np.float64))


FAMILIES: Mapping[str, tuple[Family, tuple[float, ...]]] = {
    "flat": (_flat, (0.0,)),
    "levels": (_levels, (0.5, 1.0, 3.0)),
    "weights": (_weights, (2.0, 10.0)),
    "ties": (_ties, (0.7, 2.0)),
    "near": (_near, (2.0,)),
    "zipf": (_zipf, (0.5, 1.0, 1.5)),
    "ramp": (_ramp, (3.0, 12.0)),
    "uniform": (_uniform, (1.0, 8.0)),
    "normal": (_normal, (0.1, 1.0, 3.0, 10.0)),
    "head": (_head, (0.0, 1.0)),
    "first": (_first_below, (3.0, 25.0)),
    "last": (_last_below, (3.0, 25.0)),
    "scores": (_scores, (-1000.0, -30.0, 30.0, 700.0)),
}
"""Families from the plainest on, each with the numbers that it is tried with."""
ORDERS = ("made", "ascending", "descending", "shuffled")
NAMES = tuple(f"{name}-{value:g}" if name != "flat" else name for name, (_, v) in FAMILIES.items() for value in v)
"""The names of all families with their numbers, the plainest first."""


def logits_of(family: str, order: str, k: int, rng: np.random.Generator) -> Floats:
    """Return (k,) logits; raises UsageError for a family or an order that is none."""
    name, _, number = family.partition("-")
    if name not in FAMILIES or order not in ORDERS:
        raise UsageError(f"no logits are called {family!r} in order {order!r}; known: {', '.join(NAMES)}")
    made = FAMILIES[name][0](k, float(number or 0), rng)
    if order == "shuffled":
        return rng.permutation(made)
    if order == "made":
        return made
    ranked = np.sort(made)
    return ranked if order == "ascending" else ranked[::-1].copy()
