"""``explore`` finds a defect between the cases, prints the planted case or a simpler one, and spares what is right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from types import MappingProxyType

import numpy as np
import pytest
from click.testing import CliRunner

import harness
from harness.cli import main
from harness.engine.executors import SerialExecutor
from harness.errors import UsageError
from harness.exploration.explore import explore
from harness.exploration.promise import reached
from harness.exploration.script import FAMILIES, logits_code, script
from harness.exploration.search import beside, moves
from harness.exploration.session import Session, Smallest, spaces
from harness.exploration.shrink import shrunk
from harness.exploration.trial import Answer
from harness.samplers.registry import Form, Sampler, get
from harness.space import families
from harness.space.draw import random_point
from harness.space.point import Point, point_from
from harness.streams import stream
from harness.verdict import Verdict
from suites.controls.between import CONTROLS as BETWEEN
from suites.controls.places import CONTROLS as PLACES

AGES = 1e6
"""Seconds that no search of these tests takes: they end when something is found and shrunk, or after their rounds."""


def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, logits.size)), axis=1)


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def greedy(where):
    """Draw the likeliest category where ``where(logits, size)`` says so, as often as not."""

    def draw(logits, size, *, rng):
        drawn = right(logits, size, rng=rng)
        late = rng.random(size) < 0.5
        return np.where(late, int(np.argmax(logits)), drawn) if where(logits, size) else drawn

    return draw


def repeating(logits, size, *, rng):
    drawn = right(logits, size, rng=rng)
    return np.repeat(drawn[:1], 3) if size == 3 else drawn


def warm(logits, size, *, rng, temperature):
    used = 0.5 if 0.3 <= temperature <= 0.35 else temperature
    return softmax((logits + rng.gumbel(size=(size, logits.size))) / used)


def given(logits, size, *, rng, observed=None):
    if observed is None:
        return logits + rng.gumbel(size=(size, logits.size))
    top = rng.gumbel(np.log(np.exp(logits - logits.max()).sum()) + logits.max() + (observed > 2), size=size)
    rows = logits - np.log(np.exp(logits - top[:, None]) + rng.standard_exponential((size, logits.size)))
    rows = np.minimum(rows, np.nextafter(top, -np.inf)[:, None])
    rows[:, observed] = top
    return rows


def masked_last(logits, size, *, rng):
    drawn = right(logits, size, rng=rng)
    return np.where(rng.random(size) < 0.1, logits.size - 1, drawn) if np.isneginf(logits[-1]) else drawn


def ends_a_batch(logits, size, *, rng):
    rows = logits.copy()
    if len(rows) >= 3:
        rows[-1] = rows[0]
    return np.argmax(rows + rng.gumbel(size=(size, *rows.shape)), axis=2)


def made(draw, emits="index", *, name="planted", batch=False):
    return Sampler(name, emits, MappingProxyType({emits: Form(draw)}), batch=batch)


PLANTED = {
    "any K from 5 on": (made(greedy(lambda x, n: x.size >= 5)), lambda p: p.k <= 6),
    "multiples of 8": (made(greedy(lambda x, n: x.size % 8 == 0)), lambda p: p.k == 8),
    "beyond 100 categories": (made(greedy(lambda x, n: x.size > 100)), lambda p: 100 < p.k <= 128),
    "calls of three": (made(repeating), lambda p: p.call == 3 and p.k <= 3),
    "calls of at least 64": (made(greedy(lambda x, n: n >= 64)), lambda p: p.k <= 3 and p.family == "flat"),
    "a mask": (made(masked_last), lambda p: p.k <= 3 and p.mask != "none"),
    "reversed": (made(greedy(lambda x, n: x.strides[0] < 0)), lambda p: p.layout == "reversed" and p.k <= 3),
    "large logits": (made(greedy(lambda x, n: x.max() > 300)), lambda p: p.family == "scores-700" and p.k <= 4),
    "a temperature": (made(warm, "simplex"), lambda p: 0.3 <= p.temperature <= 0.35 and p.k == 2),
    "a winner": (made(given, "gumbel"), lambda p: p.observed == 3 and p.k <= 5),
    "the last of three rows": (made(ends_a_batch, batch=True), lambda p: p.rows == 3 and p.k <= 3),
}


def searched(sampler, seed=0, rounds=60):
    (space,) = spaces([sampler])
    return Session(space, seed, 1e-6, 1e-3, SerialExecutor, 1, time.time() + AGES, rounds=rounds).run()


@pytest.mark.parametrize("name", PLANTED)
def test_the_printed_case_is_the_planted_one_or_simpler(name):
    sampler, planted = PLANTED[name]
    found = searched(sampler)
    assert found.verdict is Verdict.REFUTED
    smallest = found.smallest
    assert planted(smallest.answer.point), smallest.answer.point.name
    assert smallest.answer.p_value <= smallest.level < 1e-6
    assert smallest.answer.point.layout == ("reversed" if name == "reversed" else "plain")
    assert smallest.answer.n <= 2000


@pytest.mark.dear
@pytest.mark.parametrize("seed", range(1, 4))
@pytest.mark.parametrize("name", PLANTED)
def test_it_is_so_at_other_seeds(name, seed):
    sampler, planted = PLANTED[name]
    found = searched(sampler, seed)
    assert found.smallest is not None and planted(found.smallest.answer.point), found.smallest


@pytest.mark.parametrize(
    "sampler", [made(right), get("direct"), get("relaxed"), get("top-down")], ids=lambda sampler: sampler.name
)
def test_right_samplers_are_not_refuted(sampler):
    found = searched(sampler, rounds=5)
    assert found.verdict is Verdict.VERIFIED, found.smallest
    assert found.anywhere > 150
    assert found.unseen(1e-3) == reached(found.anywhere, 1e-3) < 0.06


def test_points_are_chosen_where_evidence_grows():
    (space,) = spaces([made(right)])
    rng = np.random.default_rng(0)
    answers = [Answer(random_point(space, rng), 200, 0.5, "law", asked={"law": 0.5}) for _ in range(60)]
    assert {move.how for move in moves(space, answers, 50, rng)} == {"anywhere"}
    threes = [Answer(Point(7 + i, call=3), 200, 1e-3, "law", asked={"law": 1e-3}) for i in range(8)]
    chosen = moves(space, [*answers, *threes], 200, rng)
    assert {move.how for move in chosen} == {"anywhere", "class", "beside"}
    assert np.mean([move.point.call == 3 for move in chosen if move.how != "anywhere"]) > 0.3
    assert max(move.n for move in chosen) > 2 * space.draws


def test_a_point_beside_another_is_lawful():
    rng = np.random.default_rng(1)
    (space,) = spaces([made(given, "gumbel")])
    for i in range(200):
        one, other = (random_point(space, stream(i, name)) for name in ("one", "other"))
        point = beside(one, other, rng)
        assert point.observed < 0 or np.isfinite(point.logits[point.observed])


def test_shrinking_is_greedy_and_ends():
    start = Point(4096, "normal-10", "shuffled", "share-0.5", 77, call=33, layout="strided")

    def refuting(points):
        return [point.k >= 130 and point.call <= 40 for point in points]

    point = shrunk(start, 900, refuting, lambda: True)
    assert point.but(k=1) == Point(1, call=1)
    assert 130 <= point.k <= 136
    assert shrunk(start, 900, refuting, lambda: False) == start


@pytest.mark.parametrize("family", families.NAMES)
@pytest.mark.parametrize("order", families.ORDERS)
@pytest.mark.parametrize("mask", ["none", "odd", "live-2", "share-0.3", "first", "last", "head"])
def test_written_logits_are_the_points_own(family, order, mask):
    assert family.partition("-")[0] in FAMILIES
    for k in (7, 65):
        point, names = Point(k, family, order, mask, 5), {"np": np}
        exec(logits_code(point), names)
        np.testing.assert_array_equal(names["logits"], point.logits)


FILE = """
import numpy as np

