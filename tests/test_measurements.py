"""Fast counting counts what plain counting counts: every measurement equals its definition, term by term."""

import numpy as np
import pytest
from scipy import special

from harness.draws import fisher, measurements
from harness.draws.chunk import Chunk
from harness.questions.law import law_of
from harness.samplers.registry import get
from suites.cases import case

CASES = (
    ("gumbel-max", "gumbel", "pair"), ("gumbel-max", "gumbel", "l8"), ("gumbel-max", "gumbel", "masked-interleaved"),
    ("relaxed", "simplex", "three@1"), ("relaxed", "simplex", "zipf-100@1"), ("top-down", "gumbel", "die"),
    ("direct", "index", "pair"), ("direct", "index", "die"), ("direct", "index", "flat-100"),
)  # fmt: skip


def drawn(name, emits, which, size):
    chosen = case(which)
    draws = get(name).form(emits).draw(chosen.logits, size, rng=np.random.default_rng(7), **chosen.parameters)
    return Chunk(draws, emits, law_of(emits, chosen)), draws, chosen.logits.size


@pytest.mark.parametrize(("name", "emits", "which"), CASES)
def test_categories_are_those_of_argmax(name, emits, which):
    chunk, draws, categories = drawn(name, emits, which, 1003)
    index = draws if emits == "index" else np.argmax(draws, axis=1)
    assert chunk.index.tolist() == index.tolist() == chunk.codes.tolist()
    counts = measurements.category_counts(categories).collect(chunk)
    assert counts.n == 1003 and counts.counts.tolist() == np.bincount(index, minlength=categories).tolist()


def test_the_first_of_equal_categories_wins():
    rows = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [0.0, -np.inf, 0.0], [5.0, 6.0, 7.0]])
    chunk = Chunk(rows, "gumbel", law_of("gumbel", case("pair")))
    assert chunk.index.tolist() == [1, 0, 0, 2]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8, 1001, 1002, 1003])
@pytest.mark.parametrize("groups", [(0, 1), (0, 1, 2, 3, 3, 1), (0, 0, 0), (4, 3, 2, 1, 0)])
@pytest.mark.parametrize("lag", [1, 2, 3])
def test_pairs_at_a_lag_are_disjoint_pairs(size, groups, lag):
    index = np.random.default_rng(size).integers(len(groups), size=size)
    chunk, table = Chunk(index, "index", law_of("index", case("die"))), np.zeros((max(groups) + 1,) * 2, int)
    for start in range(0, size - 2 * lag + 1, 2 * lag):
        for i in range(start, start + lag):
            table[groups[index[i]], groups[index[i + lag]]] += 1
    found = measurements.lag_pairs(np.array(groups), lag).collect(chunk)
    assert found.n == size and found.counts.tolist() == table.tolist()


@pytest.mark.parametrize("cells", [3, 4])
@pytest.mark.parametrize("dimension", [2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 99])
def test_adjacent_coordinates_are_counted_in_two_pairings(dimension, cells):
    uniforms = np.asfortranarray(np.random.default_rng(dimension).random((211, dimension)))
    uniforms[0, 0], uniforms[1, -1] = 0.0, 1.0
    chunk = Chunk(uniforms, "gumbel", law_of("gumbel", case("pair")))
    chunk.uniforms = uniforms
    tables = np.zeros((2, cells, cells), int)
    grid = np.minimum((uniforms * cells).astype(int), cells - 1)
    for j in range(dimension - 1):
        np.add.at(tables[j % 2], (grid[:, j], grid[:, j + 1]), 1)
    found = measurements.coordinate_pairs(dimension, cells).collect(chunk)
    assert found.n == 211 and found.counts.tolist() == tables.tolist()


def test_what_is_no_uniform_goes_to_an_end_of_the_grid():
    uniforms = np.array([[np.nan, 0.5], [np.inf, 0.5], [-np.inf, 0.5]])
    chunk = Chunk(uniforms, "gumbel", law_of("gumbel", case("pair")))
    chunk.uniforms = uniforms
    found = measurements.coordinate_pairs(2, 4).collect(chunk)
    assert found.counts[0, :, 2].tolist() == [2, 0, 0, 1]


@pytest.mark.parametrize(("name", "emits", "which"), CASES[:6])
def test_winner_and_maximum_are_those_of_the_law(name, emits, which):
    if emits == "simplex":
        pytest.skip("the maximum of a point of the simplex has no simple law")
    chunk, draws, categories = drawn(name, emits, which, 997)
    uniform = chunk.law.maximum.rosenblatt(draws.max(axis=1)).ravel()
    expected = np.zeros((categories, 4), int)
    np.add.at(expected, (np.argmax(draws, axis=1), np.minimum((uniform * 4).astype(int), 3)), 1)
    assert measurements.winner_and_maximum(categories, 4).collect(chunk).counts.tolist() == expected.tolist()


@pytest.mark.parametrize("dimension", [2, 3, 8, 31, 32, 33, 127, 128, 129, 300])
def test_the_joint_uniforms_are_gamma_and_power(dimension):
    uniforms = np.asfortranarray(np.random.default_rng(dimension).random((5000, dimension)))
    chunk = Chunk(uniforms, "gumbel", law_of("gumbel", case("pair")))
    chunk.uniforms = uniforms
    total = -np.log(uniforms).sum(axis=1)
    assert fisher.fisher(uniforms, dimension) == pytest.approx(total, rel=1e-12)
    assert fisher.gamma_cdf(dimension, total, 1e-3) == pytest.approx(special.gammainc(dimension, total), abs=1e-13)
    tiny = np.array([dimension * 1e-4, dimension * 1e-2, dimension / 4])
    assert fisher.gamma_cdf(dimension, tiny, 1e-3) == pytest.approx(special.gammainc(dimension, tiny), rel=1e-9)
    assert fisher.power(uniforms[:, 0], dimension) == pytest.approx(uniforms[:, 0] ** dimension, rel=1e-12)
    found = measurements.joint_bins(dimension, 64).collect(chunk)
    assert found.bins.sum(axis=1).tolist() == [5000, 5000] and not found.outside.any()


def test_a_sum_beyond_every_tail_is_counted_in_the_last_cell():
    uniforms = np.asfortranarray(np.full((1, 3), 1e-200))
    chunk = Chunk(uniforms, "gumbel", law_of("gumbel", case("pair")))
    chunk.uniforms = uniforms
    found = measurements.joint_bins(3, 64).collect(chunk)
    assert found.bins[0, -1] == 1 and found.high[0, -1] == 1
