"""The largest number of categories: equal logits, counted by quarter and by parity of the index."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from harness.draws.chunk import Chunk
from harness.envelope.edge import Quantity
from harness.envelope.trial import Effort, Trial
from harness.methods import ChiSquare
from harness.questions.case import Case
from harness.questions.check import Measurement, Scenario
from harness.samplers.registry import Sampler
from harness.statistics import Counts

TOLERANCE = 0.2
FIRST, LAST = 4, 25
CELLS = np.full(8, 1 / 8)


def draws(effort: Effort) -> int:
    """Return the draws that show a total variation of 0.2 over quarters and parities."""
    return ChiSquare(CELLS).required(TOLERANCE, effort.alpha, effort.options.beta)


def points(sampler: Sampler, effort: Effort) -> tuple[Sequence[float], int]:
    """Return 2^4, 2^5, ... as far as the effort goes, 2^25 at most."""
    values = [2.0**power for power in range(FIRST, LAST + 1)]
    within = [k for k in values if draws(effort) <= effort.draws(sampler, int(k))]
    return within, len(within)


def _quarters(categories: int, chunk: Chunk) -> Counts:
    index = chunk.index.astype(np.int64)
    return Counts.of(index * 4 // categories * 2 + index % 2, (8,))


def trial(sampler: Sampler, emits: str, value: float, effort: Effort) -> Trial:
    """Draw from equal logits in so many categories."""
    categories = int(value)
    temperature = 1.0 if emits == "simplex" else None
    case = Case(f"flat-{categories}", "equal logits", partial(np.zeros, categories), (emits,), temperature)
    counted = Measurement("quarters", partial(_quarters, categories))
    return Trial(Scenario(sampler, emits, case), draws(effort), counted, ChiSquare(CELLS))


SIZE = Quantity(
    "largest K",
    "categories",
    ("index", "simplex", "gumbel"),
    points,
    trial,
    "equal logits, chi-square of quarters by parity at total variation 0.2",
)
