"""Perturbed logits from the top down [1]: the winner, then the maximum, then the others, truncated below it.

With alpha = softmax(logits), k the winner and E independent exponentials, the perturbed logits g have
exp(logit_k - g_k) = alpha_k E_k and exp(logit_j - g_j) = alpha_j E_k + E_j [1, Algorithm 1, in terms of exponentials]:
no double logarithm of a uniform, hence exact where that uniform rounds to 0 or 1.

[1] C. J. Maddison, D. Tarlow and T. Minka, A* Sampling, 2014.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.logits import Floats, check_logits, check_observed
from harness.registry import Fill
from harness.samplers import direct
from harness.samplers.blocks import Layout, parts, short_buffers
from harness.samplers.built_in import built_in
from harness.samplers.uniforms import fill_exponentials
from harness.samplers.weights import log_sum_exp, probabilities

Choose = Callable[[int, np.random.Generator], slice | NDArray[np.intp]]

FEW = 128
"""Up to so many categories, (K, draws) blocks are faster although they have to be transposed."""


def prepare(logits: ArrayLike, *, observed: int | None = None) -> Fill:
    """Draw perturbed logits given that ``observed`` is their argmax or, without one, given a category drawn first.

    (K,) logits -> (size, K) float64, -inf where the logit is; the given category is the strict argmax of every row.
    Raises UsageError for logits that are no distribution and for an observed category out of range or impossible.
    """
    checked = check_logits(logits)
    layout = Layout(checked.size, few=FEW)
    total, alpha = log_sum_exp(checked), layout.by_category(probabilities(checked))
    levels, noise, rates = layout.by_category(checked), layout.scratch(), layout.scratch()
    choose = _drawn(checked, layout) if observed is None else _given(check_observed(checked, observed), layout)

    @short_buffers()
    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        for part in parts(len(out), layout.draws):
            n = part.stop - part.start
            exponential, rate = layout.block(noise, n), layout.block(rates, n)
            place = choose(n, rng)
            fill_exponentials(exponential, rng)
            first = exponential.reshape(-1)[place]
            top = total - np.log(first)
            np.multiply(alpha, layout.by_draw(first), out=rate)
            np.add(rate, exponential, out=rate)
            np.log(rate, out=rate)
            np.subtract(levels, rate, out=rate)
            # Rounding may lift another category to the maximum or one place above it. (nextafter is ten times slower.)
            np.minimum(rate, layout.by_draw(top - np.abs(np.spacing(top))), out=rate)
            rate.reshape(-1)[place] = top
            np.copyto(layout.transposed(out[part]), rate)

    return fill


def _given(category: int, layout: Layout) -> Choose:
    """The places of one category in the flat block of n draws."""

    def choose(n: int, rng: np.random.Generator) -> slice:
        return slice(category * n, (category + 1) * n) if layout.narrow else slice(category, None, layout.categories)

    return choose


def _drawn(logits: Floats, layout: Layout) -> Choose:
    """The places of freshly drawn categories in the flat block of n draws."""
    fill = direct.prepare(logits)
    places, draws = np.empty(layout.draws, np.intp), np.arange(layout.draws)

    def choose(n: int, rng: np.random.Generator) -> NDArray[np.intp]:
        place = places[:n]
        fill(place, rng)
        np.multiply(place, n if layout.narrow else 1, out=place)
        return np.add(place, draws[:n] * (1 if layout.narrow else layout.categories), out=place)

    return choose


top_down = built_in("top-down", prepare, emits="gumbel")
