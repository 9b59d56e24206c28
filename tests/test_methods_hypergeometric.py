"""SciPy's hypergeometric tails, on which homogeneity rests, hold their digits beside fractions and beside mpmath."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import mpmath
import numpy as np
import pytest
from scipy.stats import hypergeom

from harness.methods import Homogeneity
from harness.methods.homogeneity import UNSEEN
from harness.statistics import Counts


def tails(k: int, total: int, good: int, draws: int) -> tuple[float, float, float]:
    law = hypergeom(total, good, draws)
    return float(law.cdf(k - 1)), float(law.pmf(k)), float(law.sf(k))


def exact(k: int, total: int, good: int, draws: int) -> list[Fraction]:
    """P(X < k), P(X = k), P(X > k) by counting subsets."""
    low, high = max(0, draws - total + good), min(good, draws)
    ways = {x: comb(good, x) * comb(total - good, draws - x) for x in range(low, high + 1)}
    parts = (range(low, k), range(k, k + 1), range(k + 1, high + 1))
    return [Fraction(sum(ways[x] for x in part), comb(total, draws)) for part in parts]


CELLS = [
    (1, 1, 1),
    (2, 1, 1),
    (7, 0, 3),
    (7, 7, 3),
    (7, 3, 0),
    (50, 1, 49),
    (400, 3, 200),
    (400, 200, 397),
    (600, 300, 300),
    (3000, 1000, 500),
]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_tails_are_those_of_counted_subsets(cell):
    total, good, draws = cell
    support = range(max(0, draws - total + good), min(good, draws) + 1)
    for k in sorted({support[0], support[-1], *np.linspace(support[0], support[-1], 12).astype(int).tolist()}):
        for got, wanted in zip(tails(k, *cell), exact(k, *cell), strict=True):
            if wanted > Fraction(1, 10**250):
                assert got == pytest.approx(float(wanted), rel=1e-9)
            else:
                assert got < 1e-249


@pytest.mark.parametrize("sigmas", [0, 3, -6, -14, 20])
def test_tails_of_millions_agree_with_fifty_digits(sigmas):
    total, good, draws = 4_000_000, 1_200_000, 2_000_000
    deviation = float(hypergeom(total, good, draws).std())
    k = 600_000 + round(sigmas * deviation)
    with mpmath.workdps(50):
        logs = mpmath.loggamma
        log_mass = sum(logs(n + 1) - logs(x + 1) - logs(n - x + 1) for n, x in ((good, k), (total - good, draws - k)))
        mass = mpmath.exp(log_mass - logs(total + 1) + logs(draws + 1) + logs(total - draws + 1))
        at = float(mass)
        outward, sums = (1 if sigmas >= 0 else -1), mpmath.mpf(0)
        for x in range(k + outward, k + outward * 12 * round(deviation), outward):
            up = mpmath.mpf(good - x + 1) * (draws - x + 1) / (mpmath.mpf(x) * (total - good - draws + x))
            down = mpmath.mpf(x + 1) * (total - good - draws + x + 1) / (mpmath.mpf(good - x) * (draws - x))
            mass *= up if outward > 0 else down
            sums += mass
    below, here, above = tails(k, total, good, draws)
    assert here == pytest.approx(at, rel=1e-8)
    assert (above if outward > 0 else below) == pytest.approx(float(sums), rel=1e-8)
    assert below + here + above == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("gap", [60_000, 100_000, 130_000, 4_000_000])
def test_what_is_too_far_to_be_added_up_refutes_by_its_bound(gap):
    method, n = Homogeneity(np.array([0.5, 0.5])), 10_000_000
    rng = np.random.default_rng(0)
    one, two = (Counts(n, np.array([n // 2 + d, n // 2 - d])) for d in (gap // 2, -gap // 2))
    evidence = method.evidence((one, two), rng)
    normal = 2 * gap**2 / n
    if normal < -2 * UNSEEN:
        assert evidence.statistic == pytest.approx(normal, rel=1e-3)
    else:
        assert evidence.statistic > -UNSEEN
        assert evidence.p_value < 1e-200
