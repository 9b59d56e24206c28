"""Means over relaxed entries at equal logits: settled by their nodes, right at the ends, and what draws show."""

from __future__ import annotations

import numpy as np
import pytest

from harness.options import Options
from harness.samplers.draw import draw
from suites.claims.trick import estimators
from suites.claims.trick.estimators import ESTIMATORS, ROLLED, SETTINGS, SHOWN, least, of_die
from suites.evidence.chance import Rates
from suites.evidence.equal_logits import means

RATES = Rates.of(Options())
DIE = SETTINGS["gradient-error-die"]


@pytest.mark.parametrize("tau", [0.05, 0.3, 1.0, 5.0])
def test_more_nodes_change_nothing(tau):
    few, many = (np.array([*vars(means(tau, fine)).values()]) for fine in (1, 2))
    assert np.allclose(few, many, rtol=1e-4, atol=0)


def test_flat_rows_have_the_means_of_the_flat_row():
    found = means(1e6)
    assert found.unlike == pytest.approx(5 / 6, rel=1e-4)
    assert found.one_entry == pytest.approx(1 / 6 - 2 / 36 + 1 / 36, rel=1e-4)
    assert found.winner == pytest.approx((1 / 36) * (1 - 2 / 6 + 1 / 6), rel=1e-4)
    assert abs(found.itself) < 1e-6


def test_means_are_those_of_draws():
    b = draw("relaxed", np.zeros(6), 200_000, rng=np.random.default_rng(0), temperature=0.7)
    p2, p3, p4 = (np.sum(b**n, axis=1) for n in (2, 3, 4))
    top = b.max(axis=1)
    values = (1 - p2, p2 - 2 * p3 + p2**2, p4 - 2 * p3 * p2 + p2**3, top**2 * (1 - 2 * top + p2))
    for value, due in zip(values, vars(means(0.7)).values(), strict=True):
        assert abs(value.mean() - due) < 6 * value.std() / np.sqrt(value.size)


def test_the_relaxed_gradient_is_unbiased_at_temperature_zero_and_vanishes_at_infinity():
    size = float(np.sum(ROLLED.gradient**2))
    biases = [of_die("relaxed", tau).squared_bias / size for tau in (1e-3, 0.1, 1.0, 10.0, 1e3)]
    assert biases[0] < 1e-5 and biases == sorted(biases) and 0.99 < biases[-1] < 1
    assert of_die("straight-through", 1.0).squared_bias == of_die("relaxed", 1.0).squared_bias


def test_the_score_function_has_the_variance_of_its_six_values():
    p, hot = ROLLED.p, np.eye(6)
    values = ROLLED.loss(hot)[:, None] * (hot - p)
    assert of_die("score function", 1.0).variance == pytest.approx(
        np.mean(np.sum((values - ROLLED.gradient) ** 2, axis=1))
    )


def test_the_temperature_of_least_error_lies_where_its_neighbours_are_worse():
    for draws in (1, estimators.BATCH):
        at = [*SHOWN].index(least(DIE, "relaxed", draws))
        errors = [of_die("relaxed", float(tau)).error(draws) for tau in SHOWN[at - 1 : at + 2]]
        assert errors[1] == min(errors) and 0 < at < len(SHOWN) - 1
    assert estimators._least(DIE, 1)["x"] == [least(DIE, "relaxed", 1), SHOWN[-1]]


def test_draws_agree_with_the_exact_curves():
    found = estimators.measured(DIE, RATES, np.random.default_rng(1))
    assert found.p_value == 1.0
    assert found.resolution < DIE.tolerance
    for panel in found.exhibit["panels"][:3]:
        for drawn in (one for one in panel["series"] if one["style"] == "points" and "low" in one):
            assert all(low <= y <= high for low, y, high in zip(drawn["low"], drawn["y"], drawn["high"], strict=True))
            (exact,) = (one for one in panel["series"] if one["label"] == drawn["label"] and one["style"] == "line")
            due = np.interp(np.log(drawn["x"]), np.log(exact["x"]), np.log(exact["y"]))
            assert np.all(np.log(drawn["low"]) <= due + 0.02) and np.all(due <= np.log(drawn["high"]) + 0.02)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_another_estimator_is_refuted(monkeypatch, name):
    other = {"relaxed": "score function", "straight-through": "relaxed", "score function": "straight-through"}
    right = estimators.estimate
    monkeypatch.setattr(
        estimators, "estimate", lambda asked, *more: right(other[asked] if asked == name else asked, *more)
    )
    assert estimators.measured(DIE, RATES, np.random.default_rng(1)).p_value < RATES.level
