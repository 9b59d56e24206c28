"""The search finds the edge of a sampler whose edge is known, and what a sampler refuses is an edge too."""

import numpy as np
import pytest

from harness.envelope import extremes, rare, shift, size
from harness.envelope.edge import Edge
from harness.envelope.measure import SEARCHES, measure, refuted_again
from harness.envelope.rows import COLUMNS, read_table, write_table
from harness.envelope.search import first_bad, ladder, last_verified, search
from harness.envelope.temperature import HIGHEST, LOWEST, edges, probabilities
from harness.envelope.trial import STEPS, Effort, Outcome
from harness.options import Options
from harness.samplers.registry import Form, Sampler

BITS = 12
CAP = -np.log(-np.log1p(-(2.0 ** -(BITS + 1))))
EFFORT = Effort(Options(), 2**20)


def toy(emits, draw, *, dtype="float32", cost="categories"):
    return Sampler(f"toy-{emits}", emits, {emits: Form(draw)}, dtype=dtype, cost=cost)


def coarse_noise(shape, rng):
    """Gumbel noise from a uniform of 12 bits: it never exceeds CAP."""
    words = rng.integers(0, 2**BITS, size=shape)
    return -np.log(-np.log((words + 0.5) / 2**BITS)).astype(np.float32)


def coarse_gumbel(logits, size, *, rng):
    return logits.astype(np.float32) + coarse_noise((size, logits.size), rng)


def coarse_index(logits, size, *, rng):
    return coarse_gumbel(logits, size, rng=rng).argmax(axis=1)


def direct(logits, size, *, rng):
    p = np.exp(logits - logits.max())
    return np.searchsorted(np.cumsum(p) / p.sum(), rng.random(size), side="right").clip(0, logits.size - 1)


def soft(logits, size, *, temperature, rng):
    scores = (logits + rng.gumbel(size=(size, logits.size))).astype(np.float32) / np.float32(temperature)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("points", [1, 2, 3, 16, 61, 101, 128])
@pytest.mark.parametrize("powered", [0.3, 1.0])
def test_the_search_finds_any_edge_within_its_steps(points, powered):
    enough = max(1, round(powered * points))
    for edge in range(points + 1):

        def at(point, edge=edge):
            return Outcome(1, point < enough, "wrong" if point >= edge else "", 0.0)

        found = search(points, enough, at)
        assert len(found) <= STEPS
        assert first_bad(found) == (edge if edge < points else None)
        assert last_verified(found) == (min(edge, enough) - 1 if edge else None)


def test_the_ladder_doubles_and_ends_at_the_last():
    assert ladder(0) == []
    assert ladder(1) == [0]
    assert ladder(12) == [0, 1, 2, 4, 8, 11]


def test_alpha_is_split_over_all_steps_beforehand():
    assert pytest.approx(1e-6 / 4096) == EFFORT.alpha


def test_capped_noise_is_found_at_its_cap_and_right_below():
    high, low = extremes.edges(toy("gumbel", coarse_gumbel), EFFORT)
    assert (high.quantity, low.quantity) == ("highest noise", "lowest noise")
    assert CAP - 1 < high.last_verified < CAP < high.first_refuted + 1e-6 < CAP + 1
    assert low.first_refuted < low.last_verified < 0
    assert high.n == 4 * EFFORT.budget


def test_a_category_rarer_than_the_noise_can_show_is_refuted():
    (edge,) = rare.RARE.edges(toy("index", coarse_index), Effort(Options(), 2**22))
    assert edge.first_refuted <= edge.last_verified / 2
    assert 2.0**-16 < edge.first_refuted < 2.0**-10
    assert edge.alpha == EFFORT.alpha


def test_a_right_sampler_is_verified_as_far_as_the_effort_goes():
    sampler = toy("index", direct, dtype="float64", cost="draw")
    (edge,) = rare.RARE.edges(sampler, EFFORT)
    values, powered = rare.points(sampler, EFFORT)
    assert edge.first_refuted is None
    assert edge.last_verified == values[powered - 1]
    assert "no point within the effort was refuted" in edge.how


