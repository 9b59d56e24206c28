"""Each method simulated from its exact law: it rejects at its level, and sees the worst alternative of its tolerance.

Simulated rates are held to binomial intervals that a right method leaves with probability 1e-6 each.
"""

import math

import mpmath as mp
import numpy as np
import pytest
from scipy import stats

from harness.methods import (
    ChiSquare,
    DyadicTails,
    Homogeneity,
    KolmogorovSmirnov,
    Mean,
    PairTables,
    PooledCells,
    SupportMethod,
    Tables,
)
from harness.statistics import Blocks, Counts, Moments, Support, UniformBins
from harness.statistics.uniforms import DYADIC
from harness.streams import stream

REPLICATES, POWER_REPLICATES = 2000, 1000
SURE = 1e-6
LEVELS = (0.05, 0.01, 0.001)
TOLERANCE, ALPHA, BETA = 0.05, 1e-3, 1e-2

DIE = np.array([0.05, 0.05, 0.1, 0.13, 0.27, 0.4])
EVEN = np.full(8, 1 / 8)
ZIPF = (1 / np.arange(1, 201)) / (1 / np.arange(1, 201)).sum()
RARE = np.array([0.98, 0.02])
DOMINANT = np.array([0.9994, 1e-4, 2e-4, 3e-4])
BINS = 64


