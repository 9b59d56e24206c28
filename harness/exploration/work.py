"""What a worker does of a search: a few points, one after another, each under a limit, until the time is over."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from harness.engine.limits import HUNG, Limits, enforced
from harness.errors import SamplerFault
from harness.exploration.sweep import asked
from harness.exploration.trial import Answer
from harness.interrupts import contained, described
from harness.quiet import prints_aside
from harness.space.draw import Space
from harness.space.point import Point

SECONDS = 20.0
"""What one point may take; a guest that takes longer hangs."""
LEAST = 1.0
"""Seconds that what was begun has at least, however near the end is."""


@dataclass(frozen=True)
class Job:
    """A point, how many draws, and the names of their stream."""

    point: Point
    n: int
    names: tuple[str | int, ...]


Made = TypeVar("Made")


class _Over(Exception):
    """The time of the search is over, which says nothing of the sampler."""


def work(
    payload: bytes, seed: int, jobs: Sequence[Job], until: float, *, guest: bool, always: bool = False
) -> list[Answer]:
    """Return the answers of jobs that are done before the time ``until`` (of ``time.time``); the others are left out.

    The first is begun in any case if ``always``. A guest is under a limit from the moment that its code is opened.
    """
    answers: list[Answer] = []
    try:
        space = _opened(payload, jobs, until, guest)
        if isinstance(space, Answer):
            return [space]
        for i, job in enumerate(jobs):
            if time.time() >= until and not (always and i == 0):
                break
            answers.append(_bare(_one(space, seed, job, until, guest)))
    except _Over:
        pass
    return answers


def _opened(payload: bytes, jobs: Sequence[Job], until: float, guest: bool) -> Space | Answer:
    """Return what was packed, or the answer of the first job that says why it cannot be had."""

    def load() -> Space | Answer:
        with contained():
            space: Space = pickle.loads(payload)
        return space

    return _judged(load, jobs[0], until, guest)


def _one(space: Space, seed: int, job: Job, until: float, guest: bool) -> Answer:
    answer = _judged(lambda: asked(space, seed, job.point, job.n, *job.names), job, until, guest)
    assert isinstance(answer, Answer)
    return answer


def _judged(do: Callable[[], Made], job: Job, until: float, guest: bool) -> Made | Answer:
    """Return what is done, or the answer that says why it was not; raises _Over if the time was too short for it."""
    try:
        with _limited(until, guest), prints_aside():
            return do()
    except SamplerFault as fault:
        return Answer(job.point, job.n, fault=str(fault))
    except _Over:
        raise
    except Exception as error:
        return Answer(job.point, job.n, fault=f"could not be judged: {described(error)}")


@contextmanager
def _limited(until: float, guest: bool) -> Iterator[None]:
    """Give a guest SECONDS, or what is left of the search if that is less; then it is the search that is over."""
    seconds = min(SECONDS, max(until - time.time(), LEAST)) if guest else 0.0
    try:
        with enforced(Limits(seconds, grace=5.0 if seconds == SECONDS else LEAST)):
            yield
    except SamplerFault as fault:
        if seconds < SECONDS and str(fault).startswith(HUNG):
            raise _Over from fault
        raise


def _bare(answer: Answer) -> Answer:
    """Return the answer with plain numbers, as it travels."""
    return replace(answer, p_value=float(answer.p_value), asked={name: float(p) for name, p in answer.asked.items()})
