"""Whoever wins, the rest of a draw is iid uniform in coordinates that take the winner as given, and so independent of it.

Perturbed logits [1]: given the winner k, the maximum M is Gumbel(log Z), Z = sum of e^{x_i}, and the others are Gumbels
truncated below M. So with a = Z e^{-M} and p_j = e^{x_j} / Z

    V_k = e^{-a},    V_j = F_j(g_j) / F_j(M) = e^{-e^{x_j - g_j}} e^{p_j a}    (j other than k)

are iid U(0, 1) given k. As this law is the same for every k, all of V is independent of the winner.

Gumbel-softmax [2]: with w_j = e^{x_j} (y_k / y_j)^tau the density of the w_j, j other than k, is in proportion to
(e^{x_k} + sum w)^-K, and "k wins" says that v_j = w_j - e^{x_j} >= 0 for all j. Given that, the density of v is in
proportion to (Z + sum v)^-K on v >= 0, which is the law of the w themselves with Z for e^{x_k}; so with R_0 = Z,
R_m = R_{m-1} + v_m and the others taken in any order, T_m = (R_{m-1} / R_m)^m, m = 1..K-1, are iid U(0, 1) given k, by
[2], eq. (8), integrated over its last coordinates. Here the last category takes the winner's place in the order.

[1] C. J. Maddison, D. Tarlow, T. Minka, A* sampling, NIPS 2014, section 2.
[2] T. Masada, A note on the density of Gumbel-softmax, 2019 (the density document).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import GumbelSoftmax, PerturbedLogits
from harness.laws.log_space import log_softmax

Cells = NDArray[np.uint8]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def given_winner(chunk: Chunk, cells: int) -> Cells:
    """Return the cell of each coordinate, (d, m) for perturbed logits, (K - 1, m) on the simplex.

    A coordinate is worked out in single precision, or as a ratio, and moves no edge of a cell by more than 1e-6 of it.
    """
    if isinstance(chunk.law, PerturbedLogits):
        return _of_gumbels(chunk, chunk.law, cells)
    assert isinstance(chunk.law, GumbelSoftmax)
    return _of_simplex(chunk, chunk.law, cells)


def _of_gumbels(chunk: Chunk, law: PerturbedLogits, cells: int) -> Cells:
    top = law.maximum.rosenblatt(chunk.highest)[:, 0]
    a = -np.log(np.maximum(top, 1e-300)).astype(np.float32)
    masses = np.exp(log_softmax(law.logits))[law.categories].astype(np.float32)
    lifted = np.exp(masses[:, np.newaxis] * a)
    lifted *= chunk.uniforms.T
    made = _cell(lifted, cells)
    made[np.searchsorted(law.categories, chunk.index), np.arange(len(top))] = _cell(top, cells)
    return made


def _cell(uniforms: Floats | NDArray[np.float32], cells: int) -> Cells:
    """Return the cell of values that are not negative; what lies beyond 1, or is 0 times infinity, goes to the last."""
    made: Cells = np.fmin(uniforms * uniforms.dtype.type(cells), cells - 1).astype(np.uint8)
    return made


def _of_simplex(chunk: Chunk, law: GumbelSoftmax, cells: int) -> Cells:
    p = np.exp(log_softmax(law.logits))[law.categories]
    weights = np.exp(law.mean_u - law.to_u(chunk.draws)).T  # e^{x_j - u_j} in units of e^{x_r}, r being the last
    place = np.searchsorted(law.categories, chunk.index)
    everyone = np.concatenate([weights, np.ones((1, weights.shape[1]))])
    scale = p[place] / everyone[place, np.arange(place.size)]
    before, last = np.ones(place.size), scale - p[-1]
    made = np.zeros(weights.shape, np.uint8)
    for m, (weight, mass) in enumerate(zip(weights, p[:-1], strict=True)):
        after = before + np.maximum(np.where(place == m, last, scale * weight - mass), 0.0)
        ratio = before / after
        for edge in (np.arange(1, cells) / cells) ** (1 / (m + 1)):
            made[m] += ratio >= edge
        before = after
    return made
