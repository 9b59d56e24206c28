"""The lowest and the highest temperature: u = tau (log y_0 - log y_1) of a pair is logistic, and counted in cells.

Beyond tau * log of the type's least number a coordinate underflows: cells there are one, and only its size is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.envelope.edge import Quantity
from harness.envelope.shift import tolerance
from harness.envelope.trial import Effort, Trial
from harness.laws import special
from harness.methods import ChiSquare
from harness.questions.case import Case
from harness.questions.check import Measurement, Scenario
from harness.questions.precision import precision, rounded
from harness.samplers.registry import Sampler
from harness.statistics import Counts

CELLS = 32
PAIR = (1.0, 0.0)


def edges(temperature: float, dtype: str) -> Floats:
    """Return the edges of the cells of u: quantiles where neither coordinate underflows, and zero."""
    location = float(np.diff(rounded(np.array(PAIR), dtype)[::-1])[0])
    quantiles = location + special.logit(np.arange(1, CELLS) / CELLS)
    room = -np.log(precision(dtype).tiny) * temperature * 0.99
    return np.union1d(quantiles[np.abs(quantiles) < room], [0.0])


def probabilities(temperature: float, dtype: str) -> Floats:
    """Return the probabilities of the cells."""
    cumulated: Floats = special.expit(edges(temperature, dtype) - PAIR[0])
    return np.diff(np.concatenate([[0.0], cumulated, [1.0]]))


def _cells(temperature: float, limits: Floats, chunk: Chunk) -> Counts:
    with np.errstate(divide="ignore"):
        logs = np.log(chunk.draws)
    u = temperature * (logs[:, 0] - logs[:, 1])
    return Counts.of(np.searchsorted(limits, u), (limits.size + 1,))


def points(sign: int, sampler: Sampler, effort: Effort) -> tuple[Sequence[float], int]:
    """Return 1/2, 1/4, ... or 2, 4, ... within half of the type's range."""
    most = min(100, int(-np.log2(precision(sampler.dtype).tiny)) - 1)
    return [2.0 ** (sign * power) for power in range(1, most + 1)], most


def trial(sampler: Sampler, emits: str, value: float, effort: Effort) -> Trial:
    """Draw a pair at temperature ``value``."""
    case = Case(f"pair@{value:.6g}", "a temperature", partial(np.array, PAIR), (emits,), value)
    method = ChiSquare(probabilities(value, sampler.dtype))
    n = method.required(tolerance(sampler.dtype), effort.alpha, effort.options.beta)
    counted = Measurement("cells", partial(_cells, value, edges(value, sampler.dtype)))
    return Trial(Scenario(sampler, emits, case), n, counted, method)


_HOW = "a pair, chi-square of tau (log y0 - log y1) in 33 cells at most, at total variation 0.01 (or four roundings)"
LOWEST = Quantity("lowest temperature", "temperature", ("simplex",), partial(points, -1), trial, _HOW)
HIGHEST = Quantity("highest temperature", "temperature", ("simplex",), partial(points, 1), trial, _HOW)
