"""An exponential race is won by the exact minimum of the scores E_k / p_k, with a logarithm only where it decides.

As -log(1 - v) >= v, the score of a category is at least v_k / p_k, which needs no logarithm. The exact score of any one
category bounds the minimum, so that only categories whose v_k / p_k lies below it can win [1]; on average at most two
do, however the probabilities are spread.

[1] The squeeze principle: L. Devroye, Non-Uniform Random Variate Generation, 1986, section II.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.samplers.builtin.uniforms import Block

SLACK = 1 + 2.0**-40
"""Covers the rounding of a product and a few units in the last place of log1p, with room to spare."""


def winners_of_rows(uniforms: Block, weights: Floats, scores: Block, near: NDArray[np.bool_]) -> Indices:
    """Return argmin(-log1p(-uniforms) * weights, axis=1) for (draws, K) uniforms in (0, 1) and weights 1 / p.

    ``scores`` and ``near`` are overwritten.
    """
    np.multiply(uniforms, weights, out=scores)
    winner: Indices = scores.argmin(axis=1)
    bound = SLACK * _exact(uniforms[np.arange(len(winner)), winner], weights[winner])
    np.less_equal(scores, bound[:, np.newaxis], out=near)
    if np.count_nonzero(near) > len(winner):
        _settle(winner, uniforms, weights, near)
    return winner


def _exact(uniforms: Block, weights: Floats) -> Floats:
    scores: Floats = -np.log1p(-uniforms) * weights
    return scores


def _settle(winner: Indices, uniforms: Block, weights: Floats, near: NDArray[np.bool_]) -> None:
    """Put the exact winners in place of the first guesses; a guess is a candidate too, so that no row is without."""
    place = np.flatnonzero(near)
    row = place // weights.size
    column = place - row * weights.size
    exact = _exact(uniforms.reshape(-1)[place], weights[column])
    best = np.full(len(winner), np.inf)
    np.minimum.at(best, row, exact)
    wins = np.flatnonzero(exact == best[row])[::-1]
    winner[row[wins]] = column[wins]  # backwards: the lowest of equal categories is written last


def winners_of_columns(scores: Block, equal: NDArray[np.bool_], codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return argmin(scores, axis=0) for (K, draws) scores, K <= 255; ``equal`` and ``codes`` are overwritten.

    NumPy's argmin along the first axis is ten times slower than a minimum and a comparison.
    """
    categories = len(scores)
    np.equal(scores, scores.min(axis=0), out=equal)
    rank = np.arange(categories, 0, -1, dtype=np.uint8)
    np.multiply(equal.view(np.uint8), rank[:, np.newaxis], out=codes)
    winner: NDArray[np.uint8] = np.uint8(categories) - codes.max(axis=0)
    return winner