def mine(logits, size, *, rng):
    drawn = np.argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)
    return np.repeat(drawn[:1], 3) if size == 3 else drawn

def relaxed(logits, size, *, rng, temperature):
    scores = (logits + rng.gumbel(size=(size, len(logits)))) / max(temperature, 0.5)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)

def given(logits, size, *, rng, observed=None):
    rows = logits + rng.gumbel(size=(size, len(logits)))
    if observed is not None:
        rows[:, observed] = rows.max(axis=1) + 0.5
    return rows
"""


@pytest.mark.parametrize("name", ["mine", "relaxed", "given"])
def test_the_command_writes_a_program_that_shows_it(name, tmp_path):
    (tmp_path / "file.py").write_text(FILE)
    target = f"{tmp_path}/file.py:{name}"
    done = CliRunner().invoke(
        main,
        ["explore", target, "--budget", "500", "--engine", "serial", "--workers", "1", "--out", str(tmp_path / "o")],
    )
    assert done.exit_code == 1, done.output
    assert "refuted" in done.stdout and "simplest case: k=" in done.stdout
    described = json.loads((tmp_path / "o" / "smallest.json").read_text())
    point = point_from(described["case"])
    assert point.k == described["k"] <= 4 and described["p_value"] <= described["level"]
    code = (tmp_path / "o" / "smallest.py").read_text()
    assert described["code"] == code and "harness" not in code
    ran = subprocess.run(
        [sys.executable, tmp_path / "o" / "smallest.py"], capture_output=True, text=True, timeout=120, check=True
    )
    said = [float(word) for word in ran.stdout.replace(",", " ").split() if word[0] in "+-" and word[1:2].isdigit()]
    assert max(abs(value) for value in said) > 5, ran.stdout
    rows = (tmp_path / "o" / "explore.csv").read_text().splitlines()
    assert rows[0] == "case,form,k,parameters,layout,call,n,p_value,verdict"
    assert sum(row.endswith(",refuted") for row in rows) >= 1
    assert (tmp_path / "o" / "coverage.csv").read_text().startswith("axis,value,cases,draws\n")


def test_a_clean_search_says_what_could_be_left(tmp_path):
    done = CliRunner().invoke(
        main, ["explore", "direct", "--budget", "3", "--engine", "serial", "--out", str(tmp_path / "o")]
    )
    assert done.exit_code == 0, done.output
    assert "could fill" in done.stdout and "be missed with probability 0.001" in done.stdout
    assert not (tmp_path / "o" / "smallest.py").exists()


def test_from_python():
    done = harness.explore(made(repeating), budget=500, engine="serial", workers=1)
    assert done.verdict is Verdict.REFUTED
    assert done.smallest["call"] == 3 and "np.array" in done.smallest["code"]
    assert list(done.coverage.columns) == ["axis", "value", "cases", "draws"]
    assert done.coverage.query("axis == 'call'")["cases"].sum() == done.coverage.query("axis == 'k'")["cases"].sum()


def test_what_breaks_is_inconclusive():
    def falls(logits, size, *, rng):
        raise RuntimeError("always")

    done = explore(made(falls), budget=2, engine="serial", workers=1)
    assert done.verdict is Verdict.INCONCLUSIVE
    assert any("raised RuntimeError: always" in line for line in done.lines())


@pytest.mark.parametrize("budget", [0, -1, True, float("nan"), "long"])
def test_a_budget_is_a_number_of_seconds(budget):
    with pytest.raises(UsageError, match="budget must be a number of seconds"):
        explore("direct", budget=budget)


@pytest.mark.dear
@pytest.mark.parametrize("control", [*BETWEEN, *PLACES], ids=lambda control: control.sampler.name)
def test_controls_between_the_cases_are_found_and_shrunk(control):
    found = searched(control.sampler, 1)
    assert found.verdict is Verdict.REFUTED
    assert found.smallest.answer.point.k <= 400
    assert len(found.smallest.answer.point.name) <= len(found.smallest.first.name)


ENDING = """
import os, signal
import numpy as np

