"""Rows at any place and in twos: right batches are spared, agreements are counted as a loop counts them."""

from __future__ import annotations

import numpy as np
import pytest

from harness.options import Options
from harness.questions.check import Scenario
from harness.samplers.registry import Form, Sampler
from suites.calling.asked import Asked
from suites.calling.batches import ROWS, SIZES, STEPS, TOLERANCE, any_two_rows, places
from suites.cases import case
from suites.families.batches import checks
from suites.families.millions import COINS


def rows(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, *logits.shape)), axis=2)


def relaxed(logits, size, *, rng, temperature):
    scores = (logits + rng.gumbel(size=(size, *logits.shape))) / temperature
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    return weights / weights.sum(axis=2, keepdims=True)


def batch(function, emits="index", **declared):
    return Sampler(function.__name__, emits, {emits: Form(function)}, batch=True, **declared)


@pytest.mark.parametrize(("function", "emits", "where"), [(rows, "index", "l8"), (relaxed, "simplex", "die@2")])
def test_right_batches_are_spared_and_their_tolerance_is_reached(function, emits, where):
    found = list(checks(batch(function, emits), emits, (case(where),), Options()))
    assert [one.name.rsplit("/", 1)[1] for one in found] == [*TOLERANCE]
    for check in found:
        evidence = check.compute(np.random.default_rng(len(check.name)))
        assert evidence.p_value > 1e-5 and not evidence.impossible
        assert evidence.resolution <= check.tolerance


def test_every_size_has_the_row_first_and_last_beside_every_kind():
    row = case("l8").logits
    every = list(places(row))
    assert {len(one.batch) for one in every} == set(SIZES)
    assert all(np.array_equal(one.batch[one.at], row) for one in every)
    assert {one.at for one in every if len(one.batch) == 64} == {0, 32, 63}
    assert len({one.words for one in every}) == len(every)


def test_agreements_of_rows_are_those_of_a_loop():
    made = {}

    def fair(logits, size, *, rng):
        made["drawn"] = rng.integers(0, 2, (size, len(logits)))
        return made["drawn"]

    asked = Asked(Scenario(batch(fair), "index", COINS[0]), np.array([0.5, 0.5]), 1, 1e-3, 0.1)
    evidence = any_two_rows(asked, np.random.default_rng(0))
    x, n = 1 - 2 * made["drawn"], len(made["drawn"]) - max(STEPS)
    sums = {
        (i, j, s): int((x[:n, i] * x[s : s + n, j]).sum())
        for s in STEPS
        for i in range(ROWS)
        for j in range(i + 1 if s == 0 else 0, ROWS)
    }
    worst = max(sums, key=lambda key: abs(sums[key]))
    assert evidence.effect == abs(sums[worst]) / n
    assert evidence.notes["where"] == f"coordinate 0, rows {worst[0]} and {worst[1]}, {worst[2]} steps apart"
    assert evidence.p_value > 1e-3


def test_samplers_of_one_row_and_relaxed_ones_of_half_precision_are_not_asked():
    one = Sampler("one", "index", {"index": Form(rows)})
    assert not list(checks(one, "index", (case("l8"),), Options()))
    assert not list(checks(batch(relaxed, "simplex", dtype="float16"), "simplex", (case("die@2"),), Options()))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_of_half_precision_rows_of_categories_are_asked_in_twos(dtype):
    (check,) = checks(batch(rows, dtype=dtype), "index", (case("l8"),), Options())
    assert check.name.endswith("any-two-rows")
    evidence = check.compute(np.random.default_rng(0))
    assert evidence.p_value > 1e-5 and evidence.resolution <= check.tolerance
