"""The hypergeometric tails are those of scipy.stats to the bit, with its functions at hand and without."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.methods import hypergeometric
from harness.methods.hypergeometric import Hypergeometric


@pytest.mark.parametrize("name", ["pmf", "cdf", "sf"])
@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_they_are_those_of_scipy_to_the_bit(name, total, marked, drawn, seed):
    rng = np.random.default_rng(seed)
    marked, drawn = np.array([round(marked * total), int(rng.integers(total + 1))]), round(drawn * total)
    mean = marked * drawn / total
    for k in (np.array([0, 1]), np.floor(mean) + rng.integers(-9, 9, 2), marked, marked + 1, np.array([-1, drawn])):
        theirs = getattr(stats.hypergeom(total, marked, drawn), name)(k)
        assert np.array_equal(getattr(Hypergeometric(total, marked, drawn), name)(k), theirs)


def test_where_scipy_has_them_elsewhere_it_is_asked(monkeypatch):
    law, k = Hypergeometric(50, np.array([7, 20]), 12), np.array([3, 4])
    ours = law.sf(k)
    monkeypatch.setattr(hypergeometric, "_functions", dict)
    assert np.array_equal(law.sf(k), ours) and np.array_equal(
        law.pmf(k), stats.hypergeom.pmf(k, 50, np.array([7, 20]), 12)
    )
