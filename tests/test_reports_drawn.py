"""Figures that several processes draw are those that one draws, and a process that dies costs time and no figure."""

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from reports import drawn
from reports.figures import Drawing

MEAN = {"kind": "mean", "n": 9, "tested": [{"law": "bernstein", "name": ["mean"], "observed": [0.6], "expected": [0.5],
        "low": [0.4], "high": [0.7], "decides": True}]}  # fmt: skip


def tasks(count):
    row = {"n": 9, "seed": 0, "alpha": 1e-9, "verdict": "verified", "exhibit": MEAN}
    return [({**row, "check": f"mean/{i}"}, f"mean-{i}", f"f{i}") for i in range(count)]


def test_processes_draw_what_one_draws():
    alone = drawn.each(tasks(7), None)
    assert [one.name for one in alone] == [f"mean-{i}" for i in range(7)] and all(one.svg for one in alone)
    with drawn._processes(2) as executor:
        assert drawn.each(tasks(7), executor) == alone
    with ThreadPoolExecutor(1) as executor:
        assert drawn.each(tasks(7), executor) == alone


def test_a_process_that_dies_costs_no_figure(monkeypatch):
    alone, here, draw = drawn.each(tasks(3), None), os.getpid(), drawn.draw

    def dying(*task):
        if os.getpid() != here:
            os._exit(1)
        return draw(*task)

    monkeypatch.setattr(drawn, "draw", dying)
    with drawn._processes(2) as executor:
        if not isinstance(executor, ProcessPoolExecutor):
            pytest.skip("copies of this process are not safe here")
        assert drawn.each(tasks(3), executor) == alone


def test_what_a_copy_would_lack_is_drawn_here(monkeypatch):
    monkeypatch.setitem(drawn.sys.modules, "jax", object())
    with drawn._processes(8) as executor:
        assert executor is None
    assert isinstance(drawn.each(tasks(1), None)[0], Drawing)
