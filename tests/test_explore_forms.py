"""The sweep of truncated laws, rankings, speculative steps and half precision spares what is right, and sees what is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.exploration.committed import step_questions
from harness.exploration.nearly import rounded_questions
from harness.exploration.promise import COARSE, QUESTIONS, SUSPECT, designed
from harness.exploration.ranked import as_drawn, by_likelihood, ranking_questions, stages
from harness.exploration.session import spaces
from harness.exploration.sweep import sweep
from harness.exploration.trial import tried
from harness.laws import Ranking
from harness.space.drafts import PAIRS, tables
from harness.space.draw import few_laws, random_point
from harness.space.point import Point, point_from
from harness.space.rounding import GRAIN, grain
from harness.streams import stream
from tests.right_forms import FORMS

LEVEL = 1e-6 / 4096
SLOW = {"llama.cpp", "brain_ranks", "half_sets"}
NAMES = {one.name: one for one in FORMS}


def swept(sampler, seed, share=0.3):
    (space,) = spaces([sampler])
    design = designed(share, LEVEL, 1e-3, sampler.dtype)
    return sweep(space, design, LEVEL, stream(seed, "sweep", sampler.name))


@pytest.mark.parametrize("name", sorted(set(NAMES) - SLOW))
def test_right_samplers_are_spared(name):
    found = swept(NAMES[name], 0)
    assert found.p_value > 1e-6 and not found.impossible and not found.broken, found.notes


@pytest.mark.dear
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", NAMES)
def test_right_samplers_are_spared_at_ten_seeds(name, seed):
    found = swept(NAMES[name], seed, 0.02)
    assert found.p_value > 1e-6 and not found.impossible and not found.broken, found.notes


@pytest.mark.parametrize("name", sorted(NAMES))
def test_points_are_rebuilt_from_their_names_and_leave_few_laws(name):
    (space,) = spaces([NAMES[name]])
    for i in range(40):
        point = random_point(space, stream(3, name, i))
        assert point_from(point.name) == point
        assert few_laws(point, space)
        case = point.case(space.emits, space.form.terms)
        assert grain(case, space.sampler.dtype) <= GRAIN
        live = int(np.isfinite(point.logits).sum())
        assert point.m <= live and point.drafts <= 8


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("vllm", Point(40, "zipf-1", call=30, top_k=12, top_p=0.8)),
        ("mlx-lm", Point(9, "normal-1", call=7, seed=4, min_p=0.1, temperature=1.7)),
        ("top_k_rows", Point(7, "normal-1", call=30, seed=2, m=3)),
        ("sets_in_any_order", Point(6, "zipf-1", call=30, m=3)),
        ("verify", Point(6, "normal-1", call=60, seed=3, drafts=2, draft="other")),
        ("from_target", Point(6, "normal-1", call=60, seed=3, drafts=2, draft="other")),
        ("brain", Point(30, "zipf-1", call=60)),
    ],
)
def test_p_values_hold_their_level(name, point):
    """Of 200 answers at most so many are below a level as an exact binomial allows at 1e-4."""
    sampler = NAMES[name]
    p = np.array(
        [
            tried(sampler, sampler.emits, point, 120, stream(1, "draw", number), stream(1, "spread", number)).p_value
            for number in range(200)
        ]
    )
    for level in (0.01, 0.05, 0.2):
        assert (p <= level).sum() <= stats.binom.isf(1e-4, p.size, level)


def test_stages_of_a_ranking_are_uniform_in_both_orders_and_in_deep_logits():
    rng = np.random.default_rng(0)
    for logits in (np.log([5.0, 1.0, 3.0, 2.0, 8.0]), np.array([0.0, -800.0, -801.0, -1600.0])):
        items = np.argsort(np.log(rng.standard_exponential((4000, logits.size))) - logits, axis=1)[:, :3]
        for made in (stages(items, logits, rng), stages(*by_likelihood(items, logits), rng)):
            assert all(stats.kstest(made[:, j], "uniform").pvalue > 1e-4 for j in range(3))


def test_a_set_becomes_a_ranking_of_plackett_and_luce():
    rng, logits = np.random.default_rng(1), np.log([5.0, 1.0, 3.0, 2.0])
    law = Ranking(logits, 3)
    items = np.sort(np.argsort(np.log(rng.standard_exponential((20_000, 4))) - logits, axis=1)[:, :3], axis=1)
    counts = np.bincount(law.encode(as_drawn(items, logits, rng)), minlength=law.mass.size)
    assert stats.chisquare(counts, law.mass * len(items)).pvalue > 1e-4


@pytest.mark.parametrize("pair", PAIRS)
def test_tables_of_every_pair_have_a_token(pair):
    logits = np.array([0.0, -np.inf, 1.0, 2.0, -1.0])
    drafts, targets = tables(logits, 3, pair, np.random.default_rng(0))
    assert drafts.shape == (3, 5) and targets.shape == (4, 5)
    assert np.isfinite(drafts).any(axis=1).all() and not np.isnan(drafts).any()


def test_a_token_that_is_not_due_is_impossible():
    """The draft 1 was rejected and 1 was recovered, which the residual lacks."""
    drafts, targets = np.log([[0.2, 0.8]]), np.log([[0.6, 0.4], [0.5, 0.5]])
    rows = np.array([[[1, 1, -1, 0, 0]] * 20])
    asked = step_questions(rows, drafts, targets, np.random.default_rng(0), token_wise=True)
    assert asked["a token recovered where none is due"] == 0.0


def test_wrong_rankings_and_steps_are_seen_at_a_point():
    rng = np.random.default_rng(2)
    logits = np.log([5.0, 1.0, 3.0, 2.0, 8.0])
    right = np.argsort(np.log(rng.standard_exponential((600, 5))) - logits, axis=1)
    seen = ranking_questions(right[None, :, :3], logits, rng)
    assert min(seen.values()) > 1e-3
    wrong = right[:, [0, 2, 1]]
    assert min(ranking_questions(wrong[None], logits, rng).values()) < 1e-6


def test_half_precision_is_allowed_its_rounding_and_no_more():
    """A sampler whose law is off by the grain is spared; one off by COARSE is noticed as often as promised."""
    rng, p = np.random.default_rng(0), np.full(16, 1 / 16)
    sides = np.where(np.arange(16) % 2 == 0, 1.0, -1.0)
    n = designed(0.3, LEVEL, 1e-3, "bfloat16").draws
    for _ in range(50):
        index = rng.choice(16, size=(1, n, 1), p=p * (1 + GRAIN * sides))
        assert rounded_questions(index, p[None], GRAIN)["law"] > SUSPECT
    off, noticed = p * (1 + 2 * COARSE * sides), 0
    for _ in range(100):
        index = rng.choice(16, size=(1, n, 1), p=off)
        noticed += rounded_questions(index, p[None], GRAIN)["law"] <= SUSPECT / QUESTIONS
    assert noticed >= 90
