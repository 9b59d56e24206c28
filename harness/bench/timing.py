"""Rivals take turns in random order, two calls a turn, the second timed; the first of all, which may compile, is apart."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.arrays import Floats
from harness.bench.subjects import Call, Subject

CATEGORIES = (2, 6, 16, 100, 1000, 10_000, 128_256)
FEWEST, MOST = 7, 100
"""Rounds of one number of categories, whatever the budget."""
CLOCK = time.process_time
"""The one core's own time: on the wall's clock, whatever else the machine does would count, and most against long calls."""


@dataclass
class Series:
    """The times of one subject at one K: ``first`` with its set-up, then seconds a draw, round by round."""

    subject: Subject
    categories: int
    size: int
    first: float
    seconds: list[float] = field(default_factory=list)
    peak: float | None = None

    @property
    def name(self) -> str:
        """The benchmark's name in bench.json."""
        subject = self.subject
        return f"{subject.library}/{subject.name}/{subject.output}/{subject.dtype}/K={self.categories}"


def logits_of(categories: int) -> Floats:
    """Return the logits that all are timed at: normal ones, of no order."""
    return np.random.default_rng(categories).normal(size=categories)


def race(
    subjects: Sequence[Subject],
    categories: int,
    seconds: float,
    *,
    seed: int = 0,
    failed: Callable[[Subject, Exception], None] = lambda subject, error: None,
) -> list[Series]:
    """Return the series of all subjects that can run, interleaved at random for about so many seconds."""
    entered = [entry for subject in subjects if (entry := _enter(subject, categories, failed)) is not None]
    order = random.Random(f"{seed} {categories}")
    end = time.perf_counter() + seconds
    enabled = gc.isenabled()
    gc.disable()
    try:
        for number in range(MOST):
            if number >= FEWEST and time.perf_counter() > end:
                break
            for series, call in order.sample(entered, len(entered)):
                series.seconds.append(_timed(call) / series.size)
    finally:
        if enabled:
            gc.enable()
    return [series for series, _ in entered]


def _enter(
    subject: Subject, categories: int, failed: Callable[[Subject, Exception], None]
) -> tuple[Series, Call] | None:
    """Set up and warm up; who cannot run is reported and takes no part."""
    size = subject.size(categories)
    start = CLOCK()
    try:
        call = subject.prepare(logits_of(categories), size)
        call()
        first = CLOCK() - start
        call()
    except Exception as error:
        failed(subject, error)
        return None
    return Series(subject, categories, size, first), call


def _timed(call: Call) -> float:
    """Time a call after one of the same kind: who comes next finds the caches full of what others left there."""
    call()
    start = CLOCK()
    call()
    return CLOCK() - start
