"""The screened race has the same winners as the full one, on the same uniforms."""

from __future__ import annotations

import numpy as np
import pytest

from harness.samplers.builtin.race import winners_of_columns, winners_of_rows
from harness.samplers.builtin.uniforms import TINY, fill_uniforms


def screened(uniforms: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return winners_of_rows(uniforms, weights, np.empty_like(uniforms), np.empty(uniforms.shape, np.bool_))


def full(uniforms: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.asarray(np.argmin(-np.log1p(-uniforms) * weights, axis=1))


LOGITS = {
    "normal": np.random.default_rng(1).normal(size=300),
    "flat": np.zeros(1000),
    "two": np.r_[np.zeros(2), np.full(200, -np.inf)],
    "peaked": np.r_[12.0, np.random.default_rng(2).normal(size=100)],
    "single": np.zeros(1),
    "spread": np.linspace(0, -1000, 64),
    "pairs": np.tile([0.0, -3.0, -30.0], 20),
}


@pytest.mark.parametrize("name", LOGITS)
def test_screened_winners_equal_the_full_ones(name: str) -> None:
    logits = LOGITS[name]
    with np.errstate(over="ignore"):
        weights = np.exp(-logits)
    uniforms = np.empty((20_000_00 // logits.size // 4, logits.size))
    fill_uniforms(uniforms, np.random.Generator(np.random.SFC64(5)))
    np.testing.assert_array_equal(screened(uniforms, weights), full(uniforms, weights))


@pytest.mark.parametrize("value", [TINY, 2.0**-53, 0.5, 1 - 2.0**-53])
def test_equal_scores_go_to_the_lowest_category(value: float) -> None:
    uniforms = np.full((3, 70), value)
    np.testing.assert_array_equal(screened(uniforms, np.ones(70)), 0)
    np.testing.assert_array_equal(screened(uniforms, np.r_[np.inf, 2.0, np.ones(68)]), 2)


def test_a_logarithm_can_turn_the_order_that_the_uniforms_suggest() -> None:
    uniforms = np.array([[0.9, 0.5]])
    weights = np.array([1.0, 2.0])  # v w: 0.9 < 1.0, but E w: 2.30 > 1.39
    assert screened(uniforms, weights) == full(uniforms, weights) == 1


@pytest.mark.parametrize("categories", [1, 2, 7, 48, 255])
def test_columns_find_the_lowest_minimum(categories: int) -> None:
    scores = np.random.default_rng(7).integers(0, 5, size=(categories, 1000)).astype(np.float64)
    found = winners_of_columns(scores, np.empty(scores.shape, np.bool_), np.empty(scores.shape, np.uint8))
    np.testing.assert_array_equal(found, scores.argmin(axis=0))
