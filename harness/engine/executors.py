"""One seam for all engines: ``concurrent.futures.Executor``, opened by name and opened anew when a worker dies."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait
from typing import Any

from harness.engine.crew import Crew
from harness.engine.worker import environment
from harness.errors import UsageError
from harness.interrupts import interruptible

ENGINES = ("serial", "loky", "dask")
FILES, FILES_EACH = 48, 8
"""Open files that a run needs, and those that each worker adds, generously."""


class SerialExecutor(Executor):
    """Does a task when it is submitted, in this process: trusted ones, and guests where nobody else is to be spared."""

    ahead = 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future that is already done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class OneByOne(SerialExecutor):
    """Does a trusted task in this process when it is submitted, and one of a guest in a process of its own meanwhile."""

    def __init__(self, guests: Executor) -> None:
        self._guests = guests

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future that is already done."""
        if not kwargs.get("guest"):
            return super().submit(fn, *args, **kwargs)
        future = self._guests.submit(fn, *args, **kwargs)
        wait([future])
        return future


@contextlib.contextmanager
def open_engine(name: str, workers: int, scheduler: str | None = None) -> Iterator[Callable[[], Executor]]:
    """Yield a function that returns the executor, a fresh one if the last broke; raises UsageError for unknown names.

    ``scheduler`` is the address of a running Dask scheduler, for the engine "dask" alone. Processes that were started end
    with the block, whatever they do; Ctrl-C is told from what samplers raise meanwhile.
    """
    if scheduler is not None and name != "dask":
        raise UsageError(f"--scheduler belongs to --engine dask, not to {name!r}")
    if name not in ENGINES:
        raise UsageError(f"engine must be one of {', '.join(ENGINES)}, got {name!r}")
    with interruptible():
        if name == "dask":
            from harness.engine.dask import open_dask

            with open_dask(workers, scheduler, environment()) as executor:
                yield executor
        else:
            if name == "loky":
                _enough_files(workers)
            with Crew(workers if name == "loky" else 1, environment()) as crew:
                serial = OneByOne(crew)
                yield lambda: crew if name == "loky" else serial


def _enough_files(workers: int) -> None:
    """Raise OSError where too few files may be open: a worker that is half started for lack of one may never end."""
    if importlib.util.find_spec("resource") is None:  # Windows knows no such limit
        return
    import resource

    allowed, needed = resource.getrlimit(resource.RLIMIT_NOFILE)[0], FILES + FILES_EACH * workers
    if resource.RLIM_INFINITY != allowed < needed:
        words = f"{allowed} open files are allowed (ulimit -n), {workers} need {needed}: raise the limit or take fewer"
        raise OSError(errno.EMFILE, words, "workers")


def default_workers() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
