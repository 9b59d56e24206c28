"""The rest is told by expected cost, by a clock of ours: few dear tasks mislead it no more than many cheap ones."""

from types import SimpleNamespace

import pytest

from harness.console import progress
from harness.console.progress import _Lines, _Pace, phase
from harness.engine.left import Left, Size


class Clock:
    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


def work():
    """Return tasks of a look as they are begun, the dearest first: (key, size, seconds)."""
    computed = [(f"calls/s{i}/lags", Size(1, ("lags", "computation")), 2.0) for i in range(4)]
    dear = [(f"big{i}#0.0", Size(1e9, ("form", "drawing")), 10.0) for i in range(6)]
    cheap = [(f"small{i}#0.0", Size(1e6, ("form", "drawing")), 0.01) for i in range(200)]
    return [*computed, *dear, *cheap]


def estimates(clock, by_cost):
    """Return (seconds left by the estimate, seconds left in truth) after every task."""
    tasks = work()
    left, pace, whole, made = Left({key: size for key, size, _ in tasks}), _Pace(phase), sum(s for *_, s in tasks), []
    start = clock.now
    for done, (key, _, seconds) in enumerate(tasks, 1):
        clock.now += seconds
        left.take(key, seconds)
        _, said = pace(key, done, len(tasks), left.share if by_cost else None)
        made.append((said, start + whole - clock.now))
    return made


def test_after_one_task_of_each_kind_the_rest_is_right_and_the_number_of_tasks_is_not(clock):
    by_cost, by_number = estimates(clock, True), estimates(clock, False)
    for said, true in by_cost[4:-1]:
        assert said == pytest.approx(true, rel=1e-6)
    assert by_cost[-1][0] is None
    said, true = by_number[4]
    assert true == pytest.approx(52.0) and said > 10 * true


def test_what_is_unlike_all_that_was_done_counts_as_the_mean_task():
    left = Left({"a": Size(1, ("one",)), "b": Size(1, ("one",)), "c": Size(1, ("other",)), "d": Size(1, ("other",))})
    assert left.share == 1.0
    left.take("a", 3.0)
    assert left.share == pytest.approx(9 / 12)
    left.take("c", 1.0)
    assert left.share == pytest.approx(4 / 8)
    for key in "bd":
        left.take(key, 2.0)
    assert left.share == 0.0


def test_a_part_of_a_phase_that_counts_anew_has_a_pace_of_its_own(clock, capsys):
    lines = _Lines(phase)
    for done in range(1, 11):
        clock.now += 1.0
        lines(f"a#0.{done}", done, 10, 1 - done / 10)
    clock.now += 60.0
    lines("b#0.0", 1, 4, 0.75)
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "2/3 first draws, computations: 1 of 4 done, about 3 min left"
    assert "5 of 10 done, about 5 s left" in said[0]
