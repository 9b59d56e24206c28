"""The rarest category: 63 equally rare ones around a head, each alone and in groups, by exact binomial tests.

A point is verified if the rate of all of them together, halved or doubled, would have shown with probability 1 - beta.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from harness.draws import measurements
from harness.envelope.edge import Quantity
from harness.envelope.trial import Effort, Trial
from harness.methods import PooledCells
from harness.methods.cells import shift
from harness.questions.case import Case
from harness.questions.check import Scenario
from harness.questions.law import masses
from harness.samplers.registry import Sampler

CATEGORIES, HEAD = 64, 20
POWERS = range(7, 61)
SURE = 60.0
"""Expected draws of all rare categories together that show their absence beyond any alpha in use."""


def _logits(p: float) -> NDArray[np.float64]:
    logits = np.full(CATEGORIES, np.log(p))
    logits[HEAD] = np.log1p(-(CATEGORIES - 1) * p)
    return logits


def groups() -> dict[str, NDArray[np.bool_]]:
    """Return the groups of rare categories: all, those before the head and those after it."""
    k = np.arange(CATEGORIES)
    return {"rare": k != HEAD, "rare before the head": k < HEAD, "rare after the head": k > HEAD}


@lru_cache(maxsize=8)
def expected(alpha: float, beta: float) -> float:
    """Return how many rare draws must be expected for a halved or doubled rate to show, to a tenth.

    It is found for Poisson counts, as those of very rare categories are: binomial ones vary less.
    """
    p, level = 2.0**-40, alpha / (2 * len(groups()))
    mean = SURE
    while shift(round(mean / p), p, level, beta) > p / 2:
        mean *= 1.1
    return mean


def needed(p: float, effort: Effort) -> int:
    """Return the draws that show a halved or doubled rate of all rare categories together."""
    return round(expected(effort.alpha, effort.options.beta) / ((CATEGORIES - 1) * p))


def points(sampler: Sampler, effort: Effort) -> tuple[Sequence[float], int]:
    """Return probabilities 2^-7, 2^-8, ..., as far as the effort shows that the category is never drawn."""
    room = effort.draws(sampler, CATEGORIES)
    values = [2.0**-power for power in POWERS]
    powered = sum(needed(p, effort) <= room for p in values)
    return [p for p in values if (CATEGORIES - 1) * p * room >= SURE], powered


def trial(sampler: Sampler, emits: str, p: float, effort: Effort) -> Trial:
    """Draw from 63 categories of probability p and a head."""
    case = Case(f"rare-{p:.6g}", "rare categories around a head", partial(_logits, p), (emits,), 1.0)
    case = case if emits == "simplex" else Case(case.name, case.why, case.build, (emits,))
    room, n = effort.draws(sampler, CATEGORIES), needed(p, effort)
    method = PooledCells(masses(case, sampler.dtype), groups=groups())
    counted = measurements.category_counts(CATEGORIES)
    return Trial(Scenario(sampler, emits, case), min(n, room), counted, method, n <= room)


RARE = Quantity(
    "rarest category",
    "probability",
    ("index", "simplex", "gumbel"),
    points,
    trial,
    "64 categories, 63 of them rare: exact binomials of all, of those before and after the head, and of each",
)
