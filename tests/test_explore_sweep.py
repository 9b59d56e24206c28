"""The sweep finds what it promises, spares what is right, and says where it looked."""

from __future__ import annotations

import re
import warnings
from functools import partial
from types import MappingProxyType

import numpy as np
import pytest

from harness.exploration.counted import GROUPS, cells_of, law_questions
from harness.exploration.promise import (
    AGAIN,
    DEVIATION,
    NOTICED,
    POWERED,
    QUESTIONS,
    SUSPECT,
    Design,
    designed,
    reached,
)
from harness.exploration.sweep import by_class, sweep
from harness.exploration.trial import Answer
from harness.judge import judge
from harness.options import Options
from harness.questions.check import REMARK
from harness.samplers.registry import Form, Sampler, get
from harness.space.draw import Space, random_point
from harness.space.point import Point
from harness.streams import stream
from harness.verdict import Verdict
from suites.families.sweep import checks

LEVEL = 1e-6 / 4096


def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, logits.size)), axis=1)


def moved(share, logits, size, *, rng):
    """Wrong by DEVIATION in a share of the space that the logits choose: one category takes from all others."""
    drawn = right(logits, size, rng=rng)
    chosen = np.random.default_rng(np.frombuffer(np.ascontiguousarray(logits).tobytes(), np.uint32)).random() < share
    if not chosen or np.isfinite(logits).sum() < 2:
        return drawn
    p = np.exp(logits - logits.max())
    p /= p.sum()
    top, low = int(np.argmax(p)), int(np.flatnonzero(np.isfinite(logits))[-1])
    to = low if p[top] >= DEVIATION else top
    lost = np.isin(drawn, [to], invert=True) & (rng.random(size) < DEVIATION / (1 - p[to]))
    return np.where(lost, to, drawn)


def made(draw, name="swept"):
    return Sampler(name, "index", MappingProxyType({"index": Form(draw)}))


def evidence(sampler, design, seed=0):
    return sweep(Space(sampler, "index", design.draws), design, LEVEL, stream(seed, "sweep", sampler.name))


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("beta", [1e-3, 0.1])
def test_a_design_keeps_its_promise_on_paper(share, beta):
    design = designed(share, LEVEL, beta)
    pi = POWERED * NOTICED * (1 - beta)
    assert (1 - share * pi) ** design.points <= beta < (1 - share * pi) ** (design.points - 1)
    assert reached(design.points, beta) <= share
    assert design.more > design.draws


def test_a_wrong_point_is_noticed_as_often_as_promised():
    """At the worst alternative, a shift of DEVIATION spread in proportion to the probabilities of all cells."""
    design, rng, noticed = designed(0.02, LEVEL, 1e-3), np.random.default_rng(0), 0
    p = np.full(16, 1 / 16)
    q = p * (1 + 2 * DEVIATION * np.where(np.arange(16) % 2 == 0, 1.0, -1.0))
    assert np.unique(cells_of(p, design.draws)).size <= design.draws / 16 + GROUPS
    for _ in range(400):
        index = rng.choice(16, size=(1, design.draws, 1), p=q)
        noticed += law_questions(index, p[None], rng)["law"] <= SUSPECT / QUESTIONS
    assert noticed / 400 >= NOTICED


def test_a_right_sampler_is_spared_and_the_promise_is_told():
    design = designed(0.2, LEVEL, 1e-3)
    for seed in range(5):
        found = evidence(made(right), design, seed)
        assert found.p_value > 1e-4 and not found.impossible and not found.broken
        assert "would have been found with probability 0.999" in found.notes["promise"]
        assert REMARK not in found.notes


def test_points_do_not_depend_on_what_was_drawn():
    names = [random_point(Space(made(right), "index"), stream(5, "point", 3)).name for _ in range(2)]
    assert names[0] == names[1]


def test_the_same_seed_is_the_same_evidence():
    design = Design(20, 100, 300, 0.3, 0.25, 1e-3)
    one, other = (evidence(made(partial(moved, 0.5)), design) for _ in range(2))
    assert one == other


