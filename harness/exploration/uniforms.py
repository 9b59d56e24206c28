"""Rosenblatt uniforms of few draws: their histogram, and the analysis of variance of their normal scores, all exact.

[1] H. Scheffe, The Analysis of Variance, 1959, section 4.1: of an (n, d) array of independent standard normal values the
    mean, the means of columns about it, those of rows about it, and what is left are independent, and their sums of
    squares are chi-square with 1, d - 1, n - 1 and (n - 1)(d - 1) degrees of freedom.
"""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats
from harness.exploration.counted import scored
from harness.laws import special

BINS = 16
ENDS = (2.0**-60, 1 - 2.0**-53)
"""Uniforms are clipped here, so that a score is finite: beyond lies less than 1e-15."""


MOST = 2**16
"""Values that are looked at, about: so many expose a total variation of 0.02, a tenth of what is promised."""


def examined(uniforms: Floats, rng: np.random.Generator) -> Floats:
    """Return all (n, d) values or, of very many, those of the outer coordinates and of others chosen at random.

    What is chosen does not depend on the values. A deviation of all values in total variation is that of the chosen ones
    but for the chance of the choice, which is small for hundreds of coordinates.
    """
    n, d = uniforms.shape
    room = max(MOST // n, 3)
    if d <= room:
        return uniforms
    inner = 1 + np.sort(rng.choice(d - 2, room - 2, replace=False))
    return uniforms[:, np.concatenate([[0], inner, [d - 1]])]


def uniform_questions(uniforms: Floats, rng: np.random.Generator) -> dict[str, float]:
    """Return p-values by question of (n, d) values that should be independent uniforms."""
    if not uniforms.size:
        return {}
    inside = np.clip(examined(uniforms, rng), *ENDS)
    cell = (inside.ravel() * BINS).astype(np.intp)
    statistic, dof = scored(cell, np.full(BINS, 1 / BINS), np.arange(BINS), rng)
    z = special.ndtri(inside)
    return {"uniforms": float(special.gammaincc(dof / 2, statistic / 2))} | _variance(z) | _lag(z)


def _variance(z: Floats) -> dict[str, float]:
    """Return two-sided p-values of the four parts of the sum of squares [1]."""
    n, d = z.shape
    mean, rows, columns = z.mean(), z.mean(axis=1), z.mean(axis=0)
    left = z - rows[:, None] - columns + mean
    parts = {
        "mean": (n * d * mean**2, 1),
        "coordinates": (n * float(np.sum((columns - mean) ** 2)), d - 1),
        "draws": (d * float(np.sum((rows - mean) ** 2)), n - 1),
        "spread": (float(np.sum(left**2)), (n - 1) * (d - 1)),
    }
    return {name: _two_sided(float(value), dof) for name, (value, dof) in parts.items() if dof}


def _two_sided(value: float, dof: int) -> float:
    """Return twice the smaller tail of a chi-square; of one degree of freedom only the upper one says anything."""
    upper = float(special.gammaincc(dof / 2, value / 2))
    return upper if dof == 1 else min(1.0, 2 * min(upper, float(special.gammainc(dof / 2, value / 2))))


def _lag(z: Floats) -> dict[str, float]:
    """Return the p-value of the products of the scores of disjoint pairs of neighbouring draws.

    Sum and difference of two independent standard normal values are independent, with equal variances: the ratio of
    their sums of squares has an F law, and draws that are alike, or opposite, shift it.
    """
    pairs = z.shape[0] // 2
    if pairs < 8:
        return {}
    z = z[: 2 * pairs]
    plus, minus = (float(np.sum((z[::2] + sign * z[1::2]) ** 2)) for sign in (1, -1))
    dof = z.size / 2
    share = plus / (plus + minus)
    tails = special.betainc(dof / 2, dof / 2, share), special.betaincc(dof / 2, dof / 2, share)
    return {"neighbouring rows": float(min(1.0, 2 * min(tails)))}
