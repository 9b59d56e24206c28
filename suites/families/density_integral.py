"""A density is right if its integrals over cells are the probabilities with which draws fall into them.

A point of the simplex is named by its smallest coordinate r and the ratios U_j = (y_r / y_j)^tau in (0, 1], j != r. In
these coordinates the density of the Gumbel-softmax times their Jacobian is bounded and smooth up to the faces, at every
temperature, so that a Gauss rule of low order is exact to rounding; and a ratio held constant is a straight line
through a vertex of the triangle, so that cells are polygons.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019, eq. (12).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import GumbelSoftmax
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Measurement, Scenario
from harness.questions.law import law_of
from harness.samplers.registry import Sampler
from harness.statistics import Counts, Statistic
from suites.evidence.cubature import gauss
from suites.families.ks import dimension, resolved

ORDER = 70
EDGES = {1: (0.0, 0.02, 0.07, 0.15, 0.25, 0.36, 0.48, 0.6, 0.73, 0.86, 1.0), 2: (0.0, 0.12, 0.4, 1.0)}
"""Edges of the cells along each ratio, by the number of ratios: 20 cells of a pair, 27 of a triangle."""
ORDERS = (10, 14)


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the cell check of simplex draws in two and three possible categories."""
    for case in cases if emits == "simplex" else ():
        scenario = Scenario(sampler, emits, case)
        if dimension(emits, case) not in EDGES or not resolved(scenario):
            continue
        law = law_of(emits, case, sampler.dtype)
        assert isinstance(law, GumbelSoftmax)
        yield Check(
            name=f"density_integral/{scenario.name}",
            suite="density_integral",
            why=case.why,
            inputs=((scenario, cell_counts(law)),),
            method=DensityCells(tuple(law.logits.tolist()), law.temperature),
        )


def log_point(ratios: Floats, smallest: int, temperature: float) -> tuple[Floats, Floats]:
    """Return log y (n, K) and the log Jacobian (n,) of y (without y_r) in the (n, K - 1) ratios to y_r = ``smallest``.

    With t_j = y_j / y_r = U_j^(-1/tau): y_r = 1 / (1 + sum t), |dy / dt| = y_r^K and |dt_j / dU_j| = t_j / (tau U_j).
    """
    log_t = -np.log(ratios) / temperature
    total = np.logaddexp.reduce(np.insert(log_t, 0, 0.0, axis=1), axis=1)
    log_y = np.insert(log_t, smallest, 0.0, axis=1) - total[:, np.newaxis]
    d = ratios.shape[1]
    jacobian = log_t.sum(axis=1) - np.log(ratios).sum(axis=1) - d * np.log(temperature) - (d + 1) * total
    return log_y, jacobian


@dataclass(frozen=True, eq=False)
class Cells:
    """Probabilities (cones, cells...) by integration, how far the coarser rule differs, and the corners of each cell."""

    probabilities: Floats
    error: float
    corners: tuple[Floats, ...]


@lru_cache(maxsize=256)
def cells(logits: tuple[float, ...], temperature: float) -> Cells:
    """Return the cells of a law with two or three possible categories."""
    law = GumbelSoftmax(np.array(logits), temperature)
    d = law.categories.size - 1
    shape = (d + 1, *[len(EDGES[d]) - 1] * d)
    boxes = list(itertools.product(list(itertools.pairwise(EDGES[d])), repeat=d))
    coarse, fine = (
        np.array([[_mass(law, r, box, order) for box in boxes] for r in range(d + 1)]).reshape(shape)
        for order in ORDERS
    )
    corners = tuple(_corners(r, box, temperature) for r in range(d + 1) for box in boxes) if d == 2 else ()
    return Cells(fine, float(np.abs(fine - coarse).sum()) + 1e-14, corners)


def _mass(law: GumbelSoftmax, smallest: int, box: Sequence[tuple[float, float]], order: int) -> float:
    """Return the integral of the density over one cell by a product Gauss rule."""
    node, weight = gauss(order)
    sides = [(low + (high - low) * node, weight * (high - low)) for low, high in box]
    points = np.array(list(itertools.product(*[side for side, _ in sides])))
    weights = np.array(list(itertools.product(*[side for _, side in sides]))).prod(axis=1)
    log_y, jacobian = log_point(points, smallest, law.temperature)
    rows = np.zeros((points.shape[0], law.logits.size))
    rows[:, law.categories] = np.exp(log_y)
    return float(np.sum(weights * np.exp(law.log_density(rows) + jacobian)))


