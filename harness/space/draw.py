"""A random point for one form of a sampler: every axis that the form declares is drawn, from one generator."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.laws.conventions import STAGES
from harness.questions.precision import underflow
from harness.samplers.registry import Form, Sampler
from harness.space import families, parameters, settings
from harness.space.categories import LARGE, random_categories
from harness.space.drafts import random_drafts
from harness.space.layouts import LAYOUTS
from harness.space.masks import random_mask
from harness.space.point import Point
from harness.space.rounding import GRAIN, HELD, LAWS, held_steps, holds, most_items, none_lost, settled, step_grain

PARAMETERS = {
    "index": frozenset(STAGES),
    "simplex": frozenset({"temperature"}),
    "gumbel": frozenset({"observed"}),
    "ranking": frozenset({"k"}),
    "speculative": frozenset(),
}
"""The parameters of each form that are axes."""
ROOM = {"index": 2**22, "simplex": 2**19, "gumbel": 2**19, "ranking": 2**19, "speculative": 2**18}
"""Noise values of the longest calls; those of rows are all looked at, those behind indices are not."""
SINKS = 1e-4
"""Probability of an underflow above which nothing but the winner of a simplex draw is judged."""
ITEMS, UNORDERED = 6, 4
"""Items of a ranking at most, and of a set, whose orders are all listed."""
NEAR = "near"
PLAIN = np.zeros((1, 2)), np.zeros((2, 2))
"""The plainest tables of a step."""
FEW = 32
"""Equal logits of so many categories can be held by a type in which steps are asked at all."""
TRIES = 12
"""Settings that are tried for one with few laws, before all are set to keep everything."""


@dataclass(frozen=True)
class Space:
    """One form of a sampler, and about how many draws a point gets: what ``random_point`` needs to know."""

    sampler: Sampler
    emits: str
    draws: int = 240

    @property
    def declared(self) -> bool:
        """Whether random points can be asked: each parameter of the form is an axis.

        Speculative steps in bfloat16 are not: rounding may move what two equal probabilities commit by more than GRAIN.
        """
        known = PARAMETERS.get(self.emits)
        coarse = self.emits == "speculative" and step_grain(*PLAIN, self.sampler.dtype) > GRAIN
        return known is not None and not coarse and self.form.parameters <= known

    @property
    def form(self) -> Form:
        """The form of the sampler."""
        return self.sampler.form(self.emits)


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
        door="prepared" if space.form.prepare and rng.random() < 0.3 else "public",
    )
    if space.emits == "simplex":
        point = point.but(temperature=parameters.random_temperature(rng))
    point = _held(point, space)
    if space.emits == "simplex" and rng.random() < 0.8 and space.sampler.dtype in HELD:
        point = _afloat(point, space)
    return _with_parameters(point, space, rng)


def _with_parameters(point: Point, space: Space, rng: np.random.Generator) -> Point:
    """Return the point with values of what the form takes beside logits and a temperature."""
    if "observed" in space.form.parameters:
        return point.but(observed=parameters.random_observed(point.logits, rng))
    if space.emits == "ranking":
        return _ranked(point, space, rng)
    if space.emits == "speculative":
        drafts, draft = random_drafts(rng)
        return _drafted(point.but(drafts=drafts, draft=draft), space)
    return _truncated(point, space, rng) if space.emits == "index" and space.form.stages else point


def _ranked(point: Point, space: Space, rng: np.random.Generator) -> Point:
    """Return the point with so many items as its logits have and the type can rank."""
    dtype, ordered = space.sampler.dtype, space.form.terms.ordered
    if not none_lost(point.logits, dtype):
        point = point.but(family="flat")
    live = int(np.isfinite(point.logits).sum())
    most = most_items(point.logits, min(live, ITEMS if ordered else UNORDERED), dtype, ordered=ordered)
    return point.but(m=settings.random_items(live, most, rng))


def _drafted(point: Point, space: Space) -> Point:
    """Return the point, or equal logits where the type cannot hold its tables."""
    dtype = space.sampler.dtype
    if dtype in HELD or held_steps(*point.tables, dtype):
        return point
    return point.but(family="flat", k=min(point.k, FEW), draft="same")


def _truncated(point: Point, space: Space, rng: np.random.Generator) -> Point:
    """Return the point with settings that leave few laws; where none are found, with those that keep everything."""
    stages = space.form.stages
    if point.family.startswith(NEAR):
        point = point.but(family="uniform-1")
    for _ in range(TRIES):
        found = point.but(**settings.random_settings(stages, point.k, rng))
        if few_laws(found, space):
            return found
    return point.but(**{stage: settings.keeps(stage, point.k) for stage in stages})


def few_laws(point: Point, space: Space) -> bool:
    """Tell whether the settings of a point leave few laws; those of other points do.

    Of logits a billionth apart the rounding of a sum decides whether they are tied: there are no laws to hold draws to.
    """
    if not point.settings or space.emits != "index":
        return True
    if point.family.startswith(NEAR):
        return False
    case = point.case(space.emits, space.form.terms)
    return settled(case, space.sampler.dtype, 1 if point.rows else LAWS)


def _held(point: Point, space: Space) -> Point:
    """Return the point, or the first plainer one that the sampler's type can hold."""
    plainer: list[dict[str, object]] = [{}, {"family": "flat"}, {"temperature": 1.0}, {"k": min(point.k, 64)}]
    for change in plainer if space.emits == "simplex" else [*plainer[:2], *plainer[3:]]:
        point = point.but(**change)
        if holds(point.case(space.emits), space.sampler.dtype):
            break
    return point


def _afloat(point: Point, space: Space) -> Point:
    """Return the point at the least doubling of its temperature at which its coordinates do not underflow."""
    while underflow(point.case(space.emits), space.sampler.dtype) > SINKS:
        assert point.temperature is not None
        point = point.but(temperature=2 * point.temperature)
    return point


def draws_of(k: int, draws: int, room: int = 2**18) -> int:
    """Return how many draws a point of k categories gets where others get ``draws``: fewer of very many categories."""
    return draws if k <= LARGE else max(16, min(draws, room // k))


def lawful(point: Point) -> Point:
    """Return the point with what its logits have: as many items at most, and an observed category, or the one before it."""
    if point.m > 1:
        point = point.but(m=min(point.m, int(np.isfinite(point.logits).sum())))
    if point.observed < 0 or (point.observed < point.k and math.isfinite(point.logits[point.observed])):
        return point
    live = np.flatnonzero(np.isfinite(point.logits))
    return point.but(observed=int(live[max(0, int(np.searchsorted(live, point.observed)) - 1)]))
