"""What refutes is shrunk: one field at a time to a plainer value, as long as fresh draws still refute; greedily.

The plainest point has one category, equal logits, no mask, temperature 1, no observed category, one call, plain memory.
This is how property-based testing shrinks (D. R. MacIver, A. F. Donaldson, Test-case reduction via test-case generation,
ECOOP 2020), with a statistical test for the predicate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from harness.space.drafts import PAIRS
from harness.space.draw import lawful
from harness.space.families import NAMES
from harness.space.layouts import LAYOUTS
from harness.space.masks import NAMED
from harness.space.point import Point

AT_ONCE = 4
"""Candidates that are tried together; of those that refute the plainest is taken."""


def _always(point: Point) -> bool:
    return True


Refuting = Callable[[Sequence[Point]], Sequence[bool]]
"""``refuting(points)`` tells of each whether fresh draws contradict it."""


def shrunk(
    point: Point,
    n: int,
    refuting: Refuting,
    running: Callable[[], bool],
    allowed: Callable[[Point], bool] = _always,
) -> Point:
    """Return the plainest point that still refutes with n draws, or the best so far once ``running()`` is false.

    Points that are not ``allowed`` are passed over.
    """
    again = True
    while again and running():
        again = False
        for candidates in _passes(point, n):
            better = _first([one for one in candidates if allowed(one)], refuting, running)
            if better is not None:
                point, again = better, True
                break
    return point


def canonical(point: Point) -> Point:
    """Return the point without a seed and an order that its logits do not depend on."""
    for plainer in (point.but(seed=0, order="made"), point.but(seed=0)):
        if np.array_equal(plainer.logits, point.logits):
            return plainer
    return point


def _first(candidates: Sequence[Point], refuting: Refuting, running: Callable[[], bool]) -> Point | None:
    for start in range(0, len(candidates), AT_ONCE):
        if not running():
            return None
        some = candidates[start : start + AT_ONCE]
        for point, refutes in zip(some, refuting(some), strict=True):
            if refutes:
                return point
    return None


def _passes(point: Point, n: int) -> Iterator[list[Point]]:
    """Yield for each field the points with a plainer value of it, the plainest first; the field that saves most first.

    A rare winner is tried as one of two categories at once: with a smaller K or plainer logits alone it would be likelier.
    """
    if point.observed >= 0 and point.k > 2:
        plain = point.but(k=2, order="made", mask="none", observed=0)
        yield [plain.but(family=family) for family in ("first-3", "first-25")]
    for name, values in _plainer(point, n):
        changed = [lawful(point.but(**{name: value})) for value in values]
        if candidates := [one for one in changed if one != point]:
            yield candidates


def _plainer(point: Point, n: int) -> Iterator[tuple[str, list[object]]]:
    yield "call", _calls(point.call, n)
    yield "k", list(_smaller(point.k, 1))
    yield "mask", _before(("none", *NAMED[1:], "live-2", "live-1"), point.mask)
    yield "family", _before(NAMES, point.family)
    yield "order", _before(("made", "ascending", "descending", "shuffled"), point.order)
    yield "layout", _before(tuple(LAYOUTS), point.layout)
    yield "door", _before(("public", "prepared"), point.door)
    if point.rows:
        yield "rows", list(_smaller(point.rows, 1))
    yield "observed", _observed(point)
    if len(point.settings) > 1:
        for stage, _ in point.settings:
            yield stage, [None]
    yield from ((stage, _rounder(value)) for stage, value in point.settings if stage != "temperature")
    if point.m:
        yield "m", list(_smaller(point.m, 1))
    if point.drafts:
        yield "drafts", list(_smaller(point.drafts, 1))
        yield "draft", _before(PAIRS, point.draft)
    if point.temperature is not None:
        yield "temperature", _temperatures(point.temperature)
    yield "seed", list(range(min(point.seed, 3)))


def _smaller(value: int, least: int) -> Iterator[int]:
    """Yield the least few, parts of the value, also as whole tiles, powers of two and their neighbours, in rising order."""
    parts = {value * eighths // 8 for eighths in (1, 2, 3, 4, 5, 6, 7)}
    tiles = {part // tile * tile for part in {*parts, value - 1} for tile in (8, 32, 64, 128, 1024)}
    powers = {(1 << e) + side for e in range(value.bit_length()) for side in (-1, 0, 1)}
    yield from sorted(one for one in {*range(least, 9), *parts, *tiles, *powers, value - 1} if least <= one < value)


def _calls(call: int, n: int) -> list[object]:
    """Return one call of all n draws, then shorter ones; of one call, nothing is plainer."""
    return [] if call == n else [n, *_smaller(call, 1)]


def _before(names: Sequence[str], name: str) -> list[object]:
    """Return the names that come before one; all of them before one with a number of its own."""
    return list(names[: names.index(name)] if name in names else names)


def _observed(point: Point) -> list[object]:
    if point.observed < 0:
        return []
    live = np.flatnonzero(np.isfinite(point.logits))
    likeliest = int(np.argmax(point.logits))
    return [-1, *sorted({likeliest, *(int(one) for one in live[:3])} - {point.observed})]


def _rounder(value: float) -> list[object]:
    """Return smaller whole numbers, or values with fewer digits, the plainest first."""
    if isinstance(value, int):
        return list(_smaller(value, 1))
    plain = [0.5, 0.9, 0.1]
    if value in plain:
        return list(plain[: plain.index(value)])
    return [*plain, *sorted({float(f"{value:.1g}"), float(f"{value:.2g}")} - {value})]


def _temperatures(temperature: float) -> list[object]:
    """Return rounder temperatures, and those nearer to 1."""
    plain = [1.0, 2.0, 0.5, 5.0, 0.2, 10.0, 0.1, 20.0, 0.05]
    if temperature in plain:
        return list(plain[: plain.index(temperature)])
    return [
        *plain,
        *sorted({round(temperature, 1), float(f"{temperature:.1g}"), float(f"{temperature:.2g}")} - {0.0, temperature}),
    ]
