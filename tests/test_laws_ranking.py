"""Rankings follow Plackett and Luce's law: exact over all of them, and equal to draws one by one."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.errors import UsageError
from harness.laws import Ranking, RankingUniforms, ranking_log_probability


def plackett_luce(weights, ranking):
    left, p = sum(weights), Fraction(1)
    for item in ranking:
        p *= Fraction(weights[item], left)
        left -= weights[item]
    return p


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.data())
def test_rankings_are_products_of_conditional_draws_and_sum_to_one(weights, data):
    k = data.draw(st.integers(1, len(weights)))
    law = Ranking(np.log(weights), k)
    exact = [float(plackett_luce(weights, row)) for row in law.cells.tolist()]
    assert np.allclose(law.mass, exact, rtol=1e-12)
    assert np.isclose(law.mass.sum(), 1, atol=1e-12)
    sets = Ranking(np.log(weights), k, ordered=False)
    assert np.isclose(sets.mass.sum(), 1, atol=1e-12)
    for cell, mass in zip(sets.cells.tolist(), sets.mass, strict=True):
        assert np.isclose(mass, float(sum(plackett_luce(weights, order) for order in permutations(cell))), rtol=1e-12)


def test_rows_are_coded_by_their_cell():
    law = Ranking(np.zeros(4), 3)
    assert law.encode(law.cells).tolist() == list(range(24))
    assert law.encode(np.array([[0, 0, 1], [0, 1, 4], [-1, 0, 1]])).tolist() == [-1, -1, -1]
    sets = Ranking(np.zeros(4), 3, ordered=False)
    assert sets.encode(sets.cells[:, ::-1]).tolist() == [0, 1, 2, 3]


def test_a_repeated_or_masked_item_is_impossible():
    found = ranking_log_probability([0.0, 1.0, -np.inf], [[0, 0], [0, 2], [0, 1], [1, 0]])
    assert np.isneginf(found[:2]).all()
    assert np.allclose(np.exp(found[2:]), [1 / (1 + np.e), np.e / (1 + np.e)])


@pytest.mark.parametrize("ranking", [[0.5, 1.0], [0, 3], [-1, 0]])
def test_what_is_no_ranking_is_refused(ranking):
    with pytest.raises(UsageError, match="ranking holds integers"):
        ranking_log_probability([0.0, 0.0, 0.0], ranking)


@pytest.mark.parametrize(
    ("logits", "k", "words"), [([0.0, -np.inf], 2, "k must be"), (np.zeros(50), 4, "more than 4096")]
)
def test_what_has_no_law_is_refused(logits, k, words):
    with pytest.raises(UsageError, match=words):
        Ranking(np.array(logits), k)


def test_stages_of_many_items_are_sent_to_equal_cells():
    logits, k, n = np.log(np.array([5.0, 3.0, 1.0, 1.0, 0.5])), 2, 100_000
    law, rng = RankingUniforms(logits, k), np.random.default_rng(0)
    rows = np.argsort(-(logits + rng.gumbel(size=(n, logits.size))), axis=1)[:, :k]
    cells = law.encode(rows, rng.random((n, k)))
    assert stats.chisquare(np.bincount(cells, minlength=law.bins**k)).pvalue > 1e-6
    assert law.encode(np.array([[1, 1], [0, 1]]), np.full((2, k), 0.5)).tolist()[0] == -1
