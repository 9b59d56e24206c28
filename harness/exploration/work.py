"""What a worker does of a search: a few points, one after another, each under a limit, until the time is over."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.engine.limits import Limits, enforced
from harness.errors import SamplerFault
from harness.exploration.sweep import asked
from harness.exploration.trial import Answer
from harness.quiet import prints_aside
from harness.space.draw import Space
from harness.space.point import Point

SECONDS = 20.0
"""What one point may take; a guest that takes longer hangs."""


@dataclass(frozen=True)
class Job:
    """A point, how many draws, and the names of their stream."""

    point: Point
    n: int
    names: tuple[str | int, ...]


def work(payload: bytes, seed: int, jobs: Sequence[Job], until: float) -> list[Answer]:
    """Return the answers of the first job, and of those that were begun before the time ``until`` (of ``time.time``)."""
    with prints_aside():
        space: Space = pickle.loads(payload)
    limits = Limits(SECONDS) if not space.sampler.trusted else Limits()
    return [_bare(_one(space, seed, job, limits)) for i, job in enumerate(jobs) if i == 0 or time.time() < until]


def _one(space: Space, seed: int, job: Job, limits: Limits) -> Answer:
    try:
        with enforced(limits), prints_aside():
            return asked(space, seed, job.point, job.n, *job.names)
    except SamplerFault as fault:
        return Answer(job.point, job.n, fault=str(fault))
    except Exception as error:
        return Answer(job.point, job.n, fault=f"could not be judged: {type(error).__name__}: {error}")


def _bare(answer: Answer) -> Answer:
    """Return the answer with plain numbers, as it travels."""
    return replace(answer, p_value=float(answer.p_value), asked={name: float(p) for name, p in answer.asked.items()})
