"""The size of a call is no part of the law: odd sizes, one beyond 2^16, and many calls of one size."""

from __future__ import annotations

import math

import numpy as np

from harness.check import Evidence
from harness.methods import ChiSquare
from harness.methods.tails import binomial_two_sided
from harness.statistics import Counts
from suites.calling import Caller
from suites.series import STEPS, Calls, worst_of

SIZES = (2, 3, 5, 7, 9, 17, 33, 100)
"""Beside powers of two and one more than a vector of 4, 8, 16, 32: where a last block is not full."""
BLOCK = 2**16
SEEDS_AGREE = 2.0**-16
"""The probability that two calls agree, if each begins with one of 2^16 seeds."""


def sizes(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Hold the ends of calls of each size to independence, and the counts of all sizes together to the law."""
    tests = 2 * len(SIZES) + 1
    n = calls.pairs(tests)
    drawn = [calls.draw(n, size, rng) for size in SIZES]
    agreed = np.array([[(d[:, 0] == d[:, -1]).sum(), (d[:, -2] == d[:, -1]).sum()] for d in drawn]).ravel()
    law, total = _law(calls, np.concatenate([d.ravel() for d in drawn]), rng)
    p_values = np.append(binomial_two_sided(agreed, n, calls.agreement), law) * tests
    effects = np.append(np.abs(agreed / n - calls.agreement), 0.0)
    names = [f"{what} of {size}" for size in SIZES for what in ("first and last", "last two")]
    return worst_of(p_values, effects, total, {"where": [*names, "all counts"][int(np.argmin(p_values))]})


def long(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Hold the draws of one long call that lie 2^16 apart to independence, and those beyond 2^16 to the law."""
    block = BLOCK * max(Caller(calls.scenario).rows, 1)
    (drawn,) = calls.draw(1, 2 * BLOCK + 7, rng)
    agreed = int((drawn[:block] == drawn[block : 2 * block]).sum())
    law, _ = _law(calls, drawn[block:], rng)
    p_values = np.array([float(binomial_two_sided(agreed, block, calls.agreement)), law]) * 2
    return worst_of(
        p_values, np.array([abs(agreed / block - calls.agreement), 0.0]), drawn.size, {"draws apart": block}
    )


def seeds(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Count calls that are equal draw by draw: none, unless a call is a function of some 16 bits.

    By Markov's inequality, p is at most the number of pairs times the probability that two calls agree throughout. So
    many calls that two of them begin alike with probability 1 - beta.
    """
    number = math.ceil(math.sqrt(-2 / SEEDS_AGREE * math.log(calls.beta))) + 1
    pairs = number * (number - 1) / 2
    steps = max(STEPS, math.ceil(math.log(calls.level / pairs) / math.log(calls.agreement)))
    drawn = calls.draw(number, steps, rng)
    equal = number - np.unique(drawn, axis=0).shape[0]
    chance = pairs * calls.agreement**steps
    return Evidence(
        statistic=float(equal),
        p_value=min(1.0, chance) if equal else 1.0,
        effect=equal / pairs,
        n=drawn.size,
        resolution=SEEDS_AGREE,
        notes={"calls": float(number)},
    )


def _law(
    calls: Calls, drawn: np.ndarray[tuple[int, ...], np.dtype[np.intp]], rng: np.random.Generator
) -> tuple[float, int]:
    """Return the p-value of the counts of draws, and their number."""
    found = ChiSquare(calls.p).evidence((Counts.of(drawn, (calls.p.size,)),), rng)
    return (0.0 if found.impossible else 1.0 if found.p_value is None else found.p_value), drawn.size
