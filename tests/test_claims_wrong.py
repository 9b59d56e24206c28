"""Evidence that claims draw for themselves falls to draws that are wrong, each at its own size and level."""

from __future__ import annotations

import numpy as np

from harness.samplers.draw import draw
from suites.claims.trick import numbers, skew
from suites.evidence.chance import Rates

RATES = Rates(2.4e-10, 1e-3)
RNG = np.random.default_rng


def test_triples_that_lean_to_the_left_are_no_right_skew():
    right, left = (
        skew.triples(lambda rng, n, count, sign=sign: sign * skew.exponential_maxima(rng, n, count), 100, RATES, RNG(0))
        for sign in (1, -1)
    )
    assert right.p_value > RATES.level >= left.p_value


def test_shares_near_one_of_another_temperature_are_refuted(monkeypatch):
    def shares():
        return numbers.shares(np.array([0.5, 0.3, 0.2]), 0.05, RATES, RNG(0), (0.1, 0.3))

    assert shares().p_value > RATES.level

    def warmer(name, logits, n, *, rng, temperature):
        return draw(name, logits, n, rng=rng, temperature=1.5 * temperature)

    monkeypatch.setattr(numbers, "draw", warmer)
    assert shares().p_value <= RATES.level
