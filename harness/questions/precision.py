"""A sampler answers for what its type can express: a coarse one gets a stated tolerance, and no case that it cannot hold."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws.log_space import log_sum_exp
from harness.questions.case import Case

COARSEST = 0.1
"""A case whose tolerance would have to be coarser than this says nothing, and is not asked."""
SINGLE = 2.0**-23
"""The relative spacing of float32, in which the thresholds of all cases can be told."""
LOST = 1e-3
"""Mass in categories less likely than eps times the likeliest one, above which noise of that type cannot hold a case."""
UNDERFLOW = 1e-9
"""Rate of underflowing coordinates above which a simplex draw no longer tells which draw it was."""


@dataclass(frozen=True)
class Precision:
    """What a float type resolves: ``eps`` relative spacing, ``tiny`` least normal number, ``largest`` finite one."""

    eps: float
    tiny: float
    largest: float


def precision(dtype: str) -> Precision:
    """Return the precision of a float type, bfloat16 included, which NumPy lacks."""
    if dtype == "bfloat16":
        return Precision(2.0**-7, 2.0**-126, (2 - 2.0**-7) * 2.0**127)
    info = np.finfo(dtype)
    return Precision(float(info.eps), float(info.tiny), float(info.max))


def rounded(logits: Floats, dtype: str) -> Floats:
    """Return logits as a sampler that computes in ``dtype`` sees them.

    bfloat16, which NumPy lacks, is the upper half of a float32, rounded to even.
    """
    if dtype != "bfloat16":
        return logits if dtype == "float64" else logits.astype(dtype).astype(np.float64)
    bits = logits.astype(np.float32).view(np.uint32)
    even = (bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return even.view(np.float32).astype(np.float64)


def tail_bits(dtype: str) -> int:
    """Return j such that 2^-j is the smallest tail probability a sampler is held to: its eps, and float64 any at all."""
    return 63 if dtype == "float64" else round(-math.log2(precision(dtype).eps))


def in_precision(case: Case, dtype: str) -> Case | None:
    """Return the case with the tolerance that ``dtype`` is held to, or None where it says nothing of that type.

    Scores of the size of the logits are rounded by up to eps * |logit|, which moves probabilities by as much in relative
    terms, once or a few times: the tolerance is at least four such roundings at the case's largest logit (or temperature).
    """
    if dtype == "float64":
        return case
    known = precision(dtype)
    if case.settings and _unsettled(case, dtype, known.eps):
        return None
    size = float(np.abs(case.logits[np.isfinite(case.logits)]).max())
    grain = 4 * known.eps * max(1.0, size, case.temperature or 0.0)
    if size > known.largest or grain > COARSEST or _lost(case, known.eps) > LOST:
        return None
    return replace(case, tolerance=max(case.tolerance or 0.0, grain), pooled=max(case.pooled or 0.0, grain))


def holds_masks(case: Case, dtype: str) -> bool:
    """Tell whether ``dtype`` holds which categories are possible, although perhaps not how probable they are.

    That no impossible category is drawn needs no resolution of probabilities.
    """
    finite = case.logits[np.isfinite(case.logits)]
    return not case.settings and not case.drafts and float(np.abs(finite).max()) <= precision(dtype).largest


def _unsettled(case: Case, dtype: str, eps: float) -> bool:
    """Tell whether a type coarser than float32 may see a threshold on either side, or too many ties to list."""
    if eps <= SINGLE:
        return False
    try:
        return len(case.laws_of(rounded(case.logits, dtype), 4 * eps)) > 1
    except UsageError:
        return True


def _lost(case: Case, eps: float) -> float:
    """Return the mass of the categories whose share of the largest probability is below ``eps``."""
    share = np.exp(case.logits - case.logits.max())
    return float(share[share < eps].sum() / share.sum())


def underflow(case: Case, dtype: str) -> float:
    """Bound the probability that a coordinate of a simplex draw is below the least normal number of ``dtype``.

    y_i < tiny implies that the largest y exceeds it by R - log K nats, R = -log tiny, so by the logistic law of
    log y_i - log y_j each category adds at most 1 / (1 + e^{(R - log K) tau + x_i - log sum_{j != i} e^{x_j}}).
    """
    logits = case.logits[np.isfinite(case.logits)]
    if case.temperature is None or logits.size < 2:
        return 0.0
    room = (-np.log(precision(dtype).tiny) - np.log(logits.size)) * case.temperature
    others = float(log_sum_exp(logits))  # more than the sum without i: a bound still
    with np.errstate(over="ignore"):
        return float(np.sum(1 / (1 + np.exp(room + logits - others))))
