"""Random points are what their names say, reach every corner of the space, and leave no sampler without a law."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.laws.log_space import log_softmax
from harness.samplers.registry import Form, Sampler, get
from harness.space import families
from harness.space.categories import BANDS, LARGE, MOST, is_prime, prime_from, random_categories
from harness.space.classes import classes
from harness.space.draw import Space, draws_of, random_point
from harness.space.layouts import FILL, LAYOUTS
from harness.space.masks import NAMED, masked, random_mask
from harness.space.parameters import RAREST
from harness.space.point import Point, point_from
from harness.space.rounding import most_items, none_lost, stage_grains
from harness.streams import stream


def batch(logits, size, *, rng):
    raise NotImplementedError


SPACES = {
    "index": Space(get("direct"), "index"),
    "simplex": Space(get("relaxed"), "simplex"),
    "gumbel": Space(get("top-down"), "gumbel"),
    "batch": Space(Sampler("rows", "index", MappingProxyType({"index": Form(batch)}), batch=True), "index"),
}


def points(kind, number=600):
    return [random_point(SPACES[kind], stream(0, kind, i)) for i in range(number)]


@pytest.mark.parametrize("kind", SPACES)
def test_a_point_is_rebuilt_from_its_name(kind):
    for point in points(kind, 200):
        again = point_from(point.name)
        assert again == point
        np.testing.assert_array_equal(again.logits, point.logits)
        assert point.logits.size == point.k and np.isfinite(point.logits).any()


@pytest.mark.parametrize("name", ["", "k", "k=7,colour=red", "k=many", "k=7,call=3,call"])
def test_other_names_are_refused(name):
    with pytest.raises(UsageError, match="names no point"):
        point_from(name)


@pytest.mark.parametrize("family", families.NAMES)
@pytest.mark.parametrize("order", families.ORDERS)
def test_families_give_finite_logits_of_any_size(family, order):
    for k in (1, 2, 3, 64, 1000):
        logits = families.logits_of(family, order, k, np.random.default_rng(k))
        assert logits.shape == (k,) and np.isfinite(logits).all()
        if order == "ascending":
            assert (np.diff(logits) >= 0).all()


def test_unknown_families_and_masks_are_refused():
    with pytest.raises(UsageError, match="no logits are called"):
        families.logits_of("steep", "made", 3, np.random.default_rng(0))
    with pytest.raises(UsageError, match="no mask is called"):
        masked("some", np.zeros(3), np.random.default_rng(0))


def test_large_vocabularies_have_thousands_of_distinct_values():
    assert np.unique(families.logits_of("normal-3", "made", 50_000, np.random.default_rng(0))).size > 40_000


@given(st.integers(1, 300), st.integers(0, 2**32))
def test_a_mask_leaves_a_category(k, seed):
    rng = np.random.default_rng(seed)
    for mask in (*NAMED, "live-1", "live-2", "share-0.99", random_mask(k, rng)):
        live = np.isfinite(masked(mask, np.zeros(k), rng))
        assert live.any()
        if mask == "live-2":
            assert live.sum() == min(2, k)


def test_numbers_of_categories_are_dense_where_implementations_change():
    rng = np.random.default_rng(0)
    drawn = [random_categories(rng) for _ in range(20_000)]
    assert min(drawn) == 1 and LARGE < max(drawn) <= MOST
    for low, high, share in BANDS:
        assert np.mean([low <= k <= high for k in drawn]) == pytest.approx(share, abs=0.02)
    middle = [k for k in drawn if k > 64]
    powers = np.mean([k & (k - 1) == 0 for k in middle])
    beside = np.mean([(k + 1) & k == 0 or (k - 1) & (k - 2) == 0 for k in middle])
    assert powers > 0.05 and beside > 0.1
    assert np.mean([k % 128 == 0 for k in middle]) > 0.03
    assert np.mean([is_prime(k) for k in middle]) > 0.15
    assert set(range(1, 65)) <= set(drawn)


def test_primes():
    assert [k for k in range(30) if is_prime(k)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
    assert prime_from(90) == 97


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("logits", [np.arange(7.0), np.arange(12.0).reshape(3, 4)], ids=["row", "batch"])
def test_a_layout_has_the_values_of_the_logits(layout, logits):
    view = LAYOUTS[layout](logits)
    np.testing.assert_array_equal(view, logits)
    assert not np.shares_memory(view, logits)
    assert view.flags.writeable == (layout != "read-only")
    if layout in {"strided", "padded"}:
        assert (np.asarray(view.base) == FILL).any()


def test_every_axis_is_walked():
    seen = Counter(pair for kind in SPACES for point in points(kind) for pair in classes(point))
    axes = {axis for axis, _ in seen}
    assert axes == {"k", "k is", "logits", "order", "mask", "call", "layout", "door", "temperature", "rows", "observed"}
    assert {value for axis, value in seen if axis == "call"} >= {str(call) for call in range(10)}
    assert {value for axis, value in seen if axis == "layout"} == set(LAYOUTS)
    assert {value for axis, value in seen if axis == "door"} == {"public", "prepared"}
    assert {value for axis, value in seen if axis == "logits"} == set(families.FAMILIES)
    temperatures = [point.temperature for point in points("simplex")]
    assert min(temperatures) < 0.05 and max(temperatures) > 30 and 1.0 in temperatures
    assert any(point.call > 2**18 for point in points("index"))


def test_observed_categories_have_every_rank_and_are_not_too_rare():
    ranks, least = set(), 1.0
    for point in points("gumbel"):
        if point.observed >= 0:
            p = np.exp(log_softmax(point.logits))
            ranks.add(int((p > p[point.observed]).sum()))
            least = min(least, float(p[point.observed]))
    assert least >= RAREST * (1 - 1e-9) and least < 1e-8
    assert {0, 1, 2, 3} <= ranks and max(ranks) > 50


def test_large_points_get_fewer_draws():
    assert draws_of(LARGE, 240) == 240
    assert 16 <= draws_of(MOST, 240) < 240


def test_steps_of_the_coarsest_type_and_other_parameters_are_not_asked():
    for emits, dtype, asked in (
        ("ranking", "bfloat16", True),
        ("speculative", "float16", True),
        ("speculative", "bfloat16", False),
    ):
        half = Sampler("half", emits, MappingProxyType({emits: Form(batch)}), dtype=dtype)
        assert Space(half, emits).declared == asked

    def given(logits, size, *, rng, observed):
        raise NotImplementedError

    assert not Space(Sampler("t", "index", MappingProxyType({"index": Form(given)})), "index").declared
    assert all(space.declared for space in SPACES.values())


def test_rounding_moves_later_items_more_and_sets_most():
    logits = np.log([4.0, 3.0, 2.0, 1.0])
    first, second = stage_grains(logits, 2, "float16", ordered=True)
    assert 0 < second == 2 * first < 0.1
    assert stage_grains(logits, 2, "float16", ordered=False).min() > second
    assert not stage_grains(logits, 2, "float32", ordered=False).any()
    assert most_items(logits, 4, "float16", ordered=True) == 4 > most_items(logits, 4, "bfloat16", ordered=True) >= 1
    assert none_lost(logits, "bfloat16") and not none_lost(np.array([0.0, -5.0]), "bfloat16")


def test_a_case_travels_as_a_name():
    import pickle

    case = Point(1000, "normal-1", seed=3).case("index")
    assert len(pickle.dumps(case)) < 1000
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(case)).logits, case.logits)
