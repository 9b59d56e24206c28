"""What a slow sampler cannot be asked in time is not begun and says how long it would take: a clock of the test's own."""

from functools import partial

import numpy as np
import pytest

from harness.errors import SamplerFault
from harness.options import Options
from harness.questions.check import Evidence, Scenario
from harness.samplers.registry import Form, Sampler, get
from harness.verdict import Verdict
from suites.calling import afford
from suites.calling.callers import same_seed
from suites.cases import case
from suites.families.asking import asked
from suites.families.callers import QUESTIONS
from tests.judging import findings

SUITES = {"millions": "coin/millions", "sweep": "/points", "calls": "die/sizes"}


class Clock:
    """Stands in for the module ``time``: a draw takes so many seconds of it, and is counted."""

    def __init__(self):
        self.now, self.each, self.drawn = 0.0, 0.0, 0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(afford, "time", made)
    return made


def slow(logits, size, *, rng):
    """A right sampler; it finds the clock where the suites do, as it travels to them by value."""
    afford.time.now += afford.time.each * size
    afford.time.drawn += size
    p = np.exp(logits - logits.max())
    return rng.choice(logits.size, size, p=p / p.sum())


def guest(function):
    return Sampler("slow", "index", {"index": Form(function)})


def part(clock, seconds, calls):
    def do():
        calls.append(1)
        clock.now += next(seconds)

    return do


@pytest.mark.parametrize(
    ("parts", "words"), [(120, ""), (121, "would take about 60 s, more than 60"), (600, "would take about 300 s")]
)
def test_a_minute_is_the_most(clock, parts, words):
    calls = []
    told = afford.too_long(guest(None), part(clock, iter((0.5, 0.5)), calls), parts)
    assert told.startswith(words) and bool(told) == bool(words)
    assert len(calls) == 2


def test_a_first_call_that_loads_something_is_not_taken_for_the_rest(clock):
    assert not afford.too_long(guest(None), part(clock, iter((40.0, 0.01)), []), 100)
    assert not afford.too_long(guest(None), part(clock, iter((0.01, 40.0)), []), 100)


def test_a_built_in_sampler_has_no_limit_and_is_not_timed(clock):
    calls = []
    assert not afford.too_long(get("direct"), part(clock, iter(()), calls), 1e12)
    assert not calls


def test_only_what_takes_too_long_becomes_evidence():
    def raising(error, asked, rng):
        raise error

    found = Evidence(n=7)
    assert afford.within_reason(lambda asked, rng: found, None, None) is found
    said = afford.within_reason(partial(raising, afford.TooLong("40 calls would take about 99 s")), None, None)
    assert said == Evidence(missing="40 calls would take about 99 s")
    for fault in (SamplerFault("hung"), ValueError("no")):
        with pytest.raises(type(fault)):
            afford.within_reason(partial(raising, fault), None, None)


@pytest.mark.parametrize(("suite", "row"), SUITES.items())
def test_a_slow_sampler_is_inconclusive_with_the_reason_and_spared_the_draws(clock, suite, row):
    """A draw takes a second, then a ten-millionth: of the questions that take many, the slow one draws a probe."""
    drawn, kept = {}, {}
    for seconds in (1.0, 1e-7):
        clock.each, clock.drawn = seconds, 0
        found = findings(guest(slow), [case("die")], suites=(suite,))
        drawn[seconds], kept[seconds] = clock.drawn, next(one for name, one in found.items() if name.endswith(row))
    assert kept[1.0].verdict is Verdict.INCONCLUSIVE and kept[1e-7].verdict is Verdict.VERIFIED
    assert "would take about" in kept[1.0].reason and "more than 60" in kept[1.0].reason
    assert drawn[1e-7] > 10 * drawn[1.0]


def test_of_one_seed_fewer_draws_are_made_and_what_they_could_miss_is_said(clock):
    asking, found = asked(Scenario(guest(slow), "index", case("die")), Options()), {}
    for seconds in (1.0, 1e-7):
        clock.each = seconds
        found[seconds] = same_seed(asking, np.random.default_rng(0))
    assert found[1.0].n < found[1e-7].n / 10 and not found[1.0].impossible
    assert found[1e-7].resolution < QUESTIONS["same-seed"].tolerance < found[1.0].resolution
