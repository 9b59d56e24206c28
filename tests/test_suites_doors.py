"""Short calls and prepared fills: right ones are spared in every form, the tolerance is reached, unwritten rows are told."""

from __future__ import annotations

import numpy as np
import pytest

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Scenario
from harness.samplers.registry import Form, Sampler, get
from suites.calling.asked import Asked
from suites.calling.doors import SIZES, TOLERANCE, _sizes, held, short_calls
from suites.calling.series import Calls
from suites.cases import case
from suites.cases.rows import SPECULATIVE
from suites.families.doors import checks


def asked(sampler, emits, where):
    made = checks(sampler, emits, (where if isinstance(where, Case) else case(where),), Options())
    return {one.name.rsplit("/", 1)[1]: one for one in made}


@pytest.mark.parametrize(
    ("name", "emits", "where", "doors"),
    [
        ("direct", "index", "die", 2),
        ("relaxed", "simplex", "die@2", 2),
        ("top-down", "gumbel", "die|5", 2),
        ("gumbel-top-k", "ranking", "rank-2", 1),
    ],
)
def test_right_samplers_are_spared_and_their_tolerance_is_reached(name, emits, where, doors):
    found = asked(get(name), emits, where)
    assert len(found) == doors
    for what, check in found.items():
        for seed in range(2):
            evidence = check.compute(np.random.default_rng([seed, len(what)]))
            assert evidence.p_value > 1e-5 and not evidence.impossible
            assert evidence.resolution <= check.tolerance == TOLERANCE[what]


def test_a_batch_is_asked_step_by_step():
    def rows(logits, size, *, rng):
        return np.argmax(logits + rng.gumbel(size=(size, *logits.shape)), axis=2)

    def repeating(logits, size, *, rng):
        drawn = rows(logits, size, rng=rng)
        return np.repeat(drawn[:1], 4, axis=0) if size == 4 else drawn

    one, other = (Sampler("b", "index", {"index": Form(draw)}, batch=True) for draw in (rows, repeating))
    assert asked(one, "index", "die")["short-calls"].compute(np.random.default_rng(0)).p_value > 1e-5
    wrong = asked(other, "index", "die")["short-calls"].compute(np.random.default_rng(0))
    assert wrong.p_value < 1e-10 and "of 4" in wrong.notes["where"]


def test_speculative_steps_ask_for_short_calls():
    assert [one.name for one in SPECULATIVE if "doors" in one.asks] == ["spec-2"]


def test_few_right_cells_are_refuted_and_shifted_ones_are():
    draws = Asked(Scenario(get("direct"), "index", case("die")), np.full(8, 1 / 8), 2, 0.01, 0.1)
    alarms, missed, n = 0, 0, draws.required(0.3, 1)
    shifted = np.full(8, 1 / 8) + np.array([1, 1, 1, 1, -1, -1, -1, -1]) * 0.3 / 4
    for seed in range(100):
        rng = np.random.default_rng(seed)
        alarms += min(one.p_value for one in held(draws, rng.integers(0, 8, (2, n)), rng)) <= 0.005
        missed += next(iter(held(draws, rng.choice(8, (1, n), p=shifted), rng))).p_value > 0.01
    assert alarms <= 7  # Binomial(100, 0.01): 2e-5 beyond
    assert missed <= 24  # Binomial(100, 0.1): 1e-5 beyond


def test_sizes_come_in_turn_until_there_are_enough():
    assert _sizes(10) == [1, 2, 3, 7] and sum(_sizes(20_000)) >= 20_000
    assert set(_sizes(20_000)) == set(SIZES)


def test_an_invalid_draw_is_told_with_the_size_of_the_call_that_made_it():
    def late(logits, size, *, rng):
        drawn = rng.integers(0, 6, size)
        return np.where(np.arange(size) == 6, 99, drawn)

    guest = Sampler("late", "index", {"index": Form(late)})
    draws = Asked(Scenario(guest, "index", case("die")), np.full(6, 1 / 6), 1, 0.01, 0.1)
    assert "99" in short_calls(draws, np.random.default_rng(0)).impossible


@pytest.mark.parametrize("name", ["direct", "gumbel-max"])
def test_the_fill_of_a_built_in_sampler_draws_what_its_function_draws(name):
    calls = Calls(Scenario(get(name), "index", case("die")), np.full(6, 1 / 6), 1e-9, 1e-3)
    slow, fast = (draw(5, 9, np.random.default_rng(3)) for draw in (calls.draw, calls.many))
    assert np.array_equal(slow, fast)
