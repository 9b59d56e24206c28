"""A sweep: many random points with few draws each; what looks wrong is asked again with fresh draws at a fixed level.

Two looks share the level, each exact for all that the first draws say: a point may be chosen by anything that was seen,
as what refutes are fresh draws, at the level over the number of points that may be chosen; and the p-values of the
points of a class, fixed before anything is drawn, are combined by Fisher's method, -2 sum log p being at most chi-square
with 2 g degrees of freedom (R. A. Fisher, Statistical Methods for Research Workers, 4th ed. 1932, section 21.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.exploration.named import hint, simplest, words
from harness.exploration.promise import AGAIN, SUSPECT, Design
from harness.exploration.trial import Answer, tried
from harness.methods.tails import chi_square_survival
from harness.questions.check import REMARK, Evidence
from harness.space.classes import classes
from harness.space.draw import Space, draws_of, random_point
from harness.space.point import Point
from harness.streams import stream

FRESH, GROUPED = 0.75, 0.25
"""The shares of the level that fresh draws and classes have."""
LEAST = 4
"""Points of a class below which it is not asked."""
ROOM = 2**24
"""Noise values of a point that is asked again, where it has very many categories."""


@dataclass(frozen=True)
class Class:
    """Points that share the value of an axis, and the p-value of them all."""

    axis: str
    value: str
    points: int
    p_value: float


def sweep(space: Space, design: Design, level: float, rng: np.random.Generator) -> Evidence:
    """Return the evidence of a sweep of one form of a sampler; points and draws have streams of their own."""
    seed = int(rng.integers(2**63))
    points = [random_point(space, stream(seed, "point", number)) for number in range(design.points)]
    ask = partial(asked, space, seed)

    def again_at(space: Space, point: Point, n: int, *names: str | int) -> Answer:
        return asked(space, seed, point, n, *names)

    def named(worst: Answer) -> str:
        case = simplest(space, worst, design.more, level * FRESH / AGAIN, again_at)
        return words(case) + hint(space, case, again_at)

    first = [ask(point, draws_of(point.k, design.draws), "first", i) for i, point in enumerate(points)]
    if bad := [answer for answer in first if answer.impossible]:
        return _evidence(design, first, [plainest(bad)], [], level, named)
    suspects = sorted((i for i, one in enumerate(first) if one.p_value < SUSPECT), key=lambda i: first[i].p_value)
    again = [ask(points[i], draws_of(points[i].k, design.more, ROOM), "again", i) for i in suspects[:AGAIN]]
    return _evidence(design, first, again, by_class(first), level, named)


def asked(space: Space, seed: int, point: Point, n: int, *names: str | int) -> Answer:
    """Try a point with draws whose stream has these names."""
    drawing, spread = stream(seed, "draws", *names), stream(seed, "spread", *names)
    return tried(space.sampler, space.emits, point, n, drawing, spread)


def by_class(answers: Sequence[Answer]) -> list[Class]:
    """Return all classes of enough points, and that of all of them, with their p-values by Fisher's method."""
    members: dict[tuple[str, str], list[float]] = {}
    for answer in answers:
        if answer.asked:
            for key in [("all", "points"), *classes(answer.point)]:
                members.setdefault(key, []).append(answer.p_value)
    return [
        Class(axis, value, len(p_values), _fisher(p_values))
        for (axis, value), p_values in members.items()
        if len(p_values) >= LEAST
    ]


def _fisher(p_values: Sequence[float]) -> float:
    with np.errstate(divide="ignore"):
        statistic = -2 * float(np.sum(np.log(p_values)))
    return float(chi_square_survival(statistic, 2 * len(p_values)))


def plainest(answers: Iterable[Answer]) -> Answer:
    """Return the answer of the point with the fewest categories; of those, with the shortest name."""
    return min(answers, key=lambda answer: (answer.point.k, len(answer.point.name)))


def _evidence(
    design: Design,
    first: Sequence[Answer],
    again: Sequence[Answer],
    found: Sequence[Class],
    level: float,
    named: Callable[[Answer], str],
) -> Evidence:
    """Combine both looks; what is named is the simplest point that refutes alone, else the class that does."""
    bad = [one for one in again if one.impossible]
    impossible = named(plainest(bad)) if bad else ""
    fresh = min((one.p_value for one in again), default=1.0) * AGAIN / FRESH
    grouped = min((one.p_value * len(found) / GROUPED for one in found), default=1.0)
    p_value = min(1.0, fresh, grouped)
    fault = next((f"at {one.point.name}: {one.fault}" for one in [*first, *again] if one.fault), "")
    notes: dict[str, float | str] = {"points": float(len(first)), "asked again": float(len(again))}
    notes |= {"draws a point": float(design.draws), "promise": design.words}
    if impossible or p_value <= level:
        notes["where"] = impossible or _where(again, found, level, named)
        notes[REMARK] = f"draws {impossible}" if impossible else notes["where"]
    return Evidence(
        statistic=float(len(again)),
        p_value=p_value,
        effect=sum(one.p_value * AGAIN / FRESH <= level for one in again) / max(len(first), 1),
        n=sum(one.n for one in [*first, *again]),
        impossible=impossible,
        broken=fault if not impossible and p_value > level else "",
        resolution=design.share,
        notes=notes,
        seen=str(notes.get("where", "")),
    )


def _where(again: Sequence[Answer], found: Sequence[Class], level: float, named: Callable[[Answer], str]) -> str:
    """Name the plainest point that fresh draws refute; else the class of fewest points among the most telling ones."""
    if refuting := [one for one in again if one.p_value * AGAIN / FRESH <= level]:
        return named(plainest(refuting))
    worst = min(found, key=lambda one: (one.p_value, one.points))
    return f"is wrong where {worst.axis} is {worst.value} ({worst.points} points together, p = {worst.p_value:.2g})"
