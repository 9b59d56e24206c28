"""Other seeds, threads and processes: right samplers are spared, first calls and shared buffers are not."""

from __future__ import annotations

import os
import sys
import threading
import time
import types

import numpy as np
import pytest

import harness
from harness.errors import SamplerFault
from harness.methods.tails import binomial_two_sided
from harness.options import Options
from harness.questions.check import Scenario
from harness.samplers.registry import Form, Sampler, get
from suites.calling import afford
from suites.calling.asked import Asked
from suites.calling.callers import TOLERANCE, _agreement, eight_threads, fresh_threads, same_seed
from suites.calling.dependence import many_calls
from suites.calling.elsewhere import One, at_once, in_process, in_thread
from suites.calling.equal import differs
from suites.cases import case
from suites.families.callers import checks


def asked(sampler, emits="index", where="die"):
    return {one.name.rsplit("/", 1)[1]: one for one in checks(sampler, emits, (case(where),), Options())}


def guest(function, **declared):
    return Sampler(function.__name__, "index", {"index": Form(function)}, **declared)


def draws_of(sampler):
    return Asked(Scenario(sampler, "index", case("die")), np.full(6, 1 / 6), 1, 1e-9, 1e-3)


def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, logits.size)), axis=1)


def of_one_thread(logits, size, *, rng):
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("belongs to the thread that made it")
    return right(logits, size, rng=rng)


@pytest.mark.parametrize(("name", "emits", "where"), [("direct", "index", "die"), ("relaxed", "simplex", "die@2")])
def test_right_samplers_are_spared_and_their_tolerance_is_reached(name, emits, where):
    for what, check in asked(get(name), emits, where).items():
        evidence = check.compute(np.random.default_rng(len(what)))
        assert evidence.p_value is None or evidence.p_value > 1e-6
        assert not evidence.impossible
        assert evidence.resolution <= check.tolerance == TOLERANCE[what]


def test_threads_at_once_are_asked_of_those_that_declare_them_alone():
    assert "eight-threads" not in asked(guest(right))
    assert "eight-threads" in asked(guest(right, threads=True))
    assert all(one.profile == "quick" for one in asked(guest(right)).values())
    assert [name for name, one in asked(get("direct")).items() if one.profile == "full"] == ["fresh-processes"]


def test_the_declaration_is_kept_and_travels():
    @harness.sampler("threads-of-a-test", emits="index", threads=True)
    def sampler(logits, size, *, rng):
        return right(logits, size, rng=rng)

    function, arguments = sampler.__reduce__()
    assert sampler.threads and function(*arguments).threads
    both = harness.sampler("threads-of-a-test", emits="gumbel")(lambda logits, size, *, rng: logits)
    assert not both.threads
    assert get("direct").threads and get("top-down").threads


def test_agreements_are_counted_and_held_to_a_fair_coin():
    draws, rng = draws_of(get("direct")), np.random.default_rng(0)
    calls = [get("direct")(case("die").logits, 500, rng=rng) for _ in range(2)]
    evidence = _agreement(draws, {"apart": [(calls[0], calls[1])], "equal": [(calls[0], calls[0])]}, rng)
    assert evidence.notes["where"] == "equal" and evidence.effect > 0.95 and evidence.p_value < 1e-100
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        one, other = (get("direct")(case("die").logits, 64, rng=rng) for _ in range(2))
        found = _agreement(draws, {"apart": [(one, other)]}, rng)
        alarms += found.p_value <= 0.05
        assert found.p_value == pytest.approx(float(binomial_two_sided((1 + found.effect) * 32, 64, 0.5)), rel=1e-6)
    assert alarms <= 12  # Binomial(60, 0.05): 2e-5 beyond


def test_a_sampler_of_one_thread_is_inconclusive_and_not_refuted():
    with pytest.raises(SamplerFault, match=r"in another thread: .*belongs to the thread"):
        fresh_threads(draws_of(guest(of_one_thread)), np.random.default_rng(0))


def test_what_a_thread_or_process_draws_is_what_is_drawn_here():
    call = One(Scenario(get("direct"), "index", case("die")), 7, 100)
    assert np.array_equal(in_thread(call), call())
    assert np.array_equal(in_process(call), call())
    assert in_process(_number) != os.getpid()


def _number():
    return os.getpid()


def test_works_that_begin_together_run_side_by_side_and_the_first_fault_is_told():
    gate = threading.Barrier(3)
    assert at_once([lambda: gate.wait(30) >= 0] * 3) == [True] * 3
    with pytest.raises(SamplerFault, match="division"):
        at_once([lambda: 1, lambda: 1 // 0])


def test_the_same_seed_is_compared_to_the_last_draw():
    def tail(logits, size, *, rng):
        drawn = right(logits, size, rng=rng)
        drawn[65536:] = np.random.default_rng().integers(0, 6, max(0, size - 65536))
        return drawn

    assert "among the first 100000" in same_seed(draws_of(guest(tail)), np.random.default_rng(0)).impossible
    assert differs(np.array([0.1]), np.array([0.1 + 1e-6])) and not differs(np.array([0.1]), np.array([0.1 + 1e-12]))


def test_a_buffer_that_threads_share_shows_in_every_one_of_ten_tries():
    shared = np.empty(2**13)

    def racing(logits, size, *, rng):
        rng.random(out=shared[:size])
        time.sleep(0)
        return np.searchsorted(np.cumsum(np.exp(logits)) * (1 - 1e-12), shared[:size]).clip(0, 5)

    draws = draws_of(guest(racing, threads=True))
    assert all("threads at once" in eight_threads(draws, np.random.default_rng(seed)).impossible for seed in range(10))


def test_what_would_take_too_long_is_not_begun(monkeypatch):
    monkeypatch.setattr(afford, "MOST", 1e-6)
    assert "calls would take about" in many_calls(draws_of(guest(right)), np.random.default_rng(0)).missing
    assert not afford.too_long(get("direct"), lambda: None, 1e9)


def test_a_function_whose_module_came_by_value_goes_on_by_value(monkeypatch):
    module = types.ModuleType("target_that_nobody_can_import")
    exec("def ones(logits, size, *, rng):\n    return rng.integers(1, 2, size)\n", module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    there = Sampler("ones", "index", {"index": Form(module.ones)})
    assert in_process(One(Scenario(there, "index", case("die")), 1, 5)).tolist() == [1] * 5


def test_unfair_bits_are_held_to_what_rounding_may_make_of_a_coin():
    draws = draws_of(guest(right, dtype="bfloat16"))
    assert 1e-3 < draws.unfair < 0.05
    assert draws.coins(500, 1000) == 1.0
    assert draws.coins(600, 1000) > float(binomial_two_sided(600, 1000, 0.5))
    assert draws.coins(400, 1000) == pytest.approx(float(binomial_two_sided(400, 1000, 0.5)))
    assert draws.coins(900, 1000) < 1e-90


def test_right_samplers_in_half_precision_are_spared():
    def coarse(logits, size, *, rng):
        noise = (-np.log(rng.standard_exponential((size, logits.size)))).astype(np.float16)
        return np.argmax(logits.astype(np.float16) + noise, axis=1)

    found = asked(guest(coarse, dtype="float16"))
    del found["fresh-processes"]
    for what, check in found.items():
        for seed in range(5):
            evidence = check.compute(np.random.default_rng(seed))
            assert (evidence.p_value is None or evidence.p_value > 1e-5) and not evidence.impossible
            assert evidence.resolution <= check.tolerance == TOLERANCE[what]
