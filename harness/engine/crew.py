"""A crew does so many tasks at a time: those of one guest, and those of trusted code, in processes that serve no other."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import cloudpickle

from harness.engine.warden import MARK, Warden
from harness.engine.worker import Worker

AHEAD = 32
"""Tasks a slot that wait here: enough to choose from."""
KEPT = 4
"""Workers beyond the slots that are kept idle: the next look has tasks for them, and to start one takes longer."""


@dataclass(frozen=True)
class _Job:
    packed: bytes
    guest: str
    future: Future[Any] = field(default_factory=Future)


class Crew(Executor):
    """Does up to ``slots`` tasks at a time; of those that wait, the first for whose guest a worker is idle goes first.

    The next best is one of a guest whom nobody serves: there are as few fresh processes as can be.
    """

    def __init__(self, slots: int, environment: Mapping[str, str]) -> None:
        self.slots, self.ahead = slots, AHEAD * slots
        self._warden = Warden()
        self._environment = {**environment, MARK: self._warden.mark}
        self._threads = ThreadPoolExecutor(slots, initializer=_deaf)
        self._lock, self._hiring = threading.Lock(), threading.Lock()
        self._waiting: list[_Job] = []
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._busy: Counter[str] = Counter()
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future; its exception is BrokenExecutor if the worker died under the task."""
        job = _Job(cloudpickle.dumps((fn, args)), kwargs.get("guest", ""))
        with self._lock:
            self._waiting.append(job)
        self._threads.submit(self._next)
        return job.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End all workers at once, whatever they do."""
        with self._lock:
            self._closed = True
            workers, self._waiting = list(self._all), []
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.end()
        self._threads.shutdown(wait=wait)
        self._warden.end()

    def _next(self) -> None:
        """Do one of the tasks that wait, in a thread of our own."""
        try:
            job, worker, spare = self._chosen()
        except IndexError:  # all are cancelled, or it is closed
            return
        try:
            if spare is not None:
                self._forget(spare)
            worker = worker or self._hired(job.guest)
            result = worker.do(job.packed)
        except BaseException as error:
            if worker is not None:
                self._forget(worker)
            self._settle(job.guest, None)
            job.future.set_exception(error)
        else:
            self._settle(job.guest, worker)
            job.future.set_result(result)

    def _chosen(self) -> tuple[_Job, Worker | None, Worker | None]:
        """Return a task, the idle worker that does it, and one to end if there is none; raises IndexError without tasks."""
        with self._lock:
            kept = {worker.guest: worker for worker in self._idle}
            alone = (job for job in self._waiting if not self._busy[job.guest])
            job = next((job for job in self._waiting if job.guest in kept), None) or next(alone, self._waiting[0])
            self._waiting.remove(job)
            if not job.future.set_running_or_notify_cancel():
                raise IndexError
            worker, spare = kept.get(job.guest), None
            if worker is None and len(self._idle) + self._busy.total() >= self.slots + KEPT:
                spare = self._idle[0]
            self._idle = [one for one in self._idle if one not in (worker, spare)]
            self._busy[job.guest] += 1
        return job, worker, spare

    def _hired(self, guest: str) -> Worker:
        if guest:
            with self._hiring:
                self._warden.watch()
        worker = Worker(guest, self._environment)
        with self._lock:
            self._all.add(worker)
            closed = self._closed
        if closed:
            raise BrokenExecutor("the run has ended")
        return worker

    def _settle(self, guest: str, worker: Worker | None) -> None:
        with self._lock:
            self._busy[guest] -= 1
            if worker is not None:
                self._idle.append(worker)

    def _forget(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.end()


def _deaf() -> None:
    """Leave Ctrl-C to the main thread; a worker that is being started must not hear it either."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
