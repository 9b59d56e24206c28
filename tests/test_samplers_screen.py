"""A race of which sixteen bits are drawn first has the winners of the full race on the same noise, and its law."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from harness.samplers.builtin import gumbel_max, screen
from harness.samplers.builtin.screen import CELLS, NOBODY, Racer, Screen
from harness.samplers.builtin.uniforms import GRID, words

LOGITS = {
    "normal": np.random.default_rng(1).normal(size=300),
    "flat": np.zeros(1000),
    "two": np.r_[np.full(100, -np.inf), 0.0, np.full(50, -np.inf), 0.5],
    "peaked": np.r_[12.0, np.random.default_rng(2).normal(size=100)],
    "spread": np.linspace(-1000, 0, 64),
    "huge": np.r_[np.linspace(-1e4, 0, 40), -1.7e308],
    "tiny": np.r_[np.full(50, np.log(1e-300)), np.zeros(50)],
    "pairs": np.tile([-30.0, 0.0, -3.0], 20),
}


def weights_of(logits: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(logits.max() - logits))


class Halfway(np.random.Generator):
    """All bits after the first sixteen are those of 1/2, so that the noise can be said from the words."""

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        return np.full(size, 0.5)


class Words(Halfway):
    """The first sixteen bits are the same everywhere."""

    def __init__(self, word: int) -> None:
        super().__init__(np.random.PCG64(0))
        self.word = word

    def integers(self, *arguments: Any, **parameters: Any) -> Any:
        return np.full(parameters["size"] * 4, self.word, "<u2").view(np.uint64)


def full(logits: np.ndarray, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Winners and their scores from a logarithm of everybody's noise."""
    noise = words(rows * logits.size, np.uint16, rng).reshape(rows, -1)
    with np.errstate(over="ignore"):
        scores = -np.log1p(-(noise + 0.5) / 2**16) * weights_of(logits)
    return scores.argmin(axis=1), scores.min(axis=1)


@pytest.mark.parametrize("name", LOGITS)
def test_the_winners_are_those_of_the_full_race_on_the_same_noise(name: str) -> None:
    """Sixteen bits are few enough for many ties, which the lowest category wins."""
    logits = LOGITS[name]
    weights, rows = weights_of(logits), 2_000_000 // logits.size
    with np.errstate(over="ignore"):
        found = Racer(weights, rows).race(rows, Halfway(np.random.SFC64(1)))
    winner, score = full(logits, rows, Halfway(np.random.SFC64(1)))
    arrived = score < Screen.of(weights).horizon
    assert arrived.any() and not arrived.all()
    np.testing.assert_array_equal(found, np.where(arrived, winner, NOBODY))


@pytest.mark.parametrize("name", LOGITS)
def test_who_is_held_to_be_late_is_late(name: str) -> None:
    """The smallest noise that the screen rejects belongs to an arrival at the horizon or after it."""
    weights = weights_of(LOGITS[name])
    made = Screen.of(weights)
    v = (made.last + 1.0) / CELLS
    with np.errstate(over="ignore", divide="ignore"):
        assert (-np.log1p(-v) * weights >= made.horizon).all()
        below = np.maximum(made.last - 1, 0) / CELLS
        spare = (-np.log1p(-below) * weights > made.horizon) & (made.last > 0)
    assert not spare.any(), "a cell is admitted that needs not be"


@pytest.mark.parametrize(("word", "winner"), [(0, 2), (2**16 - 1, NOBODY)])
def test_equal_arrivals_go_to_the_lowest_category_and_late_ones_to_nobody(word: int, winner: int) -> None:
    weights = np.r_[np.inf, 2.0, np.ones(98)]
    np.testing.assert_array_equal(Racer(weights, 3).race(3, Words(word)), winner)


def test_noise_of_the_first_cell_keeps_its_relative_precision() -> None:
    class Zero(Words):
        def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
            self.calls = getattr(self, "calls", 0) + 1
            return np.full(size, 0.0 if self.calls < 3 else 0.75)

    # log1p(-v) of v = 0.75 2^-106 2^-16
    scores = screen._exponentials(np.zeros(1, np.uint16), Zero(0))
    assert scores[0] == -0.75 * GRID**2 / 2**16
    top = screen._exponentials(np.array([2**16 - 1], np.uint16), np.random.Generator(np.random.PCG64(0)))
    assert -37 < top[0] < -11


@pytest.mark.parametrize("horizon", [1e-3, 0.5, 2.0, 30.0])
@pytest.mark.parametrize("shape", ["steps", "rare"])
def test_the_law_does_not_depend_on_the_horizon(horizon: float, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "HORIZON", horizon)
    n = 300_000
    p = np.repeat([1.0, 2.0, 3.0, 7.0], 10) if shape == "steps" else np.r_[5.0, np.full(50, 0.01), 4.0, 1e-300]
    p /= p.sum()
    out = np.empty(n, np.intp)
    gumbel_max.prepare_index(np.log(p))(out, np.random.Generator(np.random.SFC64(4)))
    counts = np.bincount(out, minlength=p.size)
    assert counts[p < 1e-200].sum() == 0
    expected, counts = n * p[p > 1e-200], counts[p > 1e-200]
    assert chi2.sf(((counts - expected) ** 2 / expected).sum(), counts.size - 1) > 1e-9


@pytest.mark.parametrize("size", [0, 1, 5, 700])
def test_any_number_of_rows_longer_than_a_block(size: int) -> None:
    logits = np.r_[np.full(70_000, -20.0), np.zeros(3)]
    out = np.full(size, -1)
    gumbel_max.prepare_index(logits)(out, np.random.Generator(np.random.SFC64(2)))
    assert ((out >= 0) & (out < logits.size)).all()
    assert (out >= 70_000).sum() > 0.9 * size or size < 10


def test_late_rows_are_raced_to_their_end() -> None:
    out = np.empty(100, np.intp)
    gumbel_max.prepare_index(np.r_[np.zeros(99), 3.0])(out, Late(np.random.PCG64(0)))
    assert len(np.unique(out)) > 10


class Late(np.random.Generator):
    """Nobody arrives before the horizon."""

    def integers(self, *arguments: Any, **parameters: Any) -> Any:
        return np.full(parameters["size"], np.iinfo(np.uint64).max)
