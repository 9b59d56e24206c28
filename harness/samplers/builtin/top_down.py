"""Perturbed logits from the top down [1]: the winner, then the maximum, then the others, truncated below it.

With alpha = softmax(logits), k the winner and E independent exponentials, the perturbed logits g have
exp(logit_k - g_k) = alpha_k E_k and exp(logit_j - g_j) = alpha_j E_k + E_j [1, Algorithm 1, in terms of exponentials]:
no double logarithm of a uniform, hence exact where that uniform rounds to 0 or 1. Divided by alpha, where that neither
overflows nor underflows, all categories share one term: exp(total - g_j) = E_k + E_j / alpha_j, total = logsumexp(logits).

[1] C. J. Maddison, D. Tarlow and T. Minka, A* Sampling, 2014.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.logits import check_logits, check_observed
from harness.samplers.blocks import Layout, aligned, parts, short_buffers
from harness.samplers.builtin import direct
from harness.samplers.builtin.built_in import built_in
from harness.samplers.builtin.uniforms import Block, fill_logarithms
from harness.samplers.builtin.weights import log_sum_exp, probabilities
from harness.samplers.registry import Fill

Places = slice | NDArray[np.intp]
Rates = Callable[[Block, Block], Block]
Choose = Callable[[int, np.random.Generator], Callable[[slice], Places]]

FEW = 128
"""Up to so many categories, (K, draws) blocks are faster although they have to be transposed."""

STRIDED = 4
"""Up to so many categories, it is cheaper to write to every K-th place than to transpose a block."""

MODERATE = 2.0**8
"""Between logits of at most this size no rounding hides an exponential of 2^-20, and no probability underflows."""


def prepare(logits: ArrayLike, *, observed: int | None = None) -> Fill:
    """Draw perturbed logits given that ``observed`` is their argmax or, without one, given a category drawn first.

    (K,) logits -> (size, K) float64, -inf where the logit is; the given category is the strict argmax of every row.
    Raises UsageError for logits that are no distribution and for an observed category out of range or impossible.
    """
    checked = check_logits(logits)
    layout = Layout(checked.size, few=FEW)
    total, noise, winners = log_sum_exp(checked), layout.scratch(), aligned(layout.draws)
    moderate = bool(np.abs(checked[np.isfinite(checked)]).max() <= MODERATE)
    rates, levels = _divided(checked, total, layout) if moderate else _whole(checked, layout)
    straight = not STRIDED < layout.categories <= layout.few
    choose = _drawn(checked, layout) if observed is None else _given(check_observed(checked, observed), layout)

    @short_buffers()
    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        places = choose(len(out), rng)
        for part in parts(len(out), layout.draws):
            block = layout.block(noise, part.stop - part.start)
            near = fill_logarithms(block, rng)
            place, rows = places(part), layout.transposed(out[part])
            first = _take(block.reshape(-1), place, winners[: part.stop - part.start])
            rate = rates(block, layout.by_draw(first))
            if near or not moderate:
                _bounded(rate, levels, place, layout.by_draw(total - np.log(first)))
                np.copyto(rows, rate)
                continue
            np.log(rate, out=rate)
            np.subtract(levels, rate, out=rows if straight else rate)
            if not straight:
                np.copyto(rows, rate)

    return fill


def _divided(logits: Floats, total: float, layout: Layout) -> tuple[Rates, Block]:
    """Return the function of log(u) and of what is taken from it that gives exp(total - g), in place, and the total."""
    weights = layout.by_category(-np.exp(total - logits))

    def rates(logarithms: Block, first: Block) -> Block:
        np.multiply(logarithms, weights, out=logarithms)
        np.add(logarithms, first, out=logarithms)
        return logarithms

    return rates, layout.by_category(np.full(1, total))


def _whole(logits: Floats, layout: Layout) -> tuple[Rates, Block]:
    """Return the like that gives exp(logits - g), for any logits, and the logits."""
    alpha, scratch = layout.by_category(probabilities(logits)), layout.scratch()

    def rates(logarithms: Block, first: Block) -> Block:
        rate = scratch[: logarithms.size].reshape(logarithms.shape)
        np.multiply(alpha, first, out=rate)
        np.subtract(rate, logarithms, out=rate)
        return rate

    return rates, layout.by_category(logits)


def _take(logarithms: Block, place: Places, out: Block) -> Block:
    """Move the exponentials at the places to ``out``; what is left of such a rate is alpha_k E_k, hence the maximum."""
    if isinstance(place, slice):
        np.negative(logarithms[place], out=out)
    else:
        logarithms.take(place, out=out, mode="clip")
        np.negative(out, out=out)
    logarithms[place] = 0
    return out


def _bounded(rate: Block, levels: Block, place: Places, top: Block) -> None:
    """Turn rates into perturbed logits, in place, and have none at the maximum ``top`` or above it but the one."""
    rate.reshape(-1)[place] = 1
    np.log(rate, out=rate)
    np.subtract(levels, rate, out=rate)
    np.minimum(rate, top - np.abs(np.spacing(top)), out=rate)  # nextafter is ten times slower
    rate.reshape(-1)[place] = top.reshape(-1)


def _given(category: int, layout: Layout) -> Choose:
    """The places of one category in the flat block of a part of the draws."""

    def places(part: slice) -> slice:
        n = part.stop - part.start
        return slice(category * n, (category + 1) * n) if layout.narrow else slice(category, None, layout.categories)

    return lambda size, rng: places


def _drawn(logits: Floats, layout: Layout) -> Choose:
    """The places of categories that are drawn first, for all draws at once."""
    fill, starts = direct.prepare(logits), np.arange(layout.draws) * (1 if layout.narrow else layout.categories)

    def choose(size: int, rng: np.random.Generator) -> Callable[[slice], NDArray[np.intp]]:
        categories = np.empty(size, np.intp)
        fill(categories, rng)

        def places(part: slice) -> NDArray[np.intp]:
            place, n = categories[part], part.stop - part.start
            if layout.narrow:
                np.multiply(place, n, out=place)
            return np.add(place, starts[:n], out=place)

        return places

    return choose


top_down = built_in("top-down", prepare, emits="gumbel")
