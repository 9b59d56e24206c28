"""Merge laws: of(all) is the merge of of(parts) in any grouping and order, and JSON gives back the same bytes."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import statistics
from harness.statistics import Counts, Moments, Support, UniformBins, decode, encode
from harness.statistics.uniforms import DYADIC

TYPES = {name: getattr(statistics, name) for name in ("Counts", "Moments", "Support", "UniformBins")}
BINS, WIDTH = 8, 3
settings.register_profile("same everywhere", derandomize=True, deadline=None, database=None)
settings.load_profile("same everywhere")

wild = st.one_of(
    st.floats(0, 1),
    st.sampled_from([0.0, 1.0, 0.5, 1 / BINS, 1 - 1 / BINS, 2.0**-64, 2.0**-65, 5e-324, 1 - 2.0**-53]),
    st.sampled_from([math.nan, math.inf, -math.inf, -0.1, 1.5, -5e-324]),
)
rows = st.lists(st.lists(wild, min_size=WIDTH, max_size=WIDTH), max_size=20)
groups = st.sampled_from([None, np.array([0, 0, 1]), np.array([0, 1, 0])])
cuts = st.lists(st.integers(0, 20), max_size=4).map(sorted)
kinds = st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(1, 9), st.sampled_from(["x", "y"])))


def pieces(values, cuts):
    return np.split(values, [min(cut, len(values)) for cut in cuts])


def counts(values):
    return Counts.of(np.asarray(values, np.intp), (2, 3))


def bins(values, groups=None):
    return UniformBins.of(values, BINS, lambda picked: 1 - values[picked], groups)


def support(n, found):
    names = tuple(sorted(found))
    return Support(n, names, tuple(found[name][0] for name in names), tuple(found[name][1] for name in names))


def bytes_of(statistic):
    return json.dumps(encode(statistic), sort_keys=True)


def merged(parts):
    total = parts[0]
    for part in parts[1:]:
        total = total.merge(part)
    return total


def assert_merge_laws(a, b, c):
    assert bytes_of(a.merge(b)) == bytes_of(b.merge(a))
    assert bytes_of(a.merge(b).merge(c)) == bytes_of(a.merge(b.merge(c)))


@given(st.lists(st.integers(0, 5), max_size=40), cuts)
def test_counts_of_all_are_the_merged_counts_of_the_parts(values, cuts):
    whole = np.array(values, np.intp)
    assert bytes_of(merged([counts(part) for part in pieces(whole, cuts)])) == bytes_of(counts(whole))


@given(rows, cuts, groups)
@settings(max_examples=200)
def test_bins_of_all_are_the_merged_bins_of_the_parts(values, cuts, groups):
    whole = np.array(values).reshape(-1, WIDTH)
    parts = [bins(part, groups) for part in pieces(whole, cuts)]
    assert bytes_of(merged(parts)) == bytes_of(bins(whole, groups))


@given(*[st.lists(st.integers(0, 5), max_size=9)] * 3)
def test_counts_merge_in_any_grouping_and_order(a, b, c):
    assert_merge_laws(counts(a), counts(b), counts(c))


@given(*[rows] * 3)
def test_bins_merge_in_any_grouping_and_order(a, b, c):
    assert_merge_laws(*(bins(np.array(part).reshape(-1, WIDTH)) for part in (a, b, c)))


@given(*[st.tuples(st.integers(0, 99), kinds)] * 3)
def test_supports_merge_in_any_grouping_and_order(a, b, c):
    assert_merge_laws(support(*a), support(*b), support(*c))


@given(rows, groups)
@settings(max_examples=200)
def test_every_value_is_counted_once_and_tails_are_cells_of_the_ends(values, groups):
    array = np.array(values).reshape(-1, WIDTH)
    made = bins(array, groups)
    legal = (array >= 0) & (array <= 1)
    assert made.n == len(values)
    assert made.bins.sum() == legal.sum() and made.outside.sum() == (~legal).sum()
    assert made.low.sum() == (legal & (array < 1 / BINS)).sum() == made.bins[:, 0].sum()
    assert made.high.sum() == (legal & (array >= 1 - 1 / BINS)).sum() == made.bins[:, -1].sum()


@pytest.mark.parametrize(
    ("value", "cell"),
    [(0.0, 63), (5e-324, 63), (2.0**-65, 63), (2.0**-63, 62), (0.99 * 2.0**-63, 63), (2.0**-10, 9), (0.9 / 1024, 10)],
)
def test_dyadic_cell_j_holds_values_from_half_of_two_to_the_minus_j(value, cell):
    made = UniformBins.of(np.array([[value]]), BINS, lambda picked: np.array([[1.0]])[picked])
    assert np.flatnonzero(made.low[0]).tolist() == [cell]
    mirrored = UniformBins.of(np.array([[1.0]]), BINS, lambda picked: np.array([[value]])[picked])
    assert np.flatnonzero(mirrored.high[0]).tolist() == [cell]


def test_groups_pool_coordinates_into_columns():
    made = bins(np.array([[0.1, 0.9, 0.4], [0.2, 0.3, 2.0]]), np.array([0, 0, 1]))
    assert made.bins.sum(axis=1).tolist() == [4, 1] and made.outside.tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(0, 2), (5, 0)])
def test_no_draws_or_no_coordinates_make_empty_bins(shape):
    made = bins(np.zeros(shape))
    assert made.n == shape[0] and made.bins.shape == (shape[1], BINS) and not made.bins.any()


magnitudes = st.floats(1e-6, 1e6)
numbers = st.one_of(st.just(0.0), magnitudes, magnitudes.map(lambda value: -value))
"""Values whose squares span 80 bits, so that 150 bits hold all their sums."""


def read_off(moments):
    return np.concatenate([moments.mean, moments.variance])


@given(st.lists(numbers, min_size=3, max_size=24), st.permutations(range(6)))
def test_moments_read_the_same_in_any_order_of_parts(values, order):
    parts = [Moments.of(part.reshape(-1, 1)) for part in np.array_split(np.array(values), 6)]
    forward, other = merged(parts), merged([parts[i] for i in order])
    halves = merged(parts[:3]).merge(merged(parts[3:]))
    assert read_off(forward).tolist() == read_off(other).tolist() == read_off(halves).tolist()


@given(st.lists(numbers, min_size=1, max_size=20))
def test_the_mean_of_single_values_is_the_exact_mean_rounded(values):
    found = merged([Moments.of(np.array([[value]])) for value in values]).mean[0]
    exact = sum(map(Fraction, values)) / len(values)
    assert abs(Fraction(float(found)) - exact) <= Fraction(2, 2**53) * abs(exact) + Fraction(1, 2**1000)


def test_moments_give_mean_and_variance_of_each_column():
    values = np.random.default_rng(0).normal([0, 100], [1, 3], size=(1000, 2))
    made = merged([Moments.of(part) for part in np.array_split(values, 7)])
    assert made.mean == pytest.approx(values.mean(axis=0), rel=1e-13, abs=1e-15)
    assert made.variance == pytest.approx(values.var(axis=0), rel=1e-10)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e200])
def test_moments_refuse_what_cannot_be_summed(value):
    with pytest.raises(ValueError, match="too large"):
        Moments.of(np.array([[value], [1.0]]))


EXAMPLES = [
    counts([0, 5, 5]),
    Counts.of(np.arange(5000), (5000,)),
    Counts.of(np.zeros(0, np.intp), (2, 2)),
    bins(np.random.default_rng(1).random((100, 3))),
    UniformBins.of(np.random.default_rng(1).random((9, 2)), 4096, lambda picked: np.zeros((9, 2))[picked]),
    Moments.of(np.random.default_rng(2).normal(size=(10, 3))),
    Moments.of(np.random.default_rng(2).normal(size=(10, 800))),
    Support(5),
    Support(5, ("NaN",), (2,), ("[nan 1.]",)),
]


@pytest.mark.parametrize("statistic", EXAMPLES, ids=lambda statistic: f"{type(statistic).__name__}-{statistic.n}")
def test_json_gives_back_the_same_bytes(statistic):
    text = json.dumps(encode(statistic), allow_nan=False)
    again = decode(json.loads(text), TYPES)
    assert type(again) is type(statistic) and json.dumps(encode(again)) == text
    for name, value in vars(statistic).items():
        kept = getattr(again, name)
        assert type(kept) is type(value)
        if isinstance(value, np.ndarray):
            assert (kept.dtype, kept.shape, kept.tobytes()) == (value.dtype, value.shape, value.tobytes())
        else:
            assert kept == value


def test_what_was_decoded_merges_as_before():
    again = decode(json.loads(json.dumps(encode(EXAMPLES[3]))), TYPES)
    assert bytes_of(again.merge(EXAMPLES[3])) == bytes_of(EXAMPLES[3].merge(again))
    assert again.low.shape == (WIDTH, DYADIC)


def test_of_two_examples_the_lesser_stays_and_counts_add_up():
    both = support(3, {"a": (1, "y")}).merge(support(4, {"a": (2, "x"), "b": (1, "z")}))
    assert both == Support(7, ("a", "b"), (3, 1), ("x", "z")) and both.impossible == 4
