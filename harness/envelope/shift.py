"""The largest common shift of the logits, up and down: eight categories by chi-square, against the logits as rounded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.draws import measurements
from harness.envelope.edge import Quantity
from harness.envelope.trial import Effort, Trial
from harness.methods import ChiSquare
from harness.questions.case import Case
from harness.questions.check import Scenario
from harness.questions.law import masses
from harness.questions.precision import precision
from harness.samplers.registry import Sampler

LOGITS = (2.0, 1.5, 1.0, 0.5, 0.0, -0.5, -1.0, -2.0)
TOLERANCE = 0.01
LAST = 100
"""The largest power of two that is tried: beyond it nothing is left of the logits in any type."""


def _logits(shift: float) -> NDArray[np.float64]:
    return np.array(LOGITS) + shift


def tolerance(dtype: str, size: float = 2.0) -> float:
    """Return the total variation that is looked for: 0.01, or four roundings of a coarser type."""
    return max(TOLERANCE, 4 * precision(dtype).eps * size)


def points(sign: float, sampler: Sampler, effort: Effort) -> tuple[Sequence[float], int]:
    """Return 1, 2, 4, ... up to half the type's range."""
    most = min(LAST, int(np.log2(precision(sampler.dtype).largest)) - 1)
    return [sign * 2.0**power for power in range(most + 1)], most + 1


def trial(sampler: Sampler, emits: str, value: float, effort: Effort) -> Trial:
    """Draw eight categories at logits shifted by ``value``."""
    temperature = 1.0 if emits == "simplex" else None
    case = Case(f"shift-{value:.6g}", "a common shift", partial(_logits, value), (emits,), temperature)
    method = ChiSquare(masses(case, sampler.dtype))
    n = max(1000, method.required(tolerance(sampler.dtype), effort.alpha, effort.options.beta))
    return Trial(Scenario(sampler, emits, case), n, measurements.category_counts(len(LOGITS)), method)


_FORMS = ("index", "simplex", "gumbel")
_HOW = "eight categories, chi-square at total variation 0.01 (or four roundings), against the logits as rounded"
UP = Quantity("largest shift up", "logits", _FORMS, partial(points, 1.0), trial, _HOW)
DOWN = Quantity("largest shift down", "logits", _FORMS, partial(points, -1.0), trial, _HOW)
