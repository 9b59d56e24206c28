"""The selftest tells a sweep that keeps its promise from one that does not, and counts its false alarms."""

from __future__ import annotations

import pytest

from harness.exploration.planted import defect
from harness.selftest import promise
from harness.selftest.promise import Piece, Promise

LEVEL = 1e-9
ASKED = Promise(0.6, 0.05, 10)
PLANTED, RIGHT = Piece(ASKED, True, 0, 10), Piece(ASKED, False, 0, 10)


def rows(piece: Piece) -> list[dict[str, object]]:
    measured = [promise.measure(piece, LEVEL, 3)]
    return [*promise.power_rows([piece], measured), *promise.alarm_rows([piece], measured)]


def test_a_promise_that_is_kept_is_ok():
    (row,) = rows(PLANTED)
    assert row["ok"] and row["observed"] > 0.5 and row["replicates"] == 10


def test_a_sweep_that_finds_nothing_is_not_ok(monkeypatch):
    monkeypatch.setattr(promise, "defect", lambda share, deviation, draws: defect(0.0, deviation, draws))
    (row,) = rows(PLANTED)
    assert not row["ok"] and row["observed"] == 0


def test_a_right_sampler_is_spared():
    found = rows(RIGHT)
    assert [row["nominal"] for row in found] == [0.05, 0.01, 0.001] and all(row["ok"] for row in found)


def test_a_sweep_that_alarms_at_what_is_right_is_not_ok(monkeypatch):
    monkeypatch.setattr(promise, "defect", lambda share, deviation, draws: defect(0.6, deviation, draws))
    assert not any(row["ok"] for row in rows(RIGHT))


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_the_pieces_are_all_sweeps(profile):
    asked = [*promise.PROMISES[profile], promise.RIGHT[profile]]
    assert sum(piece.sweeps for piece in promise.pieces(profile)) == sum(one.sweeps for one in asked)


def test_sweeps_end_where_more_of_them_could_not_matter():
    asked = Promise(0.3, 0.1, 100)
    assert promise.settled([0.0] * 30, asked) and promise.settled([0.0] * 38 + [1.0] * 2, asked)
    assert not promise.settled([0.0] * 10, asked) and not promise.settled([0.0] * 25 + [1.0] * 15, asked)
