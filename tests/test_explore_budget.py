"""`explore` keeps its budget with samplers that are slow, that hang, or that hang as soon as they are opened."""

from __future__ import annotations

import pickle
import time

import numpy as np
import pytest

from harness.engine.limits import Limits, enforced
from harness.errors import SamplerFault
from harness.exploration import work as working
from harness.exploration.explore import explore
from harness.exploration.session import spaces
from harness.exploration.trial import tried
from harness.exploration.work import Job, work
from harness.samplers.registry import Form, Sampler
from harness.space.point import Point
from harness.streams import stream
from harness.verdict import Verdict

JOBS = [Job(Point(3, call=40), 40, ("job", i)) for i in range(3)]


def guest(draw):
    return Sampler(draw.__name__, "index", {"index": Form(draw)})


def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, logits.size)), axis=1)


def sleepy(logits, size, *, rng):
    time.sleep(5.0)
    return right(logits, size, rng=rng)


def packed(sampler):
    (space,) = spaces([sampler])
    return pickle.dumps(space)


class Opens:
    """Sleeps while it is opened."""

    def __reduce__(self):
        return time.sleep, (30.0,)


def test_a_point_that_the_end_of_the_search_cuts_off_is_left_out_and_is_no_fault(monkeypatch):
    monkeypatch.setattr(working, "LEAST", 0.2)
    begun = time.time()
    assert work(packed(guest(sleepy)), 0, JOBS, begun + 0.3, guest=True, always=True) == []
    assert time.time() - begun < 3
    assert [one.fault for one in work(packed(guest(right)), 0, JOBS, begun + 600, guest=True)] == [""] * 3
    assert work(packed(guest(right)), 0, JOBS, begun, guest=True) == []
    assert len(work(packed(guest(right)), 0, JOBS, begun, guest=True, always=True)) == 1


def test_a_point_that_takes_longer_than_it_may_is_a_fault_and_no_answer(monkeypatch):
    monkeypatch.setattr(working, "SECONDS", 0.2)
    (answer,) = work(packed(guest(sleepy)), 0, JOBS[:1], time.time() + 600, guest=True)
    assert "hung: no result within 0.2 s" in answer.fault and not answer.asked


def test_what_is_opened_is_under_the_limit_too(monkeypatch):
    monkeypatch.setattr(working, "SECONDS", 0.2)
    (answer,) = work(pickle.dumps(Opens()), 0, JOBS, time.time() + 600, guest=True)
    assert "hung: no result within 0.2 s" in answer.fault
    (answer,) = work(b"no pickle", 0, JOBS, time.time() + 600, guest=True)
    assert "raised UnpicklingError" in answer.fault


def test_the_end_of_a_limit_is_not_taken_for_the_fault_of_one_point():
    point = Point(3, call=40)
    with pytest.raises(SamplerFault, match="hung"), enforced(Limits(0.2)):
        tried(guest(sleepy), "index", point, 40, stream(0, "a"), stream(0, "b"))


def test_a_search_without_a_single_answer_is_inconclusive_and_says_so():
    begun = time.time()
    done = explore(guest(sleepy), budget=1.5, engine="serial", workers=1)
    assert done.verdict is Verdict.INCONCLUSIVE and time.time() - begun < 10
    assert any("no point was done within the budget" in line for line in done.lines())
