"""Many short calls in a row: what a call knows of its own positions, of the draws before it, and of the call before it.

Where a whole run of draws looks right, the first draw of every call may be wrong, the head of a call may repeat the
tail of the last one, and the fit may be too good: all p-values here are exact and two-sided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.case import Case
from harness.check import Check, Evidence, Scenario
from harness.chunk import masses
from harness.methods.cells import grown, shift
from harness.methods.scores import normal_scores
from harness.methods.tails import binomial_two_sided
from harness.options import Options
from harness.registry import Sampler
from suites.calling import Caller, Floats, level

CASES = frozenset({"die", "flat-100", "die@2"})
STEPS = 32
"""Draws of a call (and row), in all calls but those of a single draw."""
LAGS = 256
POSITIONS = (0, 1, 2, 3, STEPS // 2, STEPS - 1)
TOLERANCE = 0.5
"""A share of the draws that are wrong at one position, or repeated at one lag, or of the variance of the counts: what
happens in calls happens to all of them."""


@dataclass(frozen=True)
class Calls:
    """A scenario drawn in calls, with its (K,) probabilities and the level that its checks are held to."""

    scenario: Scenario
    p: Floats
    level: float
    beta: float

    @property
    def agreement(self) -> float:
        """The probability that two independent draws agree."""
        return float(self.p @ self.p)

    def draw(self, calls: int, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return (calls, size * rows) categories."""
        caller = Caller(self.scenario)
        return np.stack([caller.indices(size, rng) for _ in range(calls)])

    def pairs(self, tests: int) -> int:
        """Return how many pairs expose the tolerance in one of so many tests of agreement."""
        return grown(
            lambda n: shift(n, self.agreement, self.level / tests, self.beta), TOLERANCE * (1 - self.agreement), 16
        )


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the checks of calls for a few cases in which the category is random."""
    for case in cases:
        if case.name not in CASES:
            continue
        scenario = Scenario(sampler, emits, case)
        calls = Calls(scenario, masses(case, sampler.dtype), level(options), options.beta)
        for name, (why, unit, compute) in QUESTIONS.items():
            yield Check(
                name=f"calls/{scenario.name}/{name}",
                suite="calls",
                why=why,
                compute=partial(compute, calls),
                computed_method=name,
                computed_unit=unit,
                subject=scenario,
                tolerance=TOLERANCE,
            )


def positions(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Hold the most likely category and the first one, at a few positions of a call, to their probabilities."""
    single = Caller(calls.scenario).rows == 0
    cells = dict.fromkeys((int(np.argmax(calls.p)), 0, calls.p.size - 1))
    tests = len(cells) * (len(POSITIONS) + single)
    share = float(calls.p.max())
    n = grown(lambda n: shift(n, share, calls.level / tests, calls.beta), TOLERANCE * (1 - share), 16)
    drawn = calls.draw(n, STEPS, rng)[:, list(POSITIONS)]
    if single:
        drawn = np.column_stack([drawn, calls.draw(n, 1, rng)])
    found = np.array([(drawn == k).sum(axis=0) for k in cells])
    expected = calls.p[list(cells)][:, None]
    p_values = binomial_two_sided(found, n, expected) * tests
    worst = np.unravel_index(int(np.argmin(p_values)), p_values.shape)
    place = [*map(str, POSITIONS), "of a call of one"][worst[1]]
    return _evidence(p_values, np.abs(found / n - expected), n * (STEPS + single), {"position": place})


