"""A guest's shard has a time and a memory limit; what passes them is a fault of the sampler, in words."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import SamplerFault

GRACE = 5.0
"""Seconds after the time limit before a worker that does not answer is ended."""
WORKER = "GUMBEL_HARNESS_WORKER"
"""Set in worker processes, which may be ended without taking the user's program along."""


@dataclass(frozen=True)
class Limits:
    """Limits of one shard: ``seconds`` of wall-clock time (0 for none)."""

    seconds: float = 0.0


@contextlib.contextmanager
def enforced(limits: Limits) -> Iterator[None]:
    """Raise SamplerFault in the main thread once the time is over; end a worker that does not react."""
    if limits.seconds <= 0:
        yield
        return

    def expire(signum: int, frame: object) -> None:
        raise SamplerFault(f"hung: no result within {limits.seconds:g} s for one shard")

    main = threading.current_thread() is threading.main_thread()
    last = threading.Timer(limits.seconds + GRACE, os._exit, (86,))
    last.daemon = True
    if os.environ.get(WORKER):
        last.start()
    before = signal.signal(signal.SIGALRM, expire) if main else None
    if main:
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    try:
        yield
    finally:
        last.cancel()
        if main:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
