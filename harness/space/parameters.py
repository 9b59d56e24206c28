"""Temperatures, observed categories, sizes of calls and rows of batches, each over all that may be asked."""

from __future__ import annotations

import math

import numpy as np

from harness.arrays import Floats
from harness.laws.log_space import log_softmax

COLDEST, HOTTEST = 0.02, 50.0
ROUND = (0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.7, 0.8, 1.0, 1.5, 2.0, 5.0, 10.0, 50.0)
RAREST = 1e-12
"""Probability below which no category is observed."""
FEW = 9
"""Calls of up to so many draws are tried one by one."""
LONGEST = 2**20
SIDES = (15, 16, 17, 31, 32, 33, 37, 63, 64, 65, 101, 127, 128, 129)
ROWS = (1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 32, 33, 64)
ROOMY = 2**16
"""Logits of a batch at most, if it has more rows than one."""


def random_temperature(rng: np.random.Generator) -> float:
    """Return a temperature: a round one for a third of the points, else log-uniform from 0.02 to 50."""
    if rng.random() < 1 / 3:
        return float(rng.choice(ROUND))
    return round(math.exp(rng.uniform(math.log(COLDEST), math.log(HOTTEST))), 4)


def random_observed(logits: Floats, rng: np.random.Generator) -> int:
    """Return -1 for the prior, or a category of probability 1e-12 or more: the likeliest, the rarest, or one of any rank."""
    log_mass = log_softmax(logits)
    order = np.argsort(-log_mass, kind="stable")
    ranked = order[log_mass[order] >= math.log(RAREST)]
    kind = rng.random()
    if kind < 0.2:
        return -1
    if kind < 0.4:
        return int(ranked[0])
    if kind < 0.6:
        return int(ranked[-1])
    return int(ranked[int(rng.integers(ranked.size))])


def random_call(n: int, k: int, room: int, rng: np.random.Generator) -> int:
    """Return draws of a call, where n are due in all: few, beside a power of two, all at once, or very many.

    ``k`` is the values of a draw (of all rows of a batch); very many draws are no more than ``room`` values.
    """
    kind = rng.random()
    if kind < 0.01:
        return 0
    if kind < 0.25:
        return int(rng.integers(1, FEW + 1))
    if kind < 0.4:
        return min(int(rng.choice(SIDES)), n)
    if kind < 0.41 and room // k > 4 * n:
        return min(LONGEST, room // k) - int(rng.integers(0, 10))
    return n + int(rng.integers(0, 8))


def random_rows(k: int, rng: np.random.Generator) -> int:
    """Return the rows of a batch, from 1 to 64; fewer of many categories."""
    return min(int(rng.choice(ROWS)), max(1, ROOMY // k))
