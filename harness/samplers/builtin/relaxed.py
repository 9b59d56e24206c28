"""The Gumbel-softmax [1, 2], or concrete, distribution: softmax((logits + Gumbel noise) / temperature).

[1] E. Jang, S. Gu and B. Poole, Categorical Reparameterization with Gumbel-Softmax, 2017, eq. 2.
[2] C. J. Maddison, A. Mnih and Y. W. Teh, The Concrete Distribution, 2017, eq. 10.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.logits import check_logits, check_temperature
from harness.samplers.blocks import Layout, parts, short_buffers
from harness.samplers.builtin.built_in import built_in
from harness.samplers.builtin.uniforms import Block, fill_logarithms
from harness.samplers.builtin.weights import log_sum_exp, relative
from harness.samplers.registry import Fill

Power = Callable[[Block], tuple[Block, Block]]

FEW = 128
"""Up to so many categories, (K, draws) blocks are faster although they have to be transposed."""

STRIDED = 4
"""Up to so many categories, it is cheaper to write to every K-th place than to transpose a block."""

REACH = 700.0
"""Logarithms between -REACH and REACH have an exponential that float64 holds to full precision."""

MULTIPLIED = 32
"""The largest power that is multiplied out."""

LONGEST = 7.0
"""The logarithm of the largest exponential: log 709 and a little."""


def prepare(logits: ArrayLike, *, temperature: float) -> Fill:
    """Draw points of the simplex, softmax((logits + Gumbel noise) / temperature).

    (K,) logits -> (size, K) float64 rows that sum to 1, exactly 0 where the logit is -inf.
    Raises UsageError for logits that are no distribution and for a temperature that is not positive and finite.
    """
    lowered = relative(check_logits(logits))
    checked = check_temperature(temperature)
    # A finite factor: at a temperature below 1e-308 infinity times the maximum, which is 0, would be NaN.
    factor = min(1 / checked, float(np.finfo(np.float64).max))
    layout = Layout(lowered.size, few=FEW)
    share = log_sum_exp(lowered) - lowered  # -log p
    longest = share[share < np.inf].max() + LONGEST
    within = longest < REACH * min(checked, 1.0)
    power = _unshifted(layout, share, factor) if within else _shifted(layout, lowered, factor)
    noise = layout.scratch()

    @short_buffers()
    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        with np.errstate(over="ignore"):
            for part in parts(len(out), layout.draws):
                times = layout.block(noise, part.stop - part.start)
                fill_logarithms(times, rng)
                _divide(layout, *power(times), layout.transposed(out[part]))

    return fill


def _unshifted(layout: Layout, share: Floats, factor: float) -> Power:
    """Return the function of log(u) that gives (E / p)^-factor with E = -log(u), and the sums over the categories.

    For moderate p and factor no power underflows, and one overflows so rarely that only then the largest is looked for.
    A whole power, as at temperatures 1, 1/2 and 1/10, is multiplied out: for a third of a logarithm and an exponential.
    """
    negated, scratch = layout.by_category(-np.exp(share)), layout.scratch()
    whole = factor == int(factor) <= MULTIPLIED

    def power(times: Block) -> tuple[Block, Block]:
        np.multiply(times, negated, out=times)
        powers = scratch[: times.size].reshape(times.shape)
        if whole:
            powers = _whole_power(np.reciprocal(times, out=times), int(factor), powers)
        else:
            np.exp(_exponents(times, -factor), out=powers)
        sums = _sums(powers, layout)
        if sums.max() < np.inf:
            return powers, sums
        return _exponentials(_exponents(times, factor) if whole else times, 1.0, layout)

    return power


def _whole_power(base: Block, power: int, out: Block) -> Block:
    """Return base^power by squaring, in ``out`` if there is anything to multiply."""
    if power == 1:
        return base
    made = base
    for bit in f"{power:b}"[1:]:
        made = np.multiply(made, made, out=out)
        if bit == "1":
            np.multiply(made, base, out=made)
    return made


def _exponents(times: Block, factor: float) -> Block:
    """Return factor * log(times), in place."""
    np.log(times, out=times)
    return np.multiply(times, factor, out=times)


def _shifted(layout: Layout, lowered: Floats, factor: float) -> Power:
    """Return the like for any logits and any factor."""
    levels = layout.by_category(lowered)

    def power(times: Block) -> tuple[Block, Block]:
        np.negative(times, out=times)
        np.log(times, out=times)
        np.subtract(levels, times, out=times)
        return _exponentials(times, factor, layout)

    return power


def _exponentials(block: Block, factor: float, layout: Layout) -> tuple[Block, Block]:
    """The exponentials of factor * (block - the largest of a row), in place, and their sums over the categories."""
    np.subtract(block, block.max(axis=layout.axis, keepdims=True), out=block)
    np.multiply(block, factor, out=block)
    np.exp(block, out=block)
    return block, _sums(block, layout)


def _sums(block: Block, layout: Layout) -> Block:
    sums: Block = np.add.reduce(block, axis=layout.axis)
    return sums


def _divide(layout: Layout, block: Block, sums: Block, out: NDArray[Any]) -> None:
    """Write the rows of a block, divided by their sums, to its place in ``out``."""
    inverse = layout.by_draw(1 / sums)
    if STRIDED < layout.categories <= layout.few:
        np.copyto(out, np.multiply(block, inverse, out=block))
    else:
        np.multiply(block, inverse, out=out)


relaxed = built_in("relaxed", prepare, emits="simplex")
