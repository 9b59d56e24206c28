"""What a sweep names: the plainest point that it refuted, made plainer as long as fresh draws refute, in so many trials.

The refutation stands on the draws that were made before; this only finds words for it, and costs nothing of the level. Where
a sampler that declares float64 is right as one of float32, the words say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from harness.exploration.promise import SUSPECT
from harness.exploration.shrink import canonical, shrunk
from harness.exploration.trial import Answer
from harness.space.draw import Space, few_laws
from harness.space.point import Point

TRIALS = 60
"""Trials of a shrinking at most: a few tenths of a second."""
Ask = Callable[..., Answer]
"""``ask(space, point, n, *names)`` tries a point of a space with a stream of these names."""


def simplest(space: Space, found: Answer, n: int, level: float, ask: Ask) -> Answer:
    """Return the answer of the plainest point that was reached, or ``found``; a case is refuted at ``level``."""
    tried, n = 0, min(found.n, n)

    def refuting(points: Sequence[Point]) -> list[bool]:
        nonlocal tried
        tried += len(points)
        return [_refuted(ask(space, one, n, "shrink", tried, i), level) for i, one in enumerate(points)]

    point = canonical(shrunk(found.point, n, refuting, lambda: tried < TRIALS, partial(few_laws, space=space)))
    again = ask(space, point, n, "shrunk")
    return again if _refuted(again, level) else found


def _refuted(answer: Answer, level: float) -> bool:
    return bool(answer.impossible) or answer.p_value <= level


def hint(space: Space, found: Answer, ask: Ask) -> str:
    """Return what to declare, if the point does not refute the sampler as one of float32."""
    if space.sampler.dtype != "float64":
        return ""
    single = replace(space, sampler=replace(space.sampler, dtype="float32"))
    other = ask(single, found.point, found.n, "single")
    if other.impossible or other.fault or other.p_value <= SUSPECT:
        return ""
    return '; as float32 it is right there: declare dtype="float32" if that is what it computes in'


def words(answer: Answer) -> str:
    """Return the sentence: where, by what question, how far off, with how many draws."""
    if answer.impossible:
        return f"{answer.impossible}, at {answer.point.name}"
    effect = f", {answer.effect}" if answer.effect else ""
    return f"is wrong at {answer.point.name} ({answer.question}{effect}; {answer.n} draws, p = {answer.p_value:.2g})"
