"""What scores lose where cells expect few is what their moments say, and the designed n makes up for it."""

import numpy as np
import pytest
from scipy import special, stats

from harness.methods import ChiSquare, Homogeneity
from harness.methods.score_loss import efficiency, kept, share_kept, share_kept_of_two
from harness.methods.scores import normal_scores
from harness.statistics import Counts
from harness.streams import stream

ALPHA, BETA, SURE = 1e-9, 1e-2, 1e-6


@pytest.mark.parametrize("expected", [0.3, 2.0, 5.0, 5.5, 20.0, 100.0])
def test_the_share_kept_is_that_of_scores_drawn(expected):
    """E z^2 of a Poisson count that expects 1 + d and 1 - d times as many; half their sum has no terms of odd order."""
    rng, n, d = stream(0, "share", int(10 * expected)), 1_000_000, min(0.3, 1.2 / np.sqrt(expected))
    squares = []
    for sign in (1, -1):
        x = rng.poisson(expected * (1 + sign * d), n)
        u = rng.random(n)
        low = (1 - u) * stats.poisson.cdf(x - 1, expected) + u * stats.poisson.cdf(x, expected)
        squares.append(special.ndtri(np.clip(low, 1e-16, 1 - 1e-16)) ** 2)
    gain = (squares[0].mean() + squares[1].mean()) / 2 - 1
    error = 6 * np.hypot(squares[0].std(), squares[1].std()) / 2 / np.sqrt(n)
    seen = gain / (expected * d * d)
    assert share_kept(expected) <= seen + error / (expected * d * d)
    assert seen == pytest.approx(share_kept(expected), abs=0.05 + error / (expected * d * d))


def test_the_share_kept_rises_to_all():
    shares = [share_kept(x) for x in (0.05, 0.5, 1, 2, 5, 5.5, 10, 50, 500)]
    assert shares == sorted(shares) and shares[0] > 0 and shares[-1] < 1
    assert shares[5] == pytest.approx(0.945, abs=0.001)
    pairs = [share_kept_of_two(x) for x in (0.1, 1, 5, 10, 40)]
    assert pairs == sorted(pairs) and pairs[0] > 0 and pairs[-1] < 1


@pytest.mark.parametrize("samples", [1, 2])
def test_efficiency_is_continuous_and_close_to_one_for_large_counts(samples):
    found = [efficiency(np.full(100, 0.01), 100 * x, samples=samples) for x in np.geomspace(0.1, 1e5, 400)]
    assert np.all(np.diff(found) > 0) and np.max(np.diff(found)) < 0.02
    assert found[-1] == pytest.approx(1, abs=1e-5)


def half_up(size, expected, method):
    """A law off by what the method needs at this many expected a cell, up in a random half of the cells."""
    n = int(size * expected)
    d = 2 * method.detectable(n, ALPHA, BETA)
    signs = np.ones(size)
    signs[stream(0, "signs", size).permutation(size)[: size // 2]] = -1
    return n, (1 + d * signs) / size


@pytest.mark.parametrize("expected", [5.5, 10, 20, 50])
def test_a_random_half_of_many_cells_up_is_missed_no_more_often_than_designed(expected):
    method = ChiSquare(np.full(300, 1 / 300))
    n, q = half_up(300, expected, method)
    rng = stream(0, "half up", int(10 * expected))
    missed = sum(method.evidence((Counts(n, rng.multinomial(n, q)),), rng).p_value > ALPHA for _ in range(600))
    assert missed <= stats.binom.isf(SURE, 600, BETA)


@pytest.mark.parametrize("expected", [5.5, 20])
def test_two_samples_in_many_cells_are_told_apart_as_often_as_designed(expected):
    method = Homogeneity(np.full(100, 1 / 100))
    n, q = half_up(100, expected, method)
    rng = stream(0, "half up of two", int(10 * expected))
    p = 2 / 100 - q
    middle = (p + q) / 2
    one, two = middle + (q - p) / 4, middle - (q - p) / 4
    missed = 0
    for _ in range(200):
        both = tuple(Counts(n, rng.multinomial(n, law)) for law in (one, two))
        missed += method.evidence(both, rng).p_value > ALPHA
    assert missed <= stats.binom.isf(SURE, 200, BETA)


@pytest.mark.parametrize("size", [10, 600, 5000])
def test_what_is_required_is_what_is_detectable(size):
    for method in (ChiSquare(np.full(size, 1 / size)), Homogeneity(np.full(size, 1 / size))):
        for tolerance in (0.2, 0.05, 0.01):
            n = method.required(tolerance, ALPHA, BETA)
            assert method.detectable(n, ALPHA, BETA) <= tolerance
            if n > 6 * size + 100:
                assert method.detectable(int(n * 0.99), ALPHA, BETA) > tolerance * 0.995


def test_an_excess_of_variance_raises_that_of_the_scores_by_its_share():
    """Counts of 32 draws from a Dirichlet-multinomial have 1.5 times the variance; eight cells expect 14 down to 0.3."""
    p, draws, excess = np.geomspace(1, 0.02, 8), 32, 0.5
    p /= p.sum()
    rng = np.random.default_rng(3)
    laws = rng.dirichlet((draws - 1 - excess) / excess * p, size=6000)
    scores = np.array([normal_scores(rng.multinomial(draws, law), p, rng) for law in laws])
    found = np.sum(scores**2, axis=1) / (p.size - 1) - 1
    share = float(np.mean(kept(draws * p)))
    assert 0.6 < share < 0.85
    assert abs(found.mean() / excess - share) < 4 * found.std() / np.sqrt(len(found)) / excess + 0.02
