"""What would take a sampler longer than it may is not begun, and the reason says how long: it is no fault of its law."""

from __future__ import annotations

import time
from collections.abc import Callable

from harness.samplers.registry import Sampler

MOST = 60.0
"""Seconds: half of what one task of a guest may take."""


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