def mine(logits, size, *, rng):
    calls = int(os.environ.get("CALLS_BEFORE_{name}", 0)) + 1
    os.environ["CALLS_BEFORE_{name}"] = str(calls)
    if calls == 2000:
        os.kill({pid}, signal.{name})
    return np.argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_search_keeps_what_it_has(name, tmp_path, monkeypatch):
    monkeypatch.setenv(f"CALLS_BEFORE_{name}", "0")
    (tmp_path / "file.py").write_text(ENDING.format(name=name, pid=os.getpid()))
    command = ["explore", f"{tmp_path}/file.py:mine", "--budget", "500", "--engine", "serial", "--workers", "1"]
    done = CliRunner().invoke(main, [*command, "--out", str(tmp_path / "o")])
    assert done.exit_code == 130, done.output
    assert "interrupted after" in done.stdout and "points," in done.stdout
    rows = (tmp_path / "o" / "explore.csv").read_text().splitlines()
    assert len(rows) > 40 and rows[0].startswith("case,form,k,")
    assert (tmp_path / "o" / "coverage.csv").exists()


def test_what_is_found_is_kept_as_it_goes():
    """After each round, and with the confirmed point before it is shrunk."""
    seen = []
    (space,) = spaces([made(repeating)])
    session = Session(space, 0, 1e-6, 1e-3, SerialExecutor, 1, time.time() + AGES, rounds=60)
    session.keep = lambda: seen.append((len(session.found.answers), session.found.smallest))
    found = session.run()
    assert seen[-1][1].answer.p_value <= seen[-1][1].level and seen[-1][1].answer.point == seen[-1][1].first
    assert found.smallest is not seen[-1][1]


@pytest.mark.parametrize("name", ["top_k_capped", "third_by_index", "bonus_after_three", "recovery_beyond_32"])
def test_the_program_of_a_form_with_parameters_shows_it(name, capsys):
    """Drawn at the simplest case that a search of its control printed."""
    control = next(control for control in PLACES if control.sampler.name == name)
    sampler, point = control.sampler, point_from(PRINTED[name])
    (space,) = spaces([sampler])
    answer = Answer(point, 2 * point.call, 0.0, "law")
    form = space.form
    stages = form.stages if space.emits == "index" else ()
    code = script(
        Smallest(sampler.name, space.emits, answer, 1e-8, point, form.terms, stages), "suites.controls.places:at"
    )
    code = code.replace(
        "import_module('suites.controls.places').at", f"import_module('tests.test_explore').of({name!r})"
    )
    exec(code, {"__name__": "smallest"})
    out = capsys.readouterr().out
    said = [float(word) for word in out.replace(",", " ").split() if word[0] in "+-" and word[1:2].isdigit()]
    assert max(abs(value) for value in said) > 4, out


def of(name):
    """Return the sampler of a control, for the programs of these tests."""
    return next(control for control in PLACES if control.sampler.name == name).sampler


PRINTED = {
    "top_k_capped": "k=17,call=720,top_k=17",
    "third_by_index": "k=4,call=48,m=4",
    "bonus_after_three": "k=3,family=levels-1,call=112,drafts=4",
    "recovery_beyond_32": "k=33,family=levels-1,call=1760,draft=cold,drafts=1",
}