def test_a_float32_shift_is_found_where_scores_round():
    (edge,) = shift.UP.edges(toy("index", lambda x, n, *, rng: coarse_index(x, n, rng=rng)), EFFORT)
    assert edge.first_refuted == 2 * edge.last_verified


def test_an_index_of_eight_bits_is_found():
    (edge,) = size.SIZE.edges(toy("index", lambda x, n, *, rng: direct(x, n, rng=rng) % 256, cost="draw"), EFFORT)
    assert (edge.last_verified, edge.first_refuted) == (256, 512)


def test_an_edge_is_confirmed_under_another_seed_or_not():
    wrong = toy("index", lambda x, n, *, rng: direct(x, n, rng=rng) % 256, cost="draw")
    right = toy("index", direct, cost="draw")
    (edge,) = size.SIZE.edges(wrong, EFFORT)
    other = Effort(Options(seed=1), EFFORT.budget)
    assert refuted_again(wrong, edge, other).startswith("improbable")
    assert refuted_again(right, edge, other) == ""
    high, _ = extremes.edges(toy("gumbel", coarse_gumbel), EFFORT)
    assert "improbable" in refuted_again(toy("gumbel", coarse_gumbel), high, other)


def test_what_a_sampler_refuses_is_an_edge():
    def few(logits, size, *, rng):
        if logits.size > 1000:
            raise RuntimeError("too many categories")
        return direct(logits, size, rng=rng)

    (edge,) = size.SIZE.edges(toy("index", few, cost="draw"), EFFORT)
    assert (edge.last_verified, edge.first_refuted) == (512, 1024)
    assert "refused: raised RuntimeError: too many categories" in edge.how


def test_temperatures_of_float32_rows():
    sampler = toy("simplex", soft)
    (lowest,), (highest,) = LOWEST.edges(sampler, EFFORT), HIGHEST.edges(sampler, EFFORT)
    assert lowest.last_verified < 2.0**-90  # one-hot rows are right at any low temperature
    assert lowest.first_refuted is None
    assert 2.0**12 < highest.last_verified < highest.first_refuted < 2.0**24


def test_cells_of_the_pair_cover_everything():
    for temperature in (2.0**-60, 0.25, 1.0, 2.0**20):
        p = probabilities(temperature, "float32")
        assert p.size == edges(temperature, "float32").size + 1
        assert p.sum() == pytest.approx(1)
        assert (p > 0).all()


def test_a_sampler_without_the_form_has_no_edge():
    sampler = toy("index", direct)
    assert LOWEST.edges(sampler, EFFORT) == []
    assert extremes.edges(sampler, EFFORT) == []


def test_the_table_reads_back_and_the_figure_names_everybody(tmp_path):
    from reports.envelope import figure

    made = measure(
        [toy("gumbel", coarse_gumbel)], Effort(Options(), 2**16), engine="serial", wanted=["largest K", "noise"]
    )
    write_table(made, tmp_path / "envelope.csv")
    assert (tmp_path / "envelope.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
    back = read_table(tmp_path / "envelope.csv")
    assert [(e.quantity, e.last_verified, e.first_refuted) for e in back] == [
        (e.quantity, e.last_verified, e.first_refuted) for e in made
    ]
    drawing = figure(tmp_path / "envelope.csv")
    assert drawing.startswith("<?xml")
    assert "toy-gumbel" in drawing
    assert set(SEARCHES) >= {"largest K", "noise"}


def test_edges_do_not_depend_on_who_searches():
    sampler = toy("index", direct, dtype="float64", cost="draw")
    effort = Effort(Options(seed=3), 2**16)
    one, other = (rare.RARE.edges(sampler, effort)[0] for _ in range(2))
    assert isinstance(one, Edge)
    assert (one.last_verified, one.how) == (other.last_verified, other.how)
