"""The figure of an identity shows the difference that was judged: what refutes is never thinned away."""

import numpy as np
import pytest

from suites.evidence.identities import GROUPS, deviation, differences, relative_error


@pytest.mark.parametrize("size", [1, 7, GROUPS, 20_000])
@pytest.mark.parametrize("wrong", [0.0, 3e-9, np.inf, np.nan])
def test_a_point_is_drawn_above_what_is_allowed_where_and_only_where_the_identity_is_refuted(size, wrong):
    found, due, x = np.ones(size), np.ones(size), np.linspace(1, 0, size)
    found[size // 3] += wrong
    (drawn,) = differences("t", "x", [("d", x, relative_error(found, due))], 1e-11)["series"]
    refuted = deviation(found, due, bound=1e-11, what="it").impossible != ""
    assert refuted == (wrong != 0)
    assert [at for at, y in zip(drawn["x"], drawn["y"], strict=True) if y > 1e-11] == [x[size // 3]] * refuted
    assert len(drawn["x"]) <= GROUPS and np.isfinite(drawn["y"]).all()
