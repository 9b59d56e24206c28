"""The Gumbel-max trick [1]: the argmax of logits + Gumbel noise is distributed as softmax(logits).

The index alone needs less: -log E of an exponential E is Gumbel, so the argmax is the winner of an exponential race.

[1] E. J. Gumbel, Statistical Theory of Extreme Values and Some Practical Applications, 1954; C. J. Maddison, D. Tarlow
and T. Minka, A* Sampling, 2014.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.logits import check_logits
from harness.samplers.blocks import BLOCK, Layout, parts, short_buffers
from harness.samplers.builtin.built_in import built_in
from harness.samplers.builtin.race import winners_of_columns, winners_of_rows
from harness.samplers.builtin.screen import NOBODY, Racer
from harness.samplers.builtin.uniforms import fill_exponentials, fill_logarithms, fill_uniforms
from harness.samplers.builtin.weights import relative
from harness.samplers.registry import Fill

FEW = 48
"""Up to so many categories, (K, draws) blocks with all their logarithms cost less than rows of which few are taken."""

SCREENED = 2 * BLOCK
"""Values of a block of which sixteen bits are drawn."""


def prepare_index(logits: ArrayLike) -> Fill:
    """Draw the argmax of logits + Gumbel noise.

    (K,) logits -> (size,) integers. Raises UsageError for logits that are no distribution.
    """
    checked = check_logits(logits)
    with np.errstate(over="ignore"):
        weights: Floats = np.exp(-relative(checked))  # 1 / p up to a factor; inf never wins
    layout = Layout(checked.size, few=FEW)
    return _columns(layout, weights) if layout.narrow else _screened(weights, _rows(layout, weights))


def _columns(layout: Layout, weights: Floats) -> Fill:
    noise, equal, codes = layout.scratch(), layout.scratch(np.bool_), layout.scratch(np.uint8)
    negated = layout.by_category(-weights)

    @short_buffers()
    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        for part in parts(len(out), layout.draws):
            n = part.stop - part.start
            scores = layout.block(noise, n)
            fill_logarithms(scores, rng)
            np.multiply(scores, negated, out=scores)
            out[part] = winners_of_columns(scores, layout.block(equal, n), layout.block(codes, n))

    return fill


def _rows(layout: Layout, weights: Floats) -> Fill:
    noise, scores, near = layout.scratch(), layout.scratch(), layout.scratch(np.bool_)

    @short_buffers()
    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        for part in parts(len(out), layout.draws):
            n = part.stop - part.start
            uniforms = layout.block(noise, n)
            fill_uniforms(uniforms, rng)
            out[part] = winners_of_rows(uniforms, weights, layout.block(scores, n), layout.block(near, n))

    return fill


def _screened(weights: Floats, to_the_end: Fill) -> Fill:
    """Race up to a horizon; rows where nobody has arrived by then are raced from the start, ``to_the_end``."""
    rows = max(1, SCREENED // weights.size)
    racer = Racer(weights, rows)

    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        late = []
        with np.errstate(over="ignore"):
            for part in parts(len(out), rows):
                winner = racer.race(part.stop - part.start, rng)
                out[part] = winner
                if winner.min() == NOBODY:
                    late.append(part.start + np.flatnonzero(winner == NOBODY))
        if late:
            places = np.concatenate(late)
            again = np.empty(places.size, np.intp)
            to_the_end(again, rng)
            out[places] = again

    return fill


def prepare_gumbel(logits: ArrayLike) -> Fill:
    """Draw perturbed logits, logits + Gumbel noise; the noise does not depend on the logits.

    (K,) logits -> (size, K) float64, -inf where the logit is. Raises UsageError for logits that are no distribution.
    """
    checked = check_logits(logits)
    layout = Layout(checked.size, few=0)
    noise = layout.scratch()
    repeated = np.tile(checked, layout.draws)  # flat arithmetic: rows of a few categories would be slow

    @short_buffers()
    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        for part in parts(len(out), layout.draws):
            shape = (part.stop - part.start, checked.size)
            gumbel = noise[: shape[0] * shape[1]]
            fill_exponentials(gumbel, rng)
            np.log(gumbel, out=gumbel)
            same = repeated[: gumbel.size].reshape(shape)
            np.subtract(same, gumbel.reshape(shape), out=out[part])

    return fill


built_in("gumbel-max", prepare_index, emits="index")
gumbel_max = built_in("gumbel-max", prepare_gumbel, emits="gumbel")