def test_a_class_is_refuted_by_all_its_points_together():
    answers = [
        Answer(Point(5 + i, call=3 if i % 4 == 0 else 200), 100, 1e-3 if i % 4 == 0 else 0.5, "law", asked={"law": 0.5})
        for i in range(40)
    ]
    worst = min(by_class(answers), key=lambda one: one.p_value)
    assert (worst.axis, worst.value, worst.points) == ("call", "3", 10)
    assert worst.p_value < 1e-15


def test_a_fault_leaves_the_question_open():
    def falls(logits, size, *, rng):
        if logits.size < 8:
            raise MemoryError("seven")
        return right(logits, size, rng=rng)

    design = designed(0.05, LEVEL, 1e-3)
    found = evidence(made(falls), design)
    verdict, reason = judge(found, alpha=LEVEL, tolerance=0.1, detectable=found.resolution)
    assert verdict is Verdict.INCONCLUSIVE and "at k=" in reason and "seven" in reason


@pytest.mark.parametrize(("name", "emits"), [("direct", "index"), ("relaxed", "simplex"), ("top-down", "gumbel")])
def test_built_in_samplers_are_verified(name, emits):
    options = Options(tolerance=0.05)
    (check,) = checks(get(name), emits, (), options)
    assert check.name == f"sweep/{name}/{emits}/points"
    assert check.compute is not None and check.tolerance is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = check.compute(stream(0, "computation", check.name))
    verdict, reason = judge(found, alpha=options.level, tolerance=check.tolerance, detectable=found.resolution)
    assert verdict is Verdict.VERIFIED, reason


def test_the_points_asked_again_are_bounded():
    design = Design(60, 100, 200, 0.1, 0.25, 1e-3)
    assert evidence(made(partial(moved, 1.0)), design).notes["asked again"] <= AGAIN


def test_what_is_named_is_the_plainest_point_that_fresh_draws_refute():
    found = evidence(made(partial(moved, 1.0)), Design(60, 200, 900, 0.1, 0.25, 1e-3))
    assert found.p_value == 0.0 or found.p_value <= LEVEL
    assert found.notes[REMARK].startswith("is wrong at k=") and "draws, p = " in found.notes[REMARK]
    assert found.notes[REMARK] == found.notes["where"]


def single(logits, size, *, rng, temperature):
    noise = -np.log(-np.log(np.maximum(rng.random((size, len(logits)), dtype=np.float32), np.float32(1e-30))))
    scores = (logits.astype(np.float32) + noise) / np.float32(temperature)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def threes(logits, size, *, rng):
    drawn = right(logits, size, rng=rng)
    return np.repeat(drawn[:1], 3) if size == 3 else drawn


def test_the_reason_names_the_simplest_case_its_call_and_its_effect():
    found = evidence(made(threes), designed(0.05, LEVEL, 1e-3))
    words = r"is wrong at k=2,call=3 \(neighbours, pairs agree in (\d+) of \1 where \d+ are due; "
    assert re.match(words, found.notes[REMARK])
    off = evidence(made(partial(moved, 1.0)), designed(0.3, LEVEL, 1e-3))
    assert "total variation about 0." in off.notes[REMARK] and "dtype" not in off.notes[REMARK]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_float32_sampler_that_declares_float64_is_told_to_declare_it(dtype):
    sampler = Sampler("single", "simplex", MappingProxyType({"simplex": Form(single)}), dtype=dtype)
    design = designed(0.1, LEVEL, 1e-3)
    found = sweep(Space(sampler, "simplex", design.draws), design, LEVEL, stream(0, "single"))
    if dtype == "float32":
        assert found.p_value > LEVEL and not found.impossible
    else:
        assert found.p_value <= LEVEL
        assert 'declare dtype="float32"' in found.notes[REMARK] and "temperature=" in found.notes[REMARK]
