"""Where to look next: anywhere, among points of a class whose evidence grows, or beside the most suspicious point.

A choice may depend on anything that was seen, since what refutes are fresh draws at a level fixed beforehand. Points of
the first kind are independent of all draws: they alone count for what the search promises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from harness.exploration.sweep import by_class
from harness.exploration.trial import Answer
from harness.space.classes import classes
from harness.space.draw import Space, draws_of, few_laws, lawful, random_point
from harness.space.point import Point

CLASS, BESIDE = 0.25, 0.25
"""The shares of the points that are chosen among a class, and beside a suspicious point, where there is one."""
LEADING, SUSPICIOUS = 1e-3, 1e-2
"""The p-values below which a class leads, and a point is suspicious."""
ROOM = 2**22
TRIES, KEPT = 60, 24
"""Random points that are tried for one of a class, and suspicious points that are remembered."""
DEEPER, DEEPEST = 4, 8
"""How many times the draws of a random point one of a class gets, and one beside a suspicious point at most."""


@dataclass(frozen=True)
class Move:
    """A point to try with so many draws, and how it was chosen."""

    point: Point
    n: int
    how: str


def moves(space: Space, answers: Sequence[Answer], number: int, rng: np.random.Generator) -> list[Move]:
    """Return so many moves, given all answers so far."""
    classes_seen = [one for one in by_class(answers) if one.axis != "all" and one.p_value < LEADING]
    leading = sorted(classes_seen, key=lambda one: one.p_value)[:KEPT]
    suspects = sorted((one for one in answers if one.p_value < SUSPICIOUS), key=lambda one: one.p_value)[:KEPT]
    return [_move(space, [(one.axis, one.value) for one in leading], suspects, rng) for _ in range(number)]


def _move(
    space: Space, leading: Sequence[tuple[str, str]], suspects: Sequence[Answer], rng: np.random.Generator
) -> Move:
    kind = rng.random()
    if kind < CLASS and leading:
        point = _of_class(space, leading[_early(len(leading), rng)], rng)
        return Move(point, draws_of(point.k, DEEPER * space.draws, ROOM), "class")
    if 1 - kind < BESIDE and suspects:
        chosen = suspects[_early(len(suspects), rng)]
        other = random_point(space, rng)
        point = beside(chosen.point, other, rng)
        point = point if few_laws(point, space) else other
        times = min(DEEPEST, 2 * math.ceil(max(chosen.n, 1) / space.draws))
        return Move(point, draws_of(point.k, times * space.draws, ROOM), "beside")
    point = random_point(space, rng)
    return Move(point, draws_of(point.k, space.draws), "anywhere")


def _early(number: int, rng: np.random.Generator) -> int:
    """Return an index, each half as likely as the one before."""
    return min(int(rng.geometric(0.5)) - 1, number - 1)


def _of_class(space: Space, wanted: tuple[str, str], rng: np.random.Generator) -> Point:
    for _ in range(TRIES):
        point = random_point(space, rng)
        if wanted in classes(point):
            break
    return point


def beside(point: Point, other: Point, rng: np.random.Generator) -> Point:
    """Return a point with a few fields of another one."""
    taken = {item.name: getattr(other, item.name) for item in fields(point) if rng.random() < 0.25}
    return lawful(point.but(**taken))
