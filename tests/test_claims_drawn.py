"""What a claim's figure draws is what its check tested: the drawn numbers are held to the tested ones."""

from __future__ import annotations

import numpy as np
import pytest

from harness.methods.tails import massart_distance
from suites.claims.trick import extremes, reason, skew
from suites.claims.trick.skew import LAWS, SIZE


def series(exhibit, label):
    (found,) = (one for one in exhibit["series"] if one["label"] == label)
    return {name: np.array(values) for name, values in found.items() if name not in ("label", "style")}


def test_the_distance_of_maxima_is_drawn_from_all_that_were_tested():
    maxima = extremes.many_maxima(20_000, np.random.default_rng(0))
    reach = massart_distance(maxima.size, 1e-6)
    exhibit = extremes._apart(maxima, reach)
    drawn, exact = series(exhibit, "maxima"), series(exhibit, "exact")
    tested = extremes.ks_distance(maxima)
    assert 0.75 * tested < np.abs(drawn["y"]).max() <= tested
    assert np.abs(exact["y"]).max() == pytest.approx(extremes.distance(SIZE), rel=1e-3)
    assert np.all(drawn["low"] <= exact["y"]) and np.all(exact["y"] <= drawn["high"])
    assert f"{maxima.size} maxima" in exhibit["title"]


@pytest.mark.parametrize("law", LAWS)
def test_drawn_densities_are_those_of_maxima(law):
    drawn = series(skew._densities(), f"maxima of {SIZE}, {law}")
    x, step = drawn["x"], 1e-4
    below, above = ((1 - skew._tail(law, x + side)) ** SIZE for side in (-step, step))
    smooth = np.abs(x) > 2 * step  # the exponential's density begins at 0
    assert np.allclose(drawn["y"][smooth], ((above - below) / (2 * step))[smooth], atol=1e-5)
    assert np.trapezoid(drawn["y"], x) == pytest.approx(1, abs=2e-3)


def test_drawn_skewnesses_are_those_in_closed_form():
    exhibit = reason._picture()
    uniform, exponential = series(exhibit, "uniform"), series(exhibit, "exponential")
    assert np.allclose(uniform["y"], [reason.of_uniforms(n) for n in uniform["x"]], atol=1e-3)
    k = np.arange(1.0, 1e4)
    for n, found in zip(exponential["x"], exponential["y"], strict=True):
        if n < 1e4:  # between whole numbers the sums are interpolated
            low, high = (2 * np.sum(k[:m] ** -3) / np.sum(k[:m] ** -2) ** 1.5 for m in (int(n), int(n) + 1))
            assert min(low, high) - 1e-3 <= found <= max(low, high) + 1e-3
    assert exhibit["lines"][2]["x"] == SIZE


def test_drawn_distances_are_the_exact_ones():
    exhibit = extremes.falls_as_one_over_n(extremes.Rates(1e-6, 1e-3), np.random.default_rng(0)).exhibit
    drawn = series(exhibit, "exact")
    assert np.allclose(drawn["y"], [extremes.distance(int(n)) for n in drawn["x"]], rtol=1e-12)
