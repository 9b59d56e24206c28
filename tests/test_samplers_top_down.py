"""Perturbed logits from the top down are what the exponentials say, and no rounding lifts another above the winner."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.samplers.blocks import Layout
from harness.samplers.builtin import top_down
from harness.samplers.builtin.uniforms import fill_logarithms
from harness.samplers.builtin.weights import log_sum_exp, probabilities

LOGITS = {
    "pair": np.array([0.0, 2.0]),
    "die": np.log([0.05, 0.1, 0.15, 0.2, 0.22, 0.28]),
    "masked": np.array([0.0, -np.inf, 1.0, -np.inf, 3.0]),
    "one": np.array([7.0]),
    "rare": np.array([np.log(1e-100), 0.0, -3.0]),
    "wide": np.random.default_rng(1).normal(size=300),
    "spread": np.linspace(0, -1e4, 20),
    "shifted": np.linspace(0, 3, 150) + 1e6,
    "huge": np.array([1e300, -1e300, 0.0]),
}


def stream() -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(7))


def by_definition(logits: np.ndarray, observed: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """The maximum log Z - log E_k, and logit_j - log(alpha_j E_k + E_j) for the others."""
    layout = Layout(logits.size, top_down.FEW)
    noise = layout.block(layout.scratch(), size)
    fill_logarithms(noise, rng)
    exponentials = -layout.transposed(noise)
    first = exponentials[:, [observed]]
    made = logits - np.log(probabilities(logits) * first + exponentials)
    made[:, observed] = log_sum_exp(logits) - np.log(first[:, 0])
    return np.asarray(made)


@pytest.mark.parametrize("name", LOGITS)
def test_draws_are_what_the_exponentials_say(name: str) -> None:
    logits = LOGITS[name]
    size = min(500, Layout(logits.size, top_down.FEW).draws)
    for observed in {0, logits.size - 1}:
        out = np.full((size, 2 * logits.size), np.nan)
        with np.errstate(all="raise", under="ignore"):
            top_down.prepare(logits, observed=observed)(out[:, ::2], stream())
        assert np.isnan(out[:, 1::2]).all()
        expected = by_definition(logits, observed, size, stream())
        np.testing.assert_allclose(out[:, ::2], expected, rtol=1e-12, atol=1e-12)
        others = np.delete(out[:, ::2], observed, axis=1)
        assert (others < out[:, ::2][:, [observed]]).all()


ROWS = 40


class NearOne(np.random.Generator):
    """Uniforms that are as near to 1 as they can be, but for those of the first category."""

    def __init__(self, own: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.own = own

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        if out is None:
            return np.full(size, 0.25)
        out[...] = 0.0 if out.ndim == 1 else np.nextafter(1, 0)
        if out.ndim == 2:
            (out if len(out) == ROWS else out.T)[:, 0] = self.own
        return out


@pytest.mark.parametrize("own", [1e-3, 0.5, 1 - 2.0**-30])
@pytest.mark.parametrize("name", ["pair", "die", "wide", "spread", "shifted", "huge", "rare"])
def test_the_winner_is_strict_where_rounding_would_hide_it(name: str, own: float) -> None:
    logits = LOGITS[name]
    out = np.empty((ROWS, logits.size))
    top_down.prepare(logits, observed=0)(out, NearOne(own))
    assert np.isfinite(out).all()
    assert (out[:, 1:] < out[:, [0]]).all()


@pytest.mark.parametrize("categories", [2, 4, 5, 128, 129, 1000])
def test_a_row_is_won_by_the_category_that_was_drawn_first(categories: int) -> None:
    logits = np.linspace(0, 2, categories)
    size = Layout(categories, top_down.FEW).draws + 3
    rows, drawn = np.empty((size, categories)), np.empty(size, np.intp)
    top_down.prepare(logits)(rows, stream())
    top_down.direct.prepare(logits)(drawn, stream())
    np.testing.assert_array_equal(rows.argmax(axis=1), drawn)
