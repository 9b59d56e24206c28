"""The alias table gives every category its probability, the light ones exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.samplers.builtin.alias import alias_table, cell_count
from harness.samplers.builtin.weights import probabilities

Floats = np.ndarray


def masses(keep: Floats, other: Floats, categories: int) -> Floats:
    """Probability of each category according to the table, in units of one cell."""
    own = np.zeros(keep.size)
    own += keep
    np.add.at(own, other, 1 - keep)
    assert not own[categories:].any(), "a padding cell is drawn"
    return own[:categories]


def assert_exact(p: Floats, rtol: float) -> None:
    keep, other = alias_table(p)
    cells = cell_count(p.size)
    assert keep.size == other.size == cells
    assert ((keep >= 0) & (keep <= 1)).all()
    assert ((other >= 0) & (other < p.size)).all()
    light = np.flatnonzero(cells * p < 1)
    light = light[light != p.argmax()]
    np.testing.assert_array_equal(keep[light], cells * p[light])
    assert not np.isin(other, light).any(), "a light category is drawn from a cell that is not its own"
    np.testing.assert_allclose(masses(keep, other, p.size), cells * p, rtol=rtol, atol=0)


@pytest.mark.parametrize(
    "weights",
    [
        [1.0],
        [1.0, 1.0],
        [1.0] * 6,
        [0.05, 0.1, 0.2, 0.3, 0.35],
        [1e-30, 1.0],
        [1.0, 1e-30, 0.0, 2.0, 1e-300],
        [0.0, 0.0, 1.0, 0.0],
        [1.0] + [1e-5] * 1000,
        list(np.linspace(1, 2, 257)),
    ],
    ids=lambda weights: f"K={len(weights)}-{weights[0]}",
)
def test_table_reconstructs_the_probabilities(weights: list[float]) -> None:
    p = np.array(weights)
    assert_exact(p / p.sum(), rtol=1e-12)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.one_of(st.just(0.0), st.floats(1e-300, 1e3), st.floats(0.999, 1.001)), min_size=1, max_size=70).filter(
        lambda weights: max(weights) > 1e-3
    )
)
def test_table_reconstructs_any_probabilities(weights: list[float]) -> None:
    p = np.array(weights)
    assert_exact(p / p.sum(), rtol=1e-11)


@pytest.mark.parametrize("shape", ["normal", "zipf", "uniform"])
def test_table_of_a_million_categories(shape: str) -> None:
    rank = np.arange(10**6)
    logits = {
        "normal": np.random.default_rng(1).normal(size=rank.size),
        "zipf": -1.1 * np.log1p(rank),
        "uniform": np.zeros(rank.size),
    }[shape]
    # Prefix sums reach 1e6, where a float64 is spaced 1e-10.
    assert_exact(probabilities(logits), rtol=1e-8)
