"""The Gumbel-softmax [1, 2], or concrete, distribution: softmax((logits + Gumbel noise) / temperature).

[1] E. Jang, S. Gu and B. Poole, Categorical Reparameterization with Gumbel-Softmax, 2017, eq. 2.
[2] C. J. Maddison, A. Mnih and Y. W. Teh, The Concrete Distribution, 2017, eq. 10.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.logits import check_logits, check_temperature
from harness.registry import Fill
from harness.samplers.blocks import Layout, parts, short_buffers
from harness.samplers.built_in import built_in
from harness.samplers.uniforms import Block, fill_exponentials
from harness.samplers.weights import relative

FEW = 128
"""Up to so many categories, (K, draws) blocks are faster although they have to be transposed."""


def prepare(logits: ArrayLike, *, temperature: float) -> Fill:
    """Draw points of the simplex, softmax((logits + Gumbel noise) / temperature).

    (K,) logits -> (size, K) float64 rows that sum to 1, exactly 0 where the logit is -inf.
    Raises UsageError for logits that are no distribution and for a temperature that is not positive and finite.
    """
    checked = check_logits(logits)
    layout = Layout(checked.size, few=FEW)
    noise, lowered = layout.scratch(), layout.by_category(relative(checked))
    # A finite factor: at a temperature below 1e-308 infinity times the maximum, which is 0, would be NaN.
    factor = min(1 / check_temperature(temperature), float(np.finfo(np.float64).max))

    @short_buffers()
    def fill(out: NDArray[Any], rng: np.random.Generator) -> None:
        for part in parts(len(out), layout.draws):
            block = layout.block(noise, part.stop - part.start)
            fill_exponentials(block, rng)
            np.log(block, out=block)
            np.subtract(lowered, block, out=block)
            _softmax(block, factor, layout.axis)
            np.copyto(layout.transposed(out[part]), block)

    return fill


def _softmax(block: Block, factor: float, axis: int) -> None:
    """Softmax of factor * block along an axis, in place."""
    np.subtract(block, block.max(axis=axis, keepdims=True), out=block)
    with np.errstate(over="ignore"):
        np.multiply(block, factor, out=block)
    np.exp(block, out=block)
    np.multiply(block, 1 / block.sum(axis=axis, keepdims=True), out=block)


relaxed = built_in("relaxed", prepare, emits="simplex")
