"""Questions put to calls: agreements at every distance are counted rightly, and other logits are other laws."""

import itertools

import numpy as np
import pytest

from suites.calling.logits import VARIATION, _turns
from suites.calling.sizes import LONG, _agreements
from suites.cases import case


@pytest.mark.parametrize("n", [2, 3, 33, 100, 101])
def test_agreements_are_those_that_a_loop_counts(n):
    drawn = np.random.default_rng(n).integers(0, 3, n)
    distances = range(n - n // 2, n)
    assert _agreements(drawn, 3).tolist() == [(drawn[: n - s] == drawn[s:]).sum() for s in distances]


def test_a_long_call_holds_two_to_the_sixteen_among_its_distances():
    assert LONG - LONG // 2 <= 2**16 < LONG - 1


def test_logits_in_turn_look_alike_and_are_not():
    turns = [row for _, row in _turns(case("die").logits)]
    for one, other in itertools.pairwise(turns):
        p, q = np.exp(one), np.exp(other)
        assert np.isclose(p.sum(), q.sum()) and p.max() == q.max() and p.size == q.size
        assert np.array_equal(p, q) or 0.5 * np.abs(p - q).sum() > VARIATION
    assert sum(one[0] == other[0] and one[-1] == other[-1] for one, other in itertools.pairwise(turns)) > 2