def counts(p, n, draws_per_unit=1):
    return lambda rng: (Counts(n, rng.multinomial(n // draws_per_unit, p.ravel()).reshape(p.shape)),)


def two_counts(p, q, n):
    return lambda rng: (Counts(n, rng.multinomial(n, p)), Counts(n, rng.multinomial(n, q)))


def uniform_bins(bins, low, high, n):
    """Bins and tails made directly of their law, three arrays of probabilities."""
    empty = np.zeros((1, DYADIC), np.int64)

    def tail(masses, rng):
        found = empty.copy()
        found[0, -masses.size :] = rng.multinomial(n, [*masses, max(0.0, 1 - masses.sum())])[:-1]
        return found

    zero = np.zeros(1, np.int64)
    return lambda rng: (UniformBins(n, rng.multinomial(n, bins)[None, :], tail(low, rng), tail(high, rng), zero),)


def exponential_mean(n, shift=0.0):
    def make(rng):
        total = rng.gamma(n) + n * shift
        return (Moments(n, np.array([[total, 0.0, 0.0]]), np.array([[2.0 * n, 0.0, 0.0]])),)

    return make


def tables(masses, pairs, n):
    return lambda rng: (
        Counts(n, np.stack([rng.multinomial(n * each, masses.ravel()).reshape(4, 4) for each in pairs])),
    )


EVEN, EIGHTHS = np.full((4, 4), 1 / 16), np.full((2, 2, 2), 1 / 8)
TRIPLES = Blocks.of(10, 2, 3)


def one_table_bad(q, count, n, units=1, p=EVEN):
    """Of ``count`` tables the last has law q, all others p."""
    return lambda rng: (
        Counts(n, np.stack([rng.multinomial(n // units, each.ravel()) for each in [p] * (count - 1) + [q]])),
    )


def block_counts(parity, n):
    """Draws of ten halves; the parity of coordinates 2, 5 and 9 is even with probability 1/2 + parity."""

    def make(rng):
        bits = rng.integers(0, 2, (n, 10), dtype=np.uint8)
        if parity is not None:
            bits[:, 9] = bits[:, 2] ^ bits[:, 5] ^ (rng.random(n) >= 0.5 + parity)
        weights = 1 << np.arange(7, -1, -1)
        rows = [[*members, *[10] * (8 - len(members))] for members in TRIPLES.members]
        padded = np.hstack([bits, np.zeros((n, 1), np.uint8)])
        return (Counts(n, np.stack([np.bincount(padded[:, row] @ weights, minlength=256) for row in rows])),)

    return make


def p_values(name, method, make, replicates):
    rng = stream(0, "size and power", name)
    return np.array([method.evidence(make(rng), rng).p_value for _ in range(replicates)])


FLAT_BINS, TAIL = np.full(BINS, 1 / BINS), 2.0 ** -np.arange(7, DYADIC + 1)
LAG = np.outer(DIE, DIE)
NULL = {
    "chi-square die": (ChiSquare(DIE), counts(DIE, 400), True),
    "chi-square die, 7 draws": (ChiSquare(DIE), counts(DIE, 30), True),
    "chi-square zipf, pooled": (ChiSquare(ZIPF), counts(ZIPF, 500), True),
    "chi-square rare": (ChiSquare(RARE), counts(RARE, 50), True),
    "chi-square dominant": (ChiSquare(DOMINANT), counts(DOMINANT, 3000), True),
    "lag table": (ChiSquare(LAG, draws_per_unit=2), counts(LAG, 800, 2), True),
    "homogeneity die": (Homogeneity(DIE), two_counts(DIE, DIE, 150), True),
    "homogeneity zipf": (Homogeneity(ZIPF), two_counts(ZIPF, ZIPF, 400), True),
    "homogeneity rare": (Homogeneity(RARE), two_counts(RARE, RARE, 50), False),
    "one pair table": (PairTables(4, (1, 0)), tables(np.full((4, 4), 1 / 16), (1, 0), 300), True),
    "pair tables": (PairTables(4, (3, 2)), tables(np.full((4, 4), 1 / 16), (3, 2), 300), False),
    "one table": (Tables(EVEN, ("only",)), one_table_bad(EVEN, 1, 300), True),
    "tables of blocks": (Tables(EIGHTHS, blocks=TRIPLES), block_counts(None, 400), False),
    "pooled die": (PooledCells(DIE), counts(DIE, 400), False),
    "pooled zipf": (PooledCells(ZIPF), counts(ZIPF, 400), False),
    "ks": (KolmogorovSmirnov(BINS, (1,)), uniform_bins(FLAT_BINS, TAIL, TAIL, 500), False),
    "tails": (DyadicTails(BINS, (1,)), uniform_bins(FLAT_BINS, TAIL, TAIL, 500), False),
    "mean": (Mean(1.0, 1.0, 1.0), exponential_mean(40), False),
}


@pytest.mark.parametrize("name", NULL)
def test_the_simulated_size_is_the_level_or_less(name):
    """Of exact methods it is the level, and all their p-values are uniform."""
    method, make, exact = NULL[name]
    found = p_values(name, method, make, REPLICATES)
    assert np.all((found >= 0) & (found <= 1))
    for level in LEVELS:
        rejected = int((found <= level).sum())
        assert rejected <= stats.binom.isf(SURE, REPLICATES, level), level
        if exact:
            assert rejected >= stats.binom.ppf(SURE, REPLICATES, level), level
    if exact:
        assert stats.kstest(found, "uniform").pvalue > SURE


def worst(p, d):
    """The alternative at a total variation of d that chi-square finds hardest: |q - p| in proportion to p."""
    half = np.cumsum(p.ravel()) <= 0.5 + 1e-12
    mass = p.ravel()[half].sum()
    q = p.ravel() * np.where(half, 1 + d / mass, 1 - d / (1 - mass))
    assert np.abs(q - p.ravel()).sum() / 2 == pytest.approx(d)
    return q.reshape(p.shape)


def moved(p, where, d):
    """The alternative that moves a mass of d into some categories, in proportion."""
    mass = p[where].sum()
    return np.where(where, p * (1 + d / mass), p * (1 - d / (1 - mass)))


def cases():
    for p, name in ((DIE, "die"), (EVEN, "even"), (ZIPF, "zipf")):
        method = ChiSquare(p)
        n = method.required(TOLERANCE, ALPHA, BETA)
        yield f"chi-square {name}", method, counts(worst(p, TOLERANCE), n)
    method = Homogeneity(DIE)
    yield "homogeneity die", method, two_counts(DIE, worst(DIE, TOLERANCE), method.required(TOLERANCE, ALPHA, BETA))
    n = ChiSquare(DOMINANT).required(TOLERANCE, ALPHA, BETA)
    for where in ([False, True, False, False], [False, True, True, True]):
        yield (
            f"chi-square into a pooled cell {sum(where)}",
            ChiSquare(DOMINANT),
            counts(moved(DOMINANT, where, TOLERANCE), n),
        )
    method = ChiSquare(LAG, draws_per_unit=2)
    yield "lag table", method, counts(worst(LAG, TOLERANCE), method.required(TOLERANCE, ALPHA, BETA), 2)
    method = PairTables(4, (3, 2))
    n = method.required(TOLERANCE, ALPHA, BETA)
    flat = np.full((4, 4), 1 / 16)
    yield "pair tables", method, lambda rng: (_one_bad(rng, flat, n),)
    method = Tables(EVEN, tuple("abcde"))
    n = method.required(TOLERANCE, ALPHA, BETA)
    yield "one of five tables", method, one_table_bad(worst(EVEN, TOLERANCE), 5, n)
    method = Tables(EVEN, tuple("abcde"), draws_per_unit=2)
    n = method.required(TOLERANCE, ALPHA, BETA)
    yield "one of five tables at a lag", method, one_table_bad(worst(EVEN, TOLERANCE), 5, n, 2)
    for p, name in ((DIE, "die"), (ZIPF, "zipf")):
        method = PooledCells(p)
        n = method.required(TOLERANCE, ALPHA, BETA)
        for group in ("likeliest", "last", "odd"):
            mask = method._named[group]
            yield f"pooled {name}, into {group}", method, counts(moved(p, mask, TOLERANCE), n)
            if p[mask].sum() > TOLERANCE:
                yield f"pooled {name}, out of {group}", method, counts(moved(p, mask, -TOLERANCE), n)
    method = KolmogorovSmirnov(2048, (1,))
    n = method.required(TOLERANCE, ALPHA, BETA)
    for middle in (0.05, 0.3, 0.5):
        yield f"ks, a kink at {middle}", method, uniform_bins(kinked(middle, TOLERANCE, 2048), TAIL, TAIL, n)
    method = DyadicTails(BINS, (1,))
    n = method.required(0.5, ALPHA, BETA)
    heavy, light = TAIL * 1.5, TAIL * 0.5
    yield "tails, a light low end", method, uniform_bins(FLAT_BINS, light, TAIL, n)
    yield "tails, a heavy low end", method, uniform_bins(FLAT_BINS, heavy, TAIL, n)
    yield "tails, a heavy high end", method, uniform_bins(FLAT_BINS, TAIL, heavy, n)
    method = Mean(1.0, 1.0, 1.0)
    n = method.required(TOLERANCE, ALPHA, BETA)
    for shift in (TOLERANCE, -TOLERANCE):
        yield f"mean {shift:+}", method, exponential_mean(n, shift)


def _one_bad(rng, flat, n):
    """Only the table with the fewest pairs is wrong."""
    good, bad = (
        rng.multinomial(n * each, p.ravel()).reshape(4, 4) for each, p in ((3, flat), (2, worst(flat, TOLERANCE)))
    )
    return Counts(n, np.stack([good, bad]))


def kinked(middle, d, bins):
    """Bins of the law whose distribution function departs from u by d at one point, in the middle of a bin."""
    point = (math.floor(middle * bins) + 0.5) / bins
    edges = np.arange(bins + 1) / bins
    below = edges * (point + d) / point
    above = 1 - (1 - edges) * (1 - point - d) / (1 - point)
    return np.diff(np.where(edges < point, below, above))


def alarms(method, n, level):
    """The exact probability that one end alarms: counts below 2^-j, 2^-(j+1), ... halve as a Markov chain of binomials."""
    first, mean = int(math.log2(method.bins)), n / method.bins
    k = np.arange(int(mean + 14 * math.sqrt(mean) + 200))
    halved = stats.binom.pmf(k[:, None], k[None, :], 0.5)
    left, alarm = stats.binom.pmf(k, n, 1 / method.bins), 0.0
    for depth, split in enumerate(method.splits):
        left = halved @ left if depth else left
        p = 2.0 ** -(first + depth)
        refused = 2 * np.minimum(stats.binom.cdf(k, n, p), stats.binom.sf(k - 1, n, p)) <= level / split
        alarm += left[refused].sum()
        left = np.where(refused, 0.0, left)
    return alarm


@pytest.mark.parametrize("level", [1e-4, 2.2e-10])
@pytest.mark.parametrize("n", [3e5, 1e6])
def test_tails_spend_half_of_their_level_or_more_and_never_all(level, n):
    assert 0.45 * level < 2 * alarms(DyadicTails(4096, (1,)), int(n), level) <= level


def test_one_exclusive_or_among_all_triples_of_ten_coordinates_is_seen_where_designed():
    method = Tables(EIGHTHS, blocks=TRIPLES)
    n = method.required(0.1, ALPHA, BETA)
    assert n < 2 * ChiSquare(EIGHTHS).required(0.1, ALPHA, BETA)
    rng = stream(0, "exclusive or")
    found = [method.evidence(block_counts(0.1, n)(rng), rng) for _ in range(60)]
    assert sum(one.p_value > ALPHA for one in found) <= stats.binom.isf(SURE, 60, BETA)
    assert {one.notes["table"] for one in found if one.p_value <= ALPHA} == {"coordinates 2, 5, 9"}
    assert all(one.notes["share of all"] == 1 for one in found)
    assert np.mean([one.effect for one in found]) == pytest.approx(0.1, rel=0.1)


def test_of_many_tables_the_one_that_deviates_is_among_those_that_are_scored():
    method = Tables(EVEN, tuple(map(str, range(300))))
    n = method.required(0.1, ALPHA, BETA)
    rng = stream(0, "many tables")
    bad = one_table_bad(worst(EVEN, 0.1), 300, n)
    found = [method.evidence(bad(rng), rng) for _ in range(40)]
    assert sum(one.p_value > ALPHA for one in found) <= 1
    assert found[0].notes["table"] == "299"


@pytest.mark.parametrize(("name", "method", "make"), [pytest.param(*case, id=case[0]) for case in cases()])
def test_the_simulated_power_at_the_tolerance_is_as_promised(name, method, make):
    missed = int((p_values(name, method, make, POWER_REPLICATES) > ALPHA).sum())
    assert missed <= stats.binom.isf(SURE, POWER_REPLICATES, BETA)


@pytest.mark.parametrize("category", [0, 1, 3])
def test_a_hit_on_a_category_of_probability_zero_is_impossible_not_improbable(category):
    p = np.array([0.5, 0.5, 0.0, 0.0])
    found = np.array([500, 500, 0, 0])
    found[category] += 1
    evidence = ChiSquare(p).evidence((Counts(1001, found),), stream(0, "x"))
    assert bool(evidence.impossible) == (category == 3)
    assert (evidence.p_value is None) == (category == 3)


def test_values_outside_the_support_are_impossible_for_ks():
    values = np.array([[0.2], [math.nan], [1.5]])
    bins = UniformBins.of(values, BINS, lambda rows: 1 - values[rows])
    assert "2 values" in KolmogorovSmirnov(BINS, (1,)).evidence((bins,), stream(0, "x")).impossible


def test_support_names_every_kind_with_its_example():
    support = Support(10, ("NaN", "an infinity"), (2, 1), ("[nan]", "[inf]"))
    words = SupportMethod().evidence((support,), stream(0, "x")).impossible
    assert words == "NaN in 2 of 10 draws, for example [nan]; an infinity in 1 of 10 draws, for example [inf]"
    assert SupportMethod().evidence((Support(10),), stream(0, "x")).impossible == ""


@pytest.mark.parametrize(
    ("p", "q"),
    [(np.array([1 - 2e-9, 2e-9]), np.array([0.92, 0.08])), (DOMINANT, np.array([0.9, 0.1, 0.0, 0.0]))],
)
def test_mass_moved_into_a_rare_category_is_seen_and_its_effect_is_the_variation(p, q):
    method = ChiSquare(p)
    n = method.required(0.05, 1e-9, 1e-3)
    evidence = method.evidence(counts(q, n)(stream(0, "q")), stream(0, "x"))
    assert evidence.p_value < 1e-100
    assert evidence.effect == pytest.approx(np.abs(q - p).sum() / 2, rel=0.1)


def test_the_effect_of_a_right_sampler_in_many_categories_is_not_its_noise():
    p, n = np.full(1000, 1e-3), 10**5
    made = counts(p, n)(stream(0, "many"))
    assert np.abs(made[0].counts / n - p).sum() / 2 > 0.035
    assert ChiSquare(p).evidence(made, stream(0, "x")).effect < 0.02


def test_one_wrong_cell_among_very_many_shows():
    """The score of a cell has no ceiling that noise of a hundred thousand others could reach."""
    p = np.full(100_000, 1e-5)
    q = moved(p, np.arange(p.size) == 7, 0.02)
    found = counts(q, 10**6)(stream(0, "cell"))
    assert ChiSquare(p).evidence(found, stream(0, "x")).p_value < 1e-30


def central_moment(density, mean, q):
    return mp.quad(lambda x: abs(x - mean) ** q * density(x), [-4, -1, mean, 2, 5, 10, 20, 40, 80, 200])


@pytest.mark.parametrize("law", ["gumbel", "exponential", "uniform"])
@pytest.mark.parametrize("q", [3, 4, 5, 8, 13, 21, 34])
def test_bernstein_s_condition_holds_for_the_laws_that_means_are_taken_of(law, q):
    """E|X - mean|^q <= q!/2 variance scale^(q - 2), with scale 1."""
    with mp.workdps(30):
        if law == "gumbel":
            moment = central_moment(lambda x: mp.exp(-x - mp.exp(-x)), mp.euler, q)
            variance = mp.pi**2 / 6
        elif law == "exponential":
            moment = central_moment(lambda x: mp.exp(-x) if x >= 0 else mp.mpf(0), mp.mpf(1), q)
            variance = mp.mpf(1)
        else:
            moment, variance = mp.mpf(0.5) ** q / (q + 1), mp.mpf(1) / 12
        assert moment <= mp.factorial(q) / 2 * variance
