"""What would take a sampler longer than it may is not begun, and the reason says how long: it is no fault of its law."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from harness.questions.check import Evidence
from harness.samplers.registry import Sampler

Asked = TypeVar("Asked")
Random = TypeVar("Random")

MOST = 60.0
"""Seconds: half of what one task of a guest may take."""


class TooLong(Exception):
    """Raised before something is begun that would take longer than it may; its words say what, and how long."""


def within_reason(compute: Callable[[Asked, Random], Evidence], asked: Asked, rng: Random) -> Evidence:
    """Return what a question finds or, where its draws would take too long, how long they would."""
    try:
        return compute(asked, rng)
    except TooLong as words:
        return Evidence(missing=str(words))


def too_long(sampler: Sampler, part: Callable[[], object], parts: float) -> str:
    """Do a part twice, and return in words that so many parts take longer than a minute; nothing if they do not.

    Built-in samplers have no limit.
    """
    seconds = 0.0 if sampler.trusted else min(_timed(part), _timed(part)) * parts
    return f"would take about {seconds:.0f} s, more than {MOST:g}" if seconds > MOST else ""


def _timed(part: Callable[[], object]) -> float:
    start = time.perf_counter()
    part()
    return time.perf_counter() - start
