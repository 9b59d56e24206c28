"""The most extreme noise value: counts beyond dyadic quantiles at both ends, held to exact binomials from one set of draws.

Beyond the level t the standard Gumbel has 2^-j at t = -log(-log(1 - 2^-j)) above, and at t = -log(j log 2) below.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.envelope.edge import Edge
from harness.envelope.trial import STEPS, Effort, Trial, drawn
from harness.judge import improbable
from harness.methods import SupportMethod
from harness.methods.cells import shift
from harness.methods.tails import binomial_two_sided
from harness.questions.case import Case
from harness.questions.check import Measurement, Scenario
from harness.samplers.registry import Sampler
from harness.statistics.support import SUPPORT
from harness.streams import stream

CATEGORIES = 64
POWERS = np.arange(3, 61)
SHARE = 4
"""Budgets that one set of draws takes, as it serves all levels of both ends."""
LEVELS = {
    "highest noise": -np.log(-np.log1p(-(2.0**-POWERS))),
    "lowest noise": -np.log(POWERS * np.log(2.0)),
}


@dataclass(frozen=True, eq=False)
class Extremes:
    """Of n noise values: how many lie beyond each level (2, levels), and the two most extreme, high and negated low."""

    n: int
    beyond: NDArray[np.int64]
    most: tuple[float, float]

    def merge(self, other: Extremes) -> Extremes:
        """Return the counts and extremes of both."""
        most = (max(self.most[0], other.most[0]), max(self.most[1], other.most[1]))
        return Extremes(self.n + other.n, self.beyond + other.beyond, most)


def _extremes(chunk: Chunk) -> Extremes:
    """Collect from perturbed logits that all are zero, so that they are the noise."""
    noise = chunk.draws.ravel(order="K")
    high, low = LEVELS.values()
    beyond = np.stack([_beyond(noise[noise > high[0]], high), _beyond(-noise[noise < low[0]], -low)])
    return Extremes(noise.size, beyond, (float(noise.max()), float(-noise.min())))


def _beyond(values: Floats, levels: Floats) -> NDArray[np.int64]:
    passed = np.bincount(np.searchsorted(levels, values), minlength=levels.size + 1)
    return np.cumsum(passed[::-1])[::-1][1:].astype(np.int64)


def edges(sampler: Sampler, effort: Effort) -> list[Edge]:
    """Return the edges at both ends; none if the sampler shows no noise."""
    if "gumbel" not in sampler.forms:
        return []
    start = time.perf_counter()
    case = Case("noise", "equal logits: the noise itself", partial(np.zeros, CATEGORIES), ("gumbel",))
    n = SHARE * effort.budget // CATEGORIES
    unused: Any = None
    result = drawn(Trial(Scenario(sampler, "gumbel", case), n, Measurement("extremes", _extremes), unused), effort)
    seconds = (time.perf_counter() - start) / 2
    return [_edge(sampler, effort, end, name, result, n, seconds) for end, name in enumerate(LEVELS)]


def _edge(sampler: Sampler, effort: Effort, end: int, name: str, result: Any, n: int, seconds: float) -> Edge:
    """Judge one end at the alpha of a whole search, split over its levels."""
    alpha, values = effort.alpha * STEPS / POWERS.size, n * CATEGORIES
    words, verified, bad = f"refused: {result.fault}", None, None
    if not result.fault:
        support = result.statistics[SUPPORT]
        words = SupportMethod().evidence((support,), stream(0, "unused")).impossible
        found: Extremes = result.statistics["extremes"]
        p_values = binomial_two_sided(found.beyond[end], found.n, 2.0**-POWERS)
        refuted = [j for j, p_value in enumerate(p_values) if improbable(float(p_value), alpha)]
        reach = [j for j in range(POWERS.size) if powered(j, found.n, alpha, effort.options.beta)]
        bad = refuted[0] if refuted else None
        verified = max((j for j in reach if bad is None or j < bad), default=None)
        words = "; ".join([*([words] if words else []), _found(found, end, bad, p_values)])
    level = LEVELS[name]
    return Edge(
        sampler.name,
        sampler.dtype,
        name,
        "noise value",
        None if verified is None else float(level[verified]),
        None if bad is None else float(level[bad]),
        values,
        alpha,
        seconds,
        f"counts beyond dyadic quantiles, exact binomials; {words}",
    )


def powered(j: int, n: int, alpha: float, beta: float) -> bool:
    """Tell whether a halved or doubled rate beyond level j would have shown with probability 1 - beta."""
    p = 2.0 ** -float(POWERS[j])
    return bool(n * p > 16 and shift(n, p, alpha, beta) <= p / 2)


def _found(found: Extremes, end: int, bad: int | None, p_values: Floats) -> str:
    extreme = found.most[0] if end == 0 else -found.most[1]
    seen = f"the most extreme of {found.n} values is {extreme:.6g}"
    if bad is None:
        return f"no level was refuted; {seen}"
    worst = int(np.argmin(p_values))
    expected = found.n * 2.0 ** -float(POWERS[worst])
    level = list(LEVELS.values())[end][worst]
    return (
        f"improbable: {int(found.beyond[end, worst])} values beyond {level:.4g} where {expected:.3g} are due, "
        f"p = {p_values[worst]:.3g}; {seen}"
    )