def _corners(smallest: int, box: Sequence[tuple[float, float]], temperature: float) -> Floats:
    """Return the corners (3 or 4, 3) of a cell in order; a ratio of 0 lies at a vertex, two of them along an edge."""
    (low_1, high_1), (low_2, high_2) = box
    loop = [(high_1, high_2), (low_1, high_2), (low_1, low_2), (high_1, low_2)]
    first, second = np.insert(np.eye(2), smallest, 0.0, axis=1)
    made: list[Floats] = []
    for a, b in loop:
        if a == 0 and b == 0:
            continue  # the edge between the two vertices that its neighbours are
        if a == 0 or b == 0:
            corner = first if a == 0 else second
        else:
            corner = np.exp(log_point(np.array([[a, b]]), smallest, temperature)[0][0])
        if not any(np.array_equal(corner, other) for other in made):
            made.append(corner)
    return np.array(made)


def cell_counts(law: GumbelSoftmax) -> Measurement:
    """Count draws by their smallest coordinate and the cells of the ratios to it."""
    return Measurement("density-cells", partial(_count, law.categories, law.temperature))


def _count(categories: NDArray[np.intp], temperature: float, chunk: Chunk) -> Counts:
    y = chunk.draws.T[categories]
    low, d = y.min(axis=0), categories.size - 1
    smallest = np.full(low.size, d)
    for k in range(d - 1, -1, -1):
        smallest[y[k] == low] = k
    edges: Floats = np.power(EDGES[d], 1 / temperature)  # instead of a power of every ratio
    width, flat = edges.size - 1, smallest
    for j in range(d):
        other = np.where(smallest <= j, y[j + 1], y[j])
        with np.errstate(invalid="ignore"):
            ratio = np.nan_to_num(low / other, nan=1.0)  # 0 / 0: equally small
        cell = np.searchsorted(edges, ratio, side="right") - 1
        flat = flat * width + np.minimum(cell, width - 1)
    return Counts.of(flat, (d + 1, *[width] * d))


@dataclass(frozen=True)
class DensityCells:
    """Exact chi-square of the cells against the integrals of the density; a triangle shows the residuals."""

    logits: tuple[float, ...]
    temperature: float
    name: str = "cell chi-square"
    unit: str = "total variation"

    @cached_property
    def _cells(self) -> Cells:
        return cells(self.logits, self.temperature)

    @cached_property
    def _test(self) -> ChiSquare:
        return ChiSquare(self._cells.probabilities)

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the chi-square's evidence, unless the density does not integrate to 1 or its integrals are too coarse."""
        total, error = float(self._cells.probabilities.sum()), self._cells.error
        found = self._test.evidence(statistics, rng)
        if not abs(total - 1) <= error + 1e-9:
            return Evidence(n=found.n, broken=f"the density integrates to {total:.12g} over all cells, not to 1")
        notes = {**found.notes, "integral over all cells": total, "error of the integrals": error}
        (counts,) = statistics
        assert isinstance(counts, Counts)
        exhibit = self._triangle(counts, found.exhibit) if self._cells.corners else found.exhibit
        return replace(found, notes=notes, exhibit=exhibit)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the total variation over the cells that n draws expose."""
        return self._test.detectable(n, alpha, beta)

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the n at which ``detectable`` is the tolerance."""
        return self._test.required(tolerance, alpha, beta)

    def _triangle(self, counts: Counts, tested: Mapping[str, Any]) -> dict[str, Any]:
        p, observed = self._cells.probabilities.ravel(), counts.counts.ravel()
        error = np.sqrt(counts.units * p * (1 - p))
        z = (observed - counts.units * p) / error
        panel = {
            "title": f"temperature {self.temperature:g}",
            "cells": [
                {"sector": r, "box": box, "expected": float(a), "observed": int(b), "z": float(c)}
                for (r, box), a, b, c in zip(_places(), p, observed, z, strict=True)
            ],
        }
        return {
            "kind": "ternary",
            "title": "Draws against the integrated density",
            "units": counts.units,
            "panels": [panel],
            "tested": tested.get("tested", []),
        }


def _places() -> list[tuple[int, list[list[float]]]]:
    """Return of every cell of the triangle its smallest coordinate and the edges of both ratios, in order."""
    sides = [list(pair) for pair in itertools.pairwise(EDGES[2])]
    return [(r, list(box)) for r in range(3) for box in itertools.product(sides, repeat=2)]
