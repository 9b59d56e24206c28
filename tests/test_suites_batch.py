"""A batch sampler is called with rows of logits; its draws lie step by step, all rows of a step side by side."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

import harness
from harness.draws.bind import BATCH, bind
from harness.errors import SamplerFault, UsageError
from harness.options import Options
from harness.questions.check import Scenario
from harness.questions.content import load_content
from harness.questions.plan import guests_plan
from harness.samplers.registry import Form, Sampler
from suites.cases import case


def labelled(logits, size, *, rng):
    assert logits.shape[0] == BATCH
    return np.arange(size)[:, None] % 2 * 4 + np.arange(BATCH)


def flat_instead(logits, size, *, rng):
    return np.zeros(size, int)


def relaxed(logits, size, *, rng, temperature):
    weights = np.exp((logits + rng.gumbel(size=(size, *logits.shape))) / temperature)
    return weights / weights.sum(axis=2, keepdims=True)


def made(function, emits="index"):
    return Sampler(function.__name__, emits, MappingProxyType({emits: Form(function)}), batch=True)


def test_draws_are_flattened_step_by_step():
    draws = bind(Scenario(made(labelled), "index", case("l8")))(10, np.random.default_rng(0))
    assert draws.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]


def test_rows_of_the_simplex_are_flattened_too():
    draws = bind(Scenario(made(relaxed, "simplex"), "simplex", case("three@1")))(6, np.random.default_rng(0))
    assert draws.shape == (6, 3)
    np.testing.assert_allclose(draws.sum(axis=1), 1)


def test_another_shape_is_a_fault():
    with pytest.raises(SamplerFault, match=r"shape \(3,\), \(3, 4\) is due"):
        bind(Scenario(made(flat_instead), "index", case("l8")))(12, np.random.default_rng(0))


def test_lags_of_a_batch_are_rows_steps_and_diagonals():
    options = Options()
    plan = guests_plan([made(labelled)], load_content(options), options)
    lags = {check.name.rsplit("-", 1)[1] for check in plan.checks if "/die/lag-" in check.name}
    assert lags == {"1", str(BATCH - 1), str(BATCH), str(BATCH + 1)}
    assert {check.suite for check in plan.checks} >= {"rows", "calls", "metamorphic", "endpoints"}


def test_batch_is_declared_once_and_kept():
    @harness.sampler("batch-of-a-test", emits="index", batch=True)
    def sampler(logits, size, *, rng):
        return labelled(logits, size, rng=rng)

    assert sampler.batch
    with pytest.raises(UsageError, match="all forms"):
        harness.sampler("batch-of-a-test", emits="gumbel")(labelled)
    with pytest.raises(UsageError, match="takes no prepare"):
        harness.sampler("another", emits="index", batch=True, prepare=labelled)
    with pytest.raises(UsageError, match="call it as it is"):
        harness.draw(sampler, [0.0, 1.0], 3)
    function, arguments = sampler.__reduce__()
    assert function(*arguments).batch
