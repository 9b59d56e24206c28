"""Settings of truncated laws: which stages are on, and their values, the round ones of practice among all others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from harness.space.parameters import random_temperature

OFTEN, NEUTRAL = 0.5, 0.08
"""The probability that a stage is on, and that one which is on keeps everything."""
GREEDY = 0.04
"""The probability that a temperature is 0."""
KEEPS = {"temperature": 1.0, "top_p": 1.0, "min_p": 0.0, "typical_p": 1.0, "epsilon": 0.0, "top_n_sigma": 1e3}
"""Values at which a stage keeps everything; that of top_k is K."""


def random_settings(stages: Sequence[str], k: int, rng: np.random.Generator) -> dict[str, float]:
    """Return the values of the stages that are on: one at least."""
    on = [stage for stage in stages if rng.random() < OFTEN] or [str(rng.choice(list(stages)))]
    return {stage: keeps(stage, k) if rng.random() < NEUTRAL else VALUES[stage](k, rng) for stage in on}


def keeps(stage: str, k: int) -> float:
    """Return the value at which a stage keeps all of k categories."""
    return k if stage == "top_k" else KEEPS[stage]


def _temperature(k: int, rng: np.random.Generator) -> float:
    return 0.0 if rng.random() < GREEDY else random_temperature(rng)


def _top_k(k: int, rng: np.random.Generator) -> int:
    kind = rng.random()
    if kind < 0.5:
        return int(rng.choice([1, 2, 3, 5, 8, 10, 16, 20, 32, 40, 50, 64, 100]))
    return int(rng.integers(1, k + 1)) if kind < 0.9 else k + int(rng.integers(-1, 2)) * (k > 1)


def _among(round_ones: Sequence[float], low: float, high: float) -> Callable[[int, np.random.Generator], float]:
    """Return a round value as often as one that is log-uniform between two."""

    def value(k: int, rng: np.random.Generator) -> float:
        if rng.random() < 0.5:
            return float(rng.choice(round_ones))
        return float(f"{math.exp(rng.uniform(math.log(low), math.log(high))):.4g}")

    return value


VALUES: Mapping[str, Callable[[int, np.random.Generator], float]] = {
    "temperature": _temperature,
    "top_k": _top_k,
    "top_p": _among((0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999), 0.05, 0.9999),
    "min_p": _among((0.01, 0.02, 0.05, 0.1, 0.2, 0.5), 1e-4, 0.99),
    "typical_p": _among((0.2, 0.5, 0.9, 0.95), 0.1, 0.99),
    "epsilon": _among((3e-4, 9e-4, 2e-3, 0.01, 0.1), 1e-5, 0.9),
    "top_n_sigma": _among((1.0, 1.5, 2.0, 3.0), 0.3, 5.0),
}
"""A random value of each stage."""


def random_items(live: int, most: int, rng: np.random.Generator) -> int:
    """Return how many items are ranked, of so many possible ones: one or two, some, or all."""
    most = min(live, most)
    return int(rng.choice([1, 2, 2, 3, most])) if most > 3 and rng.random() < 0.6 else int(rng.integers(1, most + 1))
