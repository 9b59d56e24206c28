"""The cells tile the simplex, their probabilities are exact, and draws of a wrong law do not fit them."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest

from harness.draws.chunk import Chunk
from harness.laws import GumbelSoftmax, Logistic
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Scenario
from harness.questions.law import law_of
from harness.samplers.registry import Form, Sampler, get
from suites.cases import CASES, case
from suites.families import density_integral
from suites.families.density_integral import EDGES, DensityCells, cells, checks, log_point

OPTIONS = Options(tolerance=0.05)
NAMES = ("pair@1", "three@0.3", "three@1", "three@3", "masked@1")
TRIANGLES = ("three@0.3", "three@1", "three@3")


def check_of(sampler: Sampler, name: str, options: Options = OPTIONS) -> Any:
    (made,) = checks(sampler, "simplex", (case(name),), options)
    return made


def drawn(sampler: Sampler, name: str, n: int, seed: int) -> Chunk:
    chosen = case(name)
    rows = sampler.form("simplex").draw(chosen.logits, n, rng=seed, temperature=chosen.temperature)
    return Chunk(np.asarray(rows), "simplex", law_of("simplex", chosen))


def evidence(sampler: Sampler, name: str, seed: int, options: Options = OPTIONS) -> Any:
    check = check_of(sampler, name, options)
    n = check.method.required(options.tolerance, 1e-10, options.beta)
    counts = check.inputs[0][1].collect(drawn(sampler, name, n, seed))
    return check.method.evidence((counts,), np.random.default_rng(seed))


def exact(weights: np.ndarray, smallest: int, box: tuple[tuple[float, float], ...]) -> float:
    """Integrate 2 a b c / (c + a U + b V)^3 by hand: its second antiderivative is c / (c + a U + b V)."""
    c = weights[smallest]
    others = np.delete(weights, smallest)
    corners = itertools.product(*[((low, -1), (high, 1)) for low, high in box])
    return float(
        sum(
            np.prod([s for _, s in at]) * c / (c + sum(w * x for w, (x, _) in zip(others, at, strict=True)))
            for at in corners
        )
    )


@pytest.mark.parametrize("name", TRIANGLES)
def test_probabilities_of_three_categories_are_those_of_the_antiderivative(name: str) -> None:
    chosen = case(name)
    made = cells(tuple(chosen.logits.tolist()), float(chosen.temperature or 0))
    boxes = list(itertools.product(list(itertools.pairwise(EDGES[2])), repeat=2))
    expected = [exact(np.exp(chosen.logits), r, box) for r in range(3) for box in boxes]
    np.testing.assert_allclose(made.probabilities.ravel(), expected, rtol=1e-11)
    assert made.error < 1e-11


def test_probabilities_of_two_categories_are_logistic() -> None:
    chosen = case("pair@1")
    made = cells(tuple(chosen.logits.tolist()), 1.0).probabilities
    law = Logistic(float(chosen.logits[0] - chosen.logits[1]))
    with np.errstate(divide="ignore"):
        u = np.log(np.array(EDGES[1]))  # y_1 / y_2 = U where the first is the smaller, 1 / U where the second is
    np.testing.assert_allclose(made[0], np.diff(law.cdf(u)), rtol=1e-11)
    np.testing.assert_allclose(made[1], -np.diff(law.cdf(-u)), rtol=1e-11)


@pytest.mark.parametrize("name", TRIANGLES)
def test_polygons_tile_the_triangle(name: str) -> None:
    chosen = case(name)
    made = cells(tuple(chosen.logits.tolist()), float(chosen.temperature or 0))
    areas = [polygon_area(corners) for corners in made.corners]
    assert min(areas) > 0
    assert sum(areas) == pytest.approx(0.5, rel=1e-9)


def polygon_area(corners: np.ndarray) -> float:
    x, y = corners[:, 0], corners[:, 1]
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def inside(point: np.ndarray, corners: np.ndarray) -> bool:
    edges = np.roll(corners, -1, axis=0)[:, :2] - corners[:, :2]
    to = point[:2] - corners[:, :2]
    cross = edges[:, 0] * to[:, 1] - edges[:, 1] * to[:, 0]
    return bool((cross >= -1e-12).all() or (cross <= 1e-12).all())


@pytest.mark.parametrize("name", TRIANGLES)
def test_a_draw_is_counted_in_the_polygon_where_it_lies(name: str) -> None:
    check = check_of(get("relaxed"), name)
    chosen = case(name)
    corners = cells(tuple(chosen.logits.tolist()), float(chosen.temperature or 0)).corners
    chunk = drawn(get("relaxed"), name, 300, 5)
    for row in chunk.draws:
        counts = check.inputs[0][1].collect(Chunk(row[np.newaxis], "simplex", chunk.law))
        assert inside(row, corners[int(np.argmax(counts.counts))])


def test_coordinates_have_the_stated_jacobian() -> None:
    rng = np.random.default_rng(3)
    for smallest in range(3):
        ratios = rng.uniform(0.1, 0.9, size=(1, 2))
        step = 1e-6
        moved = [
            np.exp(log_point(ratios + sign * step * np.eye(2)[[j]], smallest, 0.7)[0][0])
            for j in range(2)
            for sign in (1, -1)
        ]
        keep = np.delete(np.arange(3), smallest)
        jacobian = np.column_stack([(moved[0] - moved[1])[keep], (moved[2] - moved[3])[keep]]) / (2 * step)
        assert np.log(abs(np.linalg.det(jacobian))) == pytest.approx(
            float(log_point(ratios, smallest, 0.7)[1][0]), abs=1e-7
        )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_right_law_fits(name: str, seed: int) -> None:
    assert evidence(get("relaxed"), name, seed).p_value > 1e-6


def hotter(logits: np.ndarray, size: int, *, rng: Any = None, temperature: float) -> np.ndarray:
    return np.asarray(get("relaxed").form("simplex").draw(logits, size, rng=rng, temperature=1.3 * temperature))


def gaussian(logits: np.ndarray, size: int, *, rng: Any = None, temperature: float) -> np.ndarray:
    z = (logits + 1.28 * np.random.default_rng(rng).normal(size=(size, logits.size))) / temperature
    weights = np.where(np.isneginf(z), 0.0, np.exp(z - z.max(axis=1, keepdims=True)))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("draw", [hotter, gaussian])
@pytest.mark.parametrize("name", ["pair@1", "three@0.3", "masked@1"])
def test_a_wrong_law_does_not_fit(draw: Any, name: str) -> None:
    wrong = Sampler("wrong", "simplex", {"simplex": Form(draw)})
    assert evidence(wrong, name, 0, Options(tolerance=0.02)).p_value < 1e-10


def test_a_density_that_does_not_integrate_to_one_is_no_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    right = GumbelSoftmax.log_density
    monkeypatch.setattr(GumbelSoftmax, "log_density", lambda law, y: right(law, y) + 0.01)
    cells.cache_clear()
    found = evidence(get("relaxed"), "three@1", 0)
    cells.cache_clear()
    assert "integrates to 1.01" in found.broken


def test_figures_are_plain_and_small() -> None:
    exhibit = evidence(get("relaxed"), "three@1", 0).exhibit
    text = json.dumps(exhibit)
    assert exhibit["kind"] == "ternary" and len(exhibit["panels"][0]["cells"]) == 27
    assert len(text) < 60_000
    assert sum(cell["observed"] for cell in exhibit["panels"][0]["cells"]) == exhibit["units"]


def test_planned_only_for_two_and_three_categories() -> None:
    made = list(checks(get("relaxed"), "simplex", tuple(c for c in CASES if "simplex" in c.emits), Options()))
    assert {check.case for check in made} == {*NAMES, "pair@0.05", "three@0.7"}
    assert not list(checks(get("gumbel-max"), "index", CASES, Options()))


def test_its_sizes_are_those_of_a_chi_square() -> None:
    chosen = case("three@1")
    method = DensityCells(tuple(chosen.logits.tolist()), 1.0)
    plain = ChiSquare(cells(method.logits, 1.0).probabilities)
    assert method.required(0.03, 1e-9, 1e-3) == plain.required(0.03, 1e-9, 1e-3)
    assert method.detectable(10_000, 1e-9, 1e-3) == plain.detectable(10_000, 1e-9, 1e-3)
    assert Scenario(get("relaxed"), "simplex", chosen).name in check_of(get("relaxed"), "three@1").name
    assert density_integral.ORDERS[0] < density_integral.ORDERS[1]
