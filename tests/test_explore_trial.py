"""A trial's p-value holds its level, whatever is asked; and each question sees what it is there for."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest
from scipy import stats

from harness.exploration.counted import ALONE, GROUPS, agreement_questions, cells_of, law_questions
from harness.exploration.trial import combined, tried
from harness.exploration.uniforms import uniform_questions
from harness.samplers.registry import Form, Sampler
from harness.space.point import Point
from harness.streams import stream

P = np.array([0.4, 0.3, 0.2, 0.1])


def made(draw, emits="index", batch=False):
    return Sampler("tried", emits, MappingProxyType({emits: Form(draw)}), batch=batch)


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, *logits.shape)), axis=-1)


def perturbed(logits, size, *, rng):
    return logits + rng.gumbel(size=(size, logits.size))


def relaxed(logits, size, *, rng, temperature):
    return softmax(perturbed(logits, size, rng=rng) / temperature)


def answer(sampler, point, number=0, n=240):
    return tried(sampler, sampler.emits, point, n, stream(1, "draw", number), stream(1, "spread", number))


@pytest.mark.parametrize(
    ("sampler", "point"),
    [
        (made(right), Point(6, "normal-1", call=3, seed=1)),
        (made(right), Point(300, "zipf-1", call=240)),
        (made(perturbed, "gumbel"), Point(5, "normal-1", call=40, seed=2)),
        (made(relaxed, "simplex"), Point(4, "ramp-3", call=7, temperature=0.5)),
        (made(right, batch=True), Point(5, "normal-1", call=20, rows=6, seed=3)),
    ],
    ids=["short calls", "many categories", "gumbel", "simplex", "batch"],
)
def test_p_values_hold_their_level(sampler, point):
    """Of 400 answers at most so many are below a level as an exact binomial allows at 1e-4; and none is biased low."""
    p_values = np.array([answer(sampler, point, number).p_value for number in range(400)])
    for level in (0.01, 0.05, 0.2):
        assert (p_values <= level).sum() <= stats.binom.isf(1e-4, 400, level)


def test_single_questions_are_uniform():
    point, asked = Point(5, "normal-1", call=8, seed=2), {}
    for number in range(300):
        for name, p in answer(made(perturbed, "gumbel"), point, number).asked.items():
            asked.setdefault(name, []).append(p)
    exact = {"law", "uniforms", "mean", "coordinates", "draws", "spread", "neighbouring rows", "first", "last"}
    assert exact <= set(asked)
    for name in exact:
        assert stats.kstest(asked[name], "uniform").pvalue > 1e-4, name


def test_cells_are_few_and_hold_all_possible_categories():
    rng = np.random.default_rng(0)
    for k in (2, 5, 100, 5000):
        p = rng.dirichlet(np.ones(k))
        p[0] = 0.0
        p /= p.sum()
        cell = cells_of(p, 240)
        assert cell[0] == -1 and (cell[1:] >= 0).all()
        assert np.unique(cell).size - 1 <= 240 / ALONE + GROUPS


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("law", lambda x: np.minimum(x, 1)),
        ("first", lambda x: np.where(np.arange(8)[None, :, None] == 0, 0, x)),
        ("last", lambda x: np.where(np.arange(8)[None, :, None] == 7, 0, x)),
    ],
)
def test_questions_of_the_law_see_their_place(name, change):
    x = np.random.default_rng(1).choice(4, size=(100, 8, 1), p=P)
    before, after = (law_questions(one, P[None], np.random.default_rng(0)) for one in (x, change(x)))
    assert before[name] > 1e-3 and after[name] < 1e-12


def test_agreements_are_two_sided():
    rng = np.random.default_rng(2)
    x = rng.choice(4, size=(100, 8, 2), p=P)
    laws = np.stack([P, np.roll(P, 1)])
    assert set(agreement_questions(x, laws)) == {"neighbours", "next call", "next row"}
    twice, never = np.repeat(x[:, ::2], 2, axis=1), x.copy()
    never[:, 1::2] = (never[:, ::2] + 1) % 4
    assert agreement_questions(twice, laws)["neighbours"] < 1e-20
    assert agreement_questions(never, laws)["neighbours"] < 1e-20
    same = np.concatenate([x[:50], x[:50]]).reshape(2, 50, 8, 2).swapaxes(0, 1).reshape(100, 8, 2)
    assert agreement_questions(same, laws)["next call"] < 1e-20


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("mean", lambda u: u**1.3),
        ("coordinates", lambda u: u ** np.array([1.5, 1.0, 1 / 1.5, 1.0, 1.0])),
        ("draws", lambda u: np.repeat(u[:, :1], 5, axis=1)),
        ("spread", lambda u: 0.25 + u / 2),
        ("neighbouring rows", lambda u: np.repeat(u[::2], 2, axis=0)),
        ("neighbouring rows", lambda u: np.stack([u[::2], 1 - u[::2]], axis=1).reshape(u.shape)),
        ("uniforms", lambda u: np.where(u < 0.5, u / 2, 0.5 + u / 2)),
    ],
)
def test_questions_of_uniforms_see_their_defect(name, change):
    u = np.random.default_rng(3).random((400, 5))
    before, after = (uniform_questions(one, np.random.default_rng(0)) for one in (u, change(u)))
    assert before[name] > 1e-3 and after[name] < 1e-9


def test_the_law_has_half_of_the_level():
    assert combined({}) == (1.0, "")
    assert combined({"law": 0.01}) == (0.01, "law")
    assert combined({"law": 0.01, "first": 0.5, "last": 0.5}) == (0.02, "law")
    assert combined({"law": 0.5, "first": 0.01, "last": 0.5}) == (0.04, "first")


def test_what_is_impossible_or_breaks_is_told():
    def outside(logits, size, *, rng):
        return np.full(size, logits.size)

    def raising(logits, size, *, rng):
        raise RuntimeError("no")

    def greedy(logits, size, *, rng):
        logits[0] = 5.0
        return right(logits, size, rng=rng)

    def contiguous_only(logits, size, *, rng):
        if not logits.flags.c_contiguous or not size:
            raise ValueError("not contiguous, or nothing to do")
        return right(logits, size, rng=rng)

    point = Point(5, "normal-1", call=50)
    assert "outside 0..4" in answer(made(outside), point).impossible
    assert "raised RuntimeError" in answer(made(raising), point).fault
    assert "changed the logits" in answer(made(greedy), point).fault
    for refused in (point.but(layout="strided"), point.but(call=0)):
        found = answer(made(contiguous_only), refused)
        assert not found.fault and not found.impossible
    assert answer(made(contiguous_only), point.but(layout="strided")).n >= 240
