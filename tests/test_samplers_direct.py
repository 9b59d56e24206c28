"""A word and, on a border, further bits give every category its probability."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from harness.samplers.builtin import direct
from harness.samplers.builtin.direct import Table
from harness.samplers.builtin.weights import probabilities

LOGITS = {
    "one": np.zeros(1),
    "pair": np.log([0.25, 0.75]),
    "fair": np.zeros(64),
    "die": np.log([0.05, 0.1, 0.15, 0.2, 0.22, 0.28]),
    "rare": np.r_[np.log([1e-30, 1e-300]), np.zeros(3), -np.inf],
    "spread": np.linspace(0, -1000, 200),
    "huge": np.array([1.7e308, -1.7e308]),
    "many": np.random.default_rng(1).normal(size=70_000),
}


class Points(np.random.Generator):
    """Gives these words of 32 bits, and for further bits 1/2."""

    def __init__(self, words: Any) -> None:
        super().__init__(np.random.PCG64(0))
        self.words = np.r_[np.asarray(words, "<u4"), np.zeros(len(words) % 2, "<u4")]

    def integers(self, *arguments: Any, **parameters: Any) -> Any:
        return self.words.view(np.uint64)

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        return np.full(size, 0.5)


@pytest.mark.parametrize("name", LOGITS)
def test_borders_and_what_is_left_to_further_bits_are_the_probabilities(name: str) -> None:
    """Whole units below the border and a share of the unit on it make up what each cell keeps, to the last bit."""
    table = Table.of(LOGITS[name])
    cell = np.arange(table.keep.size)
    whole = table.cells["border"] - cell * table.scale
    rest = table.keep * table.scale - table.units(table.keep)
    assert ((whole >= 0) & (whole < table.scale) & (rest >= 0) & (rest <= 1)).all()
    np.testing.assert_array_equal((whole + rest) / table.scale, table.keep)
    mass = table.keep + np.bincount(cell ^ table.cells["move"], weights=1 - table.keep, minlength=cell.size)
    expected = probabilities(LOGITS[name]) * cell.size
    np.testing.assert_allclose(mass[: expected.size], expected, rtol=1e-8, atol=1e-12)
    assert not mass[expected.size :].any()


@pytest.mark.parametrize("name", ["pair", "die", "rare", "spread", "fair", "one"])
def test_a_point_below_the_border_stays_and_one_above_it_moves(name: str) -> None:
    table = Table.of(LOGITS[name])
    cell = np.arange(table.keep.size)
    for offset in (-1, 0, 1):
        point = table.cells["border"].astype(np.int64) + offset
        inside = (point >= 0) & (point >> (31 - table.bits) == cell)
        rest = table.keep * table.scale - table.units(table.keep)
        stays = offset < 0 if offset else rest > 0.5
        expected = np.where(stays, cell, cell ^ table.cells["move"])[inside]
        for last in (0, 1):  # the bit that gives way to a sign
            out = np.empty(int(inside.sum()), np.int64)
            direct.prepare(LOGITS[name])(out, Points((2 * point + last)[inside]))
            np.testing.assert_array_equal(out, expected)


def test_no_word_leads_out_of_the_support() -> None:
    ends = [0, 1, 2**31 - 1, 2**31, 2**32 - 1]
    for logits in LOGITS.values():
        out = np.full(len(ends), -1)
        direct.prepare(logits)(out, Points(ends))
        assert np.isfinite(logits[out]).all()


@pytest.mark.parametrize("bits", [10, 24])
def test_the_law_holds_where_few_bits_are_left_for_the_place_in_a_cell(bits: int) -> None:
    """At 2^24 cells there are 128 units in each, so that further bits decide in one draw of 128."""
    logits = np.r_[np.log([0.5, 0.2, 0.3]), np.full(2**bits - 3, -np.inf)]
    n = 200_000
    out = np.empty(n, np.intp)
    direct.prepare(logits)(out, np.random.Generator(np.random.SFC64(3)))
    counts, expected = np.bincount(out, minlength=3), n * np.array([0.5, 0.2, 0.3])
    assert chi2.sf(((counts - expected) ** 2 / expected).sum(), 2) > 1e-9
