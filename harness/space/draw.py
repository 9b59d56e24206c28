"""A random point for one form of a sampler: every axis that the form declares is drawn, from one generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.questions.precision import in_precision, underflow
from harness.samplers.registry import Sampler
from harness.space import families, parameters
from harness.space.categories import LARGE, random_categories
from harness.space.layouts import LAYOUTS
from harness.space.masks import random_mask
from harness.space.point import Point

HELD = ("float64", "float32")
"""Types whose rounding so few draws cannot see; coarser ones are asked in the cases, at a tolerance that is theirs."""
PARAMETERS = {"index": frozenset(), "simplex": frozenset({"temperature"}), "gumbel": frozenset({"observed"})}
"""The forms that have an axis for each of their parameters."""
ROOM = {"index": 2**22, "simplex": 2**19, "gumbel": 2**19}
"""Noise values of the longest calls; those of rows are all looked at, those behind indices are not."""
SINKS = 1e-4
"""Probability of an underflow above which nothing but the winner of a simplex draw is judged."""


@dataclass(frozen=True)
class Space:
    """One form of a sampler, and about how many draws a point gets: what ``random_point`` needs to know."""

    sampler: Sampler
    emits: str
    draws: int = 240

    @property
    def declared(self) -> bool:
        """Whether random points can be asked: of the type that the sampler computes in, and of its form's parameters."""
        known = PARAMETERS.get(self.emits)
        return known is not None and self.sampler.dtype in HELD and self.sampler.form(self.emits).parameters <= known


def random_point(space: Space, rng: np.random.Generator) -> Point:
    """Return a point of the space; one that the sampler's type cannot hold is replaced by equal logits."""
    k = random_categories(rng)
    rows = parameters.random_rows(k, rng) if space.sampler.batch else 0
    due = -(-draws_of(k, space.draws) // max(rows, 1))
    point = Point(
        k,
        family=families.NAMES[int(rng.integers(len(families.NAMES)))],
        order=str(rng.choice(families.ORDERS)),
        mask=random_mask(k, rng),
        seed=int(rng.integers(2**31)),
        call=parameters.random_call(due, k * max(rows, 1), ROOM[space.emits], rng),
        rows=rows,
        layout=str(rng.choice(list(LAYOUTS))) if rng.random() < 0.6 else "plain",
        door="prepared" if space.sampler.form(space.emits).prepare and rng.random() < 0.3 else "public",
    )
    if space.emits == "simplex":
        point = point.but(temperature=parameters.random_temperature(rng))
    point = _held(point, space)
    if space.emits == "simplex" and rng.random() < 0.8:
        point = _afloat(point, space)
    if "observed" in space.sampler.form(space.emits).parameters:
        point = point.but(observed=parameters.random_observed(point.logits, rng))
    return point


def _held(point: Point, space: Space) -> Point:
    held = in_precision(point.case(space.emits), space.sampler.dtype)
    return point.but(family="flat") if held is None or (held.tolerance or 0) > SINKS * 10 else point


def _afloat(point: Point, space: Space) -> Point:
    """Return the point at the least doubling of its temperature at which its coordinates do not underflow."""
    while underflow(point.case(space.emits), space.sampler.dtype) > SINKS:
        assert point.temperature is not None
        point = point.but(temperature=2 * point.temperature)
    return point


def draws_of(k: int, draws: int, room: int = 2**20) -> int:
    """Return how many draws a point of k categories gets where others get ``draws``: fewer of very many categories."""
    return draws if k <= LARGE else max(16, min(draws, room // k))
