"""Logits enter a sampler relative to the largest, so that a shift changes nothing and nothing overflows."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats


def relative(logits: Floats) -> Floats:
    """Return (K,) logits less their maximum: zero at the largest, -inf where a probability is below any float64."""
    with np.errstate(over="ignore"):
        lowered: Floats = logits - logits.max()
    return lowered


def probabilities(logits: Floats) -> Floats:
    """Return the (K,) softmax of the logits."""
    weights: Floats = np.exp(relative(logits))
    weights /= weights.sum()
    return weights


def log_sum_exp(logits: Floats) -> float:
    """Return the logarithm of the sum of the exponentials of the logits."""
    return float(logits.max() + np.log(np.exp(relative(logits)).sum()))
