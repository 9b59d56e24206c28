"""Fast counting counts what plain counting counts: every measurement equals its definition, term by term."""

import math

import numpy as np
import pytest
from scipy import special, stats
from scipy.special import logsumexp, softmax

from harness.draws import fisher, measurements
from harness.draws.chunk import Chunk
from harness.draws.given_winner import given_winner
from harness.questions.law import law_of
from harness.samplers.registry import get
from harness.statistics import Blocks
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


def uniform_chunk(uniforms):
    chunk = Chunk(np.asfortranarray(uniforms), "gumbel", law_of("gumbel", case("pair")))
    chunk.uniforms = np.asfortranarray(uniforms)
    return chunk


@pytest.mark.parametrize(("cells", "order"), [(4, 2), (2, 3)])
@pytest.mark.parametrize("dimension", [2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 99])
def test_blocks_count_the_tuples_that_they_name(dimension, cells, order):
    chosen = Blocks.of(dimension, cells, order, seed=3)
    uniforms = np.random.default_rng(dimension).random((211, dimension))
    uniforms[0, 0], uniforms[1, -1] = 0.0, 1.0
    found = measurements.blocks(chosen).collect(uniform_chunk(uniforms))
    tables = chosen.tables(found.counts)
    grid = np.minimum((uniforms * cells).astype(int), cells - 1)
    members = list(chosen.places)
    assert found.n == 211 and len(members) == len(set(members))
    for table, places in list(zip(tables, members, strict=True))[:: max(1, len(members) // 50)]:
        block = [chosen.members[chosen.places[places][0]][i] for i in chosen.places[places][1]]
        assert sorted(block) == list(places)
        due = np.zeros([cells] * order, int)
        np.add.at(due, tuple(grid[:, j] for j in block), 1)
        assert table.tolist() == due.ravel().tolist()


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("dimension", range(2, 11))
def test_up_to_ten_coordinates_all_tuples_are_seen(dimension, order):
    assert len(Blocks.of(dimension, {2: 4, 3: 2}[order], order).places) == math.comb(dimension, order)


@pytest.mark.parametrize(("cells", "order"), [(4, 2), (2, 3)])
@pytest.mark.parametrize("dimension", [11, 12, 13, 99, 257])
def test_beyond_ten_every_deal_touches_every_coordinate_and_the_seed_chooses(dimension, cells, order):
    chosen, other = Blocks.of(dimension, cells, order, 0), Blocks.of(dimension, cells, order, 1)
    assert chosen == Blocks.of(dimension, cells, order, 0) and chosen != other
    deals = len(chosen.members) // -(-dimension // chosen.width)
    assert deals >= 2
    for deal in np.array_split(np.array(chosen.members), deals):
        assert set(deal.ravel()) == set(range(dimension))
    assert set().union(*chosen.places) == set(range(dimension)) and 0 < chosen.share < 1


def test_what_is_no_uniform_goes_to_an_end_of_the_grid():
    uniforms = np.array([[np.nan, 0.5], [np.inf, 0.5], [-np.inf, 0.5]])
    chosen = Blocks.of(2, 4, 2)
    (found,) = chosen.tables(measurements.blocks(chosen).collect(uniform_chunk(uniforms)).counts)
    assert found.reshape(4, 4)[:, 2].tolist() == [2, 0, 0, 1]


@pytest.mark.parametrize("lags", [(1, 2), (1, 3, 4, 5)])
@pytest.mark.parametrize(("dimension", "steps"), [(1, (0,)), (2, (0, 1)), (5, (0, 1, -1))])
def test_coordinates_at_a_lag_are_disjoint_pairs_of_draws(dimension, steps, lags):
    uniforms = np.random.default_rng(dimension).random((101, dimension))
    grid = (uniforms * 4).astype(int)
    found = measurements.coordinate_lags(4, lags).collect(uniform_chunk(uniforms))
    assert measurements.lag_steps(dimension) == steps and found.n == 101
    for i, lag in enumerate(lags):
        firsts = [t for start in range(0, 101 - 2 * lag + 1, 2 * lag) for t in range(start, start + lag)]
        for k, step in enumerate(steps):
            for j in range(dimension):
                due = np.zeros((4, 4), int)
                np.add.at(due, (grid[firsts, j], grid[np.array(firsts) + lag, (j + step) % dimension]), 1)
                assert found.counts[i, k, j].tolist() == due.tolist()


GIVEN = (
    ("die", "gumbel"), ("masked-first", "gumbel"), ("dominant", "gumbel"), ("die@2", "simplex"),
    ("three@0.3", "simplex"), ("masked@1", "simplex"), ("l8@0.1", "simplex"),
)  # fmt: skip


def direct_coordinates(rows, winner, scenario_case, emits):
    """The formulas of the module's docstring, for one winner, as they stand."""
    x = scenario_case.logits
    keep = np.flatnonzero(np.isfinite(x))
    if emits == "gumbel":
        a = np.exp(logsumexp(x) - rows[:, winner])
        p = np.exp(x - logsumexp(x))
        return np.stack(
            [np.exp(-a) if j == winner else np.exp(-np.exp(x[j] - rows[:, j]) + p[j] * a) for j in keep], axis=1
        )
    order = [keep[-1] if j == winner else j for j in keep[:-1]]
    total = [np.full(len(rows), np.exp(x[keep]).sum())]
    for j in order:
        total.append(total[-1] + np.exp(x[j]) * ((rows[:, winner] / rows[:, j]) ** scenario_case.temperature - 1))
    return np.stack([(total[m - 1] / total[m]) ** m for m in range(1, len(total))], axis=1)


@pytest.mark.parametrize(("name", "emits"), GIVEN)
def test_coordinates_that_take_the_winner_as_given_are_iid_uniform_whoever_wins(name, emits):
    one, n = case(name), 40_000
    rows = one.logits - np.log(np.random.default_rng(11).standard_exponential((n, one.logits.size)))
    if emits == "simplex":
        rows = softmax(rows / one.temperature, axis=1)
    chunk = Chunk(np.asfortranarray(rows), emits, law_of(emits, one))
    cells, winner = given_winner(chunk, 4), np.argmax(rows, axis=1)
    for k in np.unique(winner):
        mine = winner == k
        due = direct_coordinates(rows[mine], k, one, emits)
        assert (np.minimum((due.T * 4).astype(int), 3) != cells[:, mine]).mean() < 1e-4
        if mine.sum() > 200:
            assert min(stats.kstest(column, "uniform").pvalue for column in due.T) > 1e-6
            correlation = np.atleast_2d(np.corrcoef(due.T)) - np.eye(due.shape[1])
            assert np.abs(correlation).max() < 6 / np.sqrt(mine.sum())


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
