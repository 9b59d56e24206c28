"""The planted defect is as large as it says, where it says, and the sweep finds it as often as it promises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.exploration.counted import cells_of
from harness.exploration.planted import able, chosen, defect, refuted
from harness.exploration.promise import designed
from harness.space.draw import Space, random_point
from harness.streams import stream

LEVEL = 1e-6 / 4096
ROUGH = designed(0.3, LEVEL, 0.1)


@pytest.mark.parametrize("weights", [(1.0, 1.0), (9.0, 1.0), (1.0, 2.0, 3.0, 4.0), tuple(np.arange(1.0, 60.0))])
def test_a_planted_defect_has_its_deviation_over_the_cells(weights):
    p = np.array(weights) / np.sum(weights)
    n, cell = 40_000, cells_of(p, 240)
    index = defect(1.0, 0.25).form("index").draw(np.log(p), n, rng=np.random.default_rng(0))
    due, seen = np.bincount(cell, weights=p), np.bincount(cell[index]) / n
    assert np.abs(seen - due).sum() / 2 == pytest.approx(0.25, abs=0.02)


def test_one_category_cannot_be_drawn_wrongly():
    draw = defect(1.0).form("index").draw
    assert (draw(np.array([0.0, -np.inf]), 50, rng=np.random.default_rng(0)) == 0).all()


def test_the_share_is_that_of_the_points():
    space = Space(defect(0.3), "index")
    points = [random_point(space, stream(0, i)) for i in range(1000)]
    hits = sum(chosen(point.logits, 0.3) for point in points)
    assert abs(hits - 300) < 5 * np.sqrt(210)
    assert 0.9 < able(0.25, 240) < 1.0


def test_the_promise_is_kept_and_what_is_right_is_spared():
    """A sweep misses with probability 0.1 at most, so of 20 no more than 9 (an exact binomial at 1e-4)."""
    missed = sum(not refuted(defect(0.3, draws=ROUGH.draws), ROUGH, LEVEL, seed) for seed in range(20))
    assert missed <= stats.binom.isf(1e-4, 20, 0.1)
    assert not any(refuted(defect(0.0), ROUGH, LEVEL, seed) for seed in range(3))
