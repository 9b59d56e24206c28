"""Powers of exponentials give the softmax of perturbed logits, on the same noise, at any temperature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.samplers.blocks import Layout
from harness.samplers.builtin import relaxed
from harness.samplers.builtin.uniforms import TINY, fill_logarithms

LOGITS = {
    "die": np.log([0.05, 0.1, 0.15, 0.2, 0.22, 0.28]),
    "pair": np.array([0.0, 2.0]),
    "masked": np.array([-np.inf, 0.0, 1.0, -np.inf, 3.0]),
    "one": np.array([-np.inf, 7.0]),
    "wide": np.random.default_rng(1).normal(size=300),
    "rare": np.array([0.0, np.log(1e-280), -3.0]),
    "spread": np.linspace(0, -1e4, 20),
    "huge": np.array([1.7e308, -1.7e308, 1.7e308]),
}
TEMPERATURES = [
    5e-324,
    1e-300,
    1e-3,
    1 / 33,
    1 / 32,
    0.05,
    0.1,
    1 / 3,
    0.5,
    0.7,
    1.0,
    np.nextafter(1, 2),
    3.0,
    1e6,
    1.7e308,
]


def stream() -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(6))


def by_definition(logits: np.ndarray, temperature: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """softmax((logits - log(E)) / temperature), with the largest subtracted first."""
    layout = Layout(logits.size, relaxed.FEW)
    assert size <= layout.draws
    noise = layout.block(layout.scratch(), size)
    fill_logarithms(noise, rng)
    with np.errstate(over="ignore"):
        scores = (logits - logits.max()) - np.log(-layout.transposed(noise))
        shifted = scores - scores.max(axis=1, keepdims=True)
        weights = np.exp(np.where(shifted < 0, shifted / temperature, 0.0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("name", LOGITS)
def test_draws_are_the_softmax_of_perturbed_logits(name: str, temperature: float) -> None:
    logits, size = LOGITS[name], 100
    out = np.full((size, logits.size), np.nan)
    with np.errstate(all="raise", under="ignore"):
        relaxed.prepare(logits, temperature=temperature)(out, stream())
    expected = by_definition(logits, temperature, size, stream())
    # An exponent of up to 745 that is rounded; what is below the normal floats has fewer digits.
    np.testing.assert_allclose(out, expected, rtol=1e-12 if temperature > 0.01 else 1e-11, atol=1e-307)
    np.testing.assert_array_equal(out[:, logits == -np.inf], 0)
    if temperature >= 0.5 and name not in ("rare", "spread", "huge"):
        assert (out[:, np.isfinite(logits)] > 0).all()


class Extreme(np.random.Generator):
    """One uniform is so near 1 that the power of its exponential overflows, in one row."""

    def __init__(self, low: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.low, self.first = low, True

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        if out is None:
            return np.full(size, self.low)
        out[...] = 0.5 if self.first else self.low
        if self.first:
            out.reshape(-1)[0] = np.nextafter(1, 0)
        self.first = False
        return out


@pytest.mark.parametrize("temperature", [0.04, 0.5, 1.0])
@pytest.mark.parametrize("low", [0.0, 0.5])
@pytest.mark.parametrize("size", [3, 200])
def test_an_overflow_is_noticed_and_the_block_made_from_its_largest(temperature: float, low: float, size: int) -> None:
    out = np.empty((4, size))
    with np.errstate(all="raise", under="ignore"):
        relaxed.prepare(np.zeros(size), temperature=temperature)(out, Extreme(low))
    smallest = TINY if low == 0 else 2.0**-54
    with np.errstate(under="ignore"):
        expected = (smallest / np.log(2)) ** (1 / temperature)
    np.testing.assert_allclose(out[0, 0], 1, rtol=1e-13)
    np.testing.assert_allclose(out[0, 1:], expected, rtol=1e-11, atol=1e-307)
    np.testing.assert_allclose(out[1:], 1 / size, rtol=1e-15)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 1e-3])
@pytest.mark.parametrize("categories", [2, 4, 5, 128, 129])
def test_a_row_does_not_depend_on_its_neighbours_block(categories: int, temperature: float) -> None:
    """All layouts of a block write each draw to its own row."""
    logits = np.linspace(0, 1, categories)
    draws = Layout(categories, relaxed.FEW).draws
    out = np.full((draws + 1, 2 * categories), np.nan)
    relaxed.prepare(logits, temperature=temperature)(out[:, ::2], stream())
    assert np.isnan(out[:, 1::2]).all()
    np.testing.assert_allclose(out[:, ::2].sum(axis=1), 1, rtol=1e-13)
    expected = by_definition(logits, temperature, draws, stream())
    np.testing.assert_allclose(out[:draws, ::2], expected, rtol=1e-11, atol=1e-307)
