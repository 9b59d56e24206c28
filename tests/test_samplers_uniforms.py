"""Uniforms and exponentials keep full relative precision near 0, and are finite whatever the generator gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.samplers.builtin.uniforms import GRID, TINY, fill_exponentials, fill_uniforms, refine


class Scripted(np.random.Generator):
    """Gives the values of a script, one for each call, in every place."""

    def __init__(self, *script: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.script = list(script)

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        value = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if out is None:
            return np.full(size, value)
        out[...] = value
        return out


BELOW_ONE = float(np.nextafter(1, 0))


def filled(fill: Callable[..., None], *script: float) -> float:
    out = np.empty(3)
    fill(out, Scripted(*script))
    assert (out == out[0]).all()
    return float(out[0])


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ((0.25,), 0.25),
        ((2**-20,), 2**-20),
        ((2**-30, 0.75), 2**-30 + 0.75 * GRID),
        ((0.0, 0.75), 0.75 * GRID),
        ((0.0, 0.0, 0.75), 0.75 * GRID**2),
        ((0.0, 2**-30, 0.5), 2**-30 * GRID + 0.5 * GRID**2),
        ((3 * GRID, 2**-30, 0.5), 3 * GRID + 2**-30 * GRID),
        ((0.0,), TINY),
        ((BELOW_ONE,), BELOW_ONE),
    ],
)
def test_small_uniforms_get_the_bits_of_further_words(script: tuple[float, ...], expected: float) -> None:
    assert filled(fill_uniforms, *script) == expected


def test_only_the_small_entries_are_refined() -> None:
    values = np.array([[0.5, 0.0], [2**-40, 2**-19]])
    refine(values, Scripted(0.5))
    np.testing.assert_array_equal(values, [[0.5, GRID / 2], [2**-40 + GRID / 2, 2**-19]])


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ((0.5,), np.log(2)),
        ((BELOW_ONE, 0.5), GRID / 2),
        ((BELOW_ONE, 0.0, 0.5), GRID**2 / 2),
        ((1 - 3 * GRID, 0.5), 2.5 * GRID),
        ((0.0, 0.5), 54 * np.log(2)),
        ((0.0, 0.0, 0.5), 107 * np.log(2)),
    ],
)
def test_exponentials_are_exact_at_both_ends(script: tuple[float, ...], expected: float) -> None:
    assert filled(fill_exponentials, *script) == pytest.approx(expected, rel=1e-15, abs=0)


@pytest.mark.parametrize("script", [(0.0,), (BELOW_ONE,), (BELOW_ONE, 0.0), (0.0, BELOW_ONE)])
def test_exponentials_are_positive_and_finite_at_the_ends(script: tuple[float, ...]) -> None:
    value = filled(fill_exponentials, *script)
    assert 0 < value < 710
    assert np.isfinite(np.log(value))


def test_exponentials_have_the_distribution_that_they_claim() -> None:
    n = 2**20
    out = np.empty(n)
    fill_exponentials(out, np.random.Generator(np.random.SFC64(3)))
    uniform = np.sort(-np.expm1(-out))
    grid = np.arange(n)
    distance = max((uniform - grid / n).max(), ((grid + 1) / n - uniform).max())
    # Dvoretzky-Kiefer-Wolfowitz with Massart's constant, at an error rate of 1e-9.
    assert distance < np.sqrt(np.log(2 / 1e-9) / (2 * n))
