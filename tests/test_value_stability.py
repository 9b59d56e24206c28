"""Twenty draws of every built-in sampler are pinned: a change of what a seed gives must be meant, and told in CHANGELOG.md.

After a change that is meant: ``python tests/test_value_stability.py`` prints the table anew.
"""

import numpy as np
import pytest

from harness.samplers.registry import registered
from suites.cases import L8, pairs

SEED, SIZE = 20, 20
PARAMETERS = {"simplex": {"temperature": 0.7}, "ranking": {"k": 3}}
# fmt: off
PINNED: dict[str, list[float]] = {
    "direct/index": [
        0, 2, 2, 3, 0, 0, 2, 4, 2, 3, 0, 0, 0, 0, 1, 0, 0, 1, 0, 3,
    ],
    "gumbel-max/index": [
        1, 0, 3, 3, 1, 1, 2, 0, 2, 0, 0, 5, 0, 1, 3, 0, 0, 5, 1, 2,
    ],
    "gumbel-max/gumbel": [
        6.904166883, -15.08596429, -17.80285075, -11.00346454, 1.740221663, -8.96379202, -16.29232217,
        22.12426536, -35.38076244, 13.92185887, -0.7967444152, 24.90791428, 0.9263513792, -3.280886341,
        28.46645289, -3.849964018, 28.42161906, 29.48830889, -3.725495115, -0.2310940851,
    ],
    "gumbel-top-k/ranking": [
        21, 405, 12, 412, 41, 16, 304, 124, 613, 23, 14, 210, 542, 12, 41, 61, 51, 42, 301, 12,
    ],
    "one-by-one/ranking": [
        21, 120, 24, 102, 120, 23, 23, 601, 246, 102, 103, 12, 12, 21, 31, 310, 320, 16, 31, 13,
    ],
    "relaxed/simplex": [
        2.194352279, 2.583699659, 3.373643823, 3.212846343, 2.170667633, 2.550944697, 2.823654023, 1.004052497,
        2.774262775, 3.035963789, 1.320976641, 3.835271553, 2.018784803, 2.321231472, 4.011807283, 1.749601934,
        1.379041535, 4.666799213, 2.719771173, 3.449861156,
    ],
    "top-down/gumbel": [
        -35.52032637, -9.661199002, -31.1564673, -9.232214032, 12.12471753, 17.35637128, -11.1149523,
        27.63396849, 5.646792891, 22.70620831, -0.6695232994, 8.121984743, 17.3398071, 17.58727712,
        -11.50916635, 5.113843875, -6.805591774, -3.722154136, -3.180156559, 22.23258456,
    ],
}
# fmt: on


def drawn(sampler, emits):
    """Twenty draws as numbers: integers as they are, of rows their weighted sums."""
    rng = np.random.default_rng(SEED)
    made = np.asarray(sampler.form(emits).draw(np.array(L8), SIZE, rng=rng, **PARAMETERS.get(emits, {})))
    if made.ndim == 1:
        return made.tolist()
    if emits == "ranking":
        return [int("".join(map(str, row))) for row in made]
    return [float(f"{value:.10g}") for value in made @ np.arange(1.0, made.shape[1] + 1)]


def forms():
    return [(sampler, emits) for sampler in registered() if sampler.trusted for emits in sampler.forms]


def test_every_form_of_every_built_in_sampler_is_pinned():
    assert {f"{sampler.name}/{emits}" for sampler, emits in forms()} == {*PINNED}


@pytest.mark.parametrize(("sampler", "emits"), forms(), ids=lambda value: getattr(value, "name", value))
def test_the_same_seed_gives_the_draws_that_it_gave(sampler, emits):
    # Rows go through exp and log, which differ in the last digits between builds of NumPy; streams do not.
    np.testing.assert_allclose(drawn(sampler, emits), PINNED[f"{sampler.name}/{emits}"], rtol=1e-7, atol=1e-7)


def test_weights_are_added_in_the_same_way_by_every_python():
    """Since 3.12 ``sum`` of floats compensates: on 3.11 the logits of a case differed in their last bits, and its rows."""
    w = np.array([0.4, 0.3, 0.2, 0.1])
    table = w[:, None] * w / (1 - w[:, None])
    assert np.array_equal(pairs(*w)(), np.log(table[~np.eye(4, dtype=bool)]))


if __name__ == "__main__":
    for one, form in forms():
        print(f'    "{one.name}/{form}": {drawn(one, form)!r},')
