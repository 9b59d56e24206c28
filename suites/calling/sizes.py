"""The size of a call is no part of the law: odd sizes, one beyond 2^16, and many calls of one size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.methods import ChiSquare
from harness.methods.tails import binomial_two_sided
from harness.questions.check import Evidence
from harness.statistics import Counts
from suites.calling import shown
from suites.calling.asked import agree
from suites.calling.series import STEPS, Calls, worst_of

SIZES = (2, 3, 5, 7, 9, 17, 33, 100)
"""Beside powers of two and one more than a vector of 4, 8, 16, 32: where a last block is not full."""
LONG = 2**17 - 9
"""Draws of a long call: odd, and 2^16 is more than half of them."""
LEAST = 256
"""Pairs below which no distance is looked at."""
DEVIANT = 32
SEEDS_AGREE = 2.0**-16
"""The probability that two calls agree, if each begins with one of 2^16 seeds."""


def sizes(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Hold the ends of calls of each size to independence, and the counts of all sizes together to the law."""
    tests = 2 * len(SIZES) + 1
    n = calls.pairs(tests)
    drawn = [calls.many(n, size, rng) for size in SIZES]
    agreed = np.array([[(d[:, 0] == d[:, -1]).sum(), (d[:, -2] == d[:, -1]).sum()] for d in drawn]).ravel()
    law = _law(calls, np.concatenate([d.ravel() for d in drawn]), rng)
    p_values = np.append(binomial_two_sided(agreed, n, calls.agreement), law.p_value) * tests
    effects = np.append(np.abs(agreed / n - calls.agreement), law.effect)
    names = [f"{what} of {size}" for size in SIZES for what in ("first and last", "last two")]
    at = int(np.argmin(p_values))
    if at < len(names):
        said = agree(f"the {names[at]} draws of a call", agreed[at], n, calls.agreement, "agree in")
    else:
        said = f"counts of calls of {SIZES[0]} to {SIZES[-1]} draws are {law.effect:.2g} off in total variation"
    where = {"where": [*names, "all counts"][at]}
    ends = shown.counted("Ends of calls that agree", names.__getitem__, agreed, n, calls.agreement, tests)
    exhibit = ends if at < len(names) else shown.shared(law.exhibit, tests, "Counts of calls of all sizes")
    return worst_of(p_values, effects, law.n, where, f"{said}, {calls.scenario.case.words}", exhibit)


def long(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Hold the second half of a long call to independence of the first, at every distance, and to the law.

    At a distance of at least half the call every draw is in one pair at most.
    """
    (drawn,) = calls.draw(1, LONG, rng)
    agreed = _agreements(drawn, calls.p.size)
    apart = np.arange(drawn.size - agreed.size, drawn.size)[:-LEAST]
    pairs, agreed = drawn.size - apart, agreed[:-LEAST]
    law = _law(calls, drawn[drawn.size // 2 :], rng)
    excess = agreed / pairs - calls.agreement
    # The exact tests of the most deviant distances will do: those left out could only lower the p-value.
    farthest = np.argsort(-np.abs(excess) * np.sqrt(pairs), kind="stable")[:DEVIANT]
    p_values = binomial_two_sided(agreed[farthest], pairs[farthest], calls.agreement) * 2 * apart.size
    where = int(np.argmin(p_values))
    at = farthest[where]
    said = agree(f"draws {apart[at]:,} apart", agreed[at], pairs[at], calls.agreement, "agree in")
    title, tests = "Draws that agree, by distance", 2 * apart.size
    exhibit = shown.by_lag(title, apart, agreed, pairs, calls.agreement, tests, calls.level)
    if 2 * law.p_value < p_values[where]:
        said = f"the second half of the draws is {law.effect:.2g} off in total variation"
        exhibit = shown.shared(law.exhibit, 2, "Counts of the second half of a long call")
    return worst_of(
        np.append(p_values, 2 * law.p_value),
        np.append(np.abs(excess[farthest]), law.effect),
        drawn.size,
        {"draws apart": float(apart[at])},
        f"{said}, one call of {drawn.size:,} draws, {calls.scenario.case.words}",
        exhibit,
    )


def _agreements(drawn: NDArray[np.intp], categories: int) -> NDArray[np.intp]:
    """Count i with drawn[i] == drawn[i + s] for every s from half the draws up, as correlations of indicators."""
    middle, length = drawn.size // 2, 1 << (3 * drawn.size // 2).bit_length()
    hit = (drawn == np.arange(categories)[:, None]).astype(np.float64)
    late = np.fft.rfft(hit, length)
    hit[:, middle:] = 0.0
    agreed = np.fft.irfft((late * np.fft.rfft(hit, length).conj()).sum(axis=0), length)
    return np.rint(agreed[drawn.size - middle : drawn.size]).astype(np.intp)


def seeds(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Count calls that are equal draw by draw: none, unless a call is a function of some 16 bits.

    By Markov's inequality, p is at most the number of pairs times the probability that two calls agree throughout. So
    many calls that two of them begin alike with probability 1 - beta.
    """
    number = math.ceil(math.sqrt(-2 / SEEDS_AGREE * math.log(calls.beta))) + 1
    pairs = number * (number - 1) / 2
    steps = max(STEPS, math.ceil(math.log(calls.level / pairs) / math.log(calls.agreement)))
    drawn = calls.many(number, steps, rng)
    equal = number - np.unique(drawn, axis=0).shape[0]
    chance = pairs * calls.agreement**steps
    most = 0.0 if chance <= calls.level else pairs
    return Evidence(
        statistic=float(equal),
        p_value=min(1.0, chance) if equal else 1.0,
        effect=equal / pairs,
        n=drawn.size,
        resolution=SEEDS_AGREE,
        notes={"calls": float(number)},
        seen=f"{equal} of {number:,} calls of {steps} draws are an earlier one draw by draw, none is due, "
        f"{calls.scenario.case.words}",
        exhibit=shown.ranged(
            "Calls that are an earlier one, draw by draw",
            "counts",
            [(f"of {number:,} calls of {steps} draws", float(equal), chance, 0.0, most, 1.0)],
        ),
    )


@dataclass(frozen=True)
class _Law:
    """What the counts of draws show: p-value, total variation, the figure, and their number."""

    p_value: float
    effect: float
    exhibit: shown.Exhibit
    n: int


def _law(calls: Calls, drawn: np.ndarray[tuple[int, ...], np.dtype[np.intp]], rng: np.random.Generator) -> _Law:
    found = ChiSquare(calls.p).evidence((Counts.of(drawn, (calls.p.size,)),), rng)
    p = 0.0 if found.impossible else 1.0 if found.p_value is None else found.p_value
    return _Law(p, found.effect, dict(found.exhibit), drawn.size)