def overlap(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Count agreements of each call with the one before it and with itself, shifted by every number of draws."""
    size = STEPS * max(Caller(calls.scenario).rows, 1)
    shifts, within = np.arange(1 - size, size), np.arange(1, size)
    half = calls.pairs(shifts.size + within.size)
    drawn = calls.draw(2 * half, STEPS, rng)
    agreed = [_agreed(drawn[::2], drawn[1::2], int(s)) for s in shifts]
    own = np.array([_agreed_within(drawn, int(lag)) for lag in within])
    pairs = np.concatenate([half * (size - np.abs(shifts)), own[:, 1]])
    named = np.concatenate([shifts, within])
    return _agreement(calls, np.concatenate([agreed, own[:, 0]]), pairs, drawn.size, {"shift": named})


def _agreed_within(drawn: NDArray[np.intp], lag: int) -> tuple[int, int]:
    """Count pairs of a call at a lag that agree, and all of them; every draw is in one pair at most."""
    size = drawn.shape[1]
    first = np.flatnonzero((np.arange(size) % (2 * lag) < lag) & (np.arange(size) + lag < size))
    return int((drawn[:, first] == drawn[:, first + lag]).sum()), drawn.shape[0] * first.size


def _agreed(before: NDArray[np.intp], after: NDArray[np.intp], by: int) -> int:
    """Count i with after[i] == before[i + by], every draw in one pair at most."""
    head, tail = (after, before[:, by:]) if by >= 0 else (after[:, -by:], before)
    size = min(head.shape[1], tail.shape[1])
    return int((head[:, :size] == tail[:, :size]).sum())


def lags(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Count agreements of draws at every lag up to 256 within one call, every draw in one pair at most."""
    rows = max(Caller(calls.scenario).rows, 1)
    steps = -(-2 * (calls.pairs(LAGS) + LAGS) // (2 * LAGS)) * 2 * LAGS
    drawn = Caller(calls.scenario).indices(steps, rng)
    agreed, pairs = np.empty(LAGS), np.empty(LAGS)
    for lag in range(1, LAGS + 1):
        blocks = drawn[: drawn.size // (2 * lag) * 2 * lag].reshape(-1, 2, lag)
        agreed[lag - 1], pairs[lag - 1] = (blocks[:, 0] == blocks[:, 1]).sum(), blocks.shape[0] * lag
    return _agreement(calls, agreed, pairs, steps * rows, {"lag": np.arange(1, LAGS + 1)})


def fit(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Sum the exact chi-squares of single calls: too large if draws clump, too small if they fit better than chance."""
    p = calls.p[calls.p > 0]
    number = grown(lambda n: _variance_exposed(n * (p.size - 1), calls), TOLERANCE, 16)
    counts = np.array([np.bincount(call, minlength=calls.p.size) for call in calls.draw(number, STEPS, rng)])
    total = math.fsum(np.sum(normal_scores(row, p / p.sum(), rng) ** 2) for row in counts[:, calls.p > 0])
    dof = number * (p.size - 1)
    tail = min(special.gammainc(dof / 2, total / 2), special.gammaincc(dof / 2, total / 2))
    return Evidence(
        statistic=total,
        p_value=float(min(1.0, 2 * tail)),
        effect=abs(total / dof - 1),
        n=int(counts.sum()),
        resolution=_variance_exposed(dof, calls),
        notes={"degrees of freedom": dof},
    )


def _variance_exposed(dof: int, calls: Calls) -> float:
    """Return the relative change of the variance of the scores, up or down, that so many of them expose."""
    high, low = special.chdtri(dof, [calls.level / 2, 1 - calls.level / 2])
    least, most = special.chdtri(dof, [1 - calls.beta, calls.beta])
    return float(max(high / least - 1, 1 - low / most))


def _agreement(
    calls: Calls, agreed: NDArray[Any], pairs: NDArray[Any], n: int, named: dict[str, NDArray[np.intp]]
) -> Evidence:
    """Hold counts of agreements to exact binomial tests."""
    p_values = binomial_two_sided(agreed, pairs, calls.agreement) * pairs.size
    ((name, values),) = named.items()
    return _evidence(
        p_values, np.abs(agreed / pairs - calls.agreement), n, {name: float(values[int(np.argmin(p_values))])}
    )


def _evidence(p_values: Floats, effects: Floats, n: int, notes: dict[str, Any]) -> Evidence:
    worst = int(np.argmin(p_values))
    return Evidence(
        statistic=float(effects.ravel()[worst]),
        p_value=float(min(1.0, p_values.ravel()[worst])),
        effect=float(effects.ravel()[worst]),
        n=n,
        resolution=TOLERANCE,
        notes=notes,
    )


QUESTIONS: dict[str, tuple[str, str, Callable[[Calls, np.random.Generator], Evidence]]] = {
    "positions": ("the first draw of a call has the law of all others", "share of draws at a position", positions),
    "overlap": ("a call repeats neither itself nor the call before it", "share of draws repeated", overlap),
    "lags": ("no draw of a call repeats another at a fixed distance", "share of draws repeated", lags),
    "fit": ("counts of a call scatter as chance does, no more and no less", "share of the variance", fit),
}
