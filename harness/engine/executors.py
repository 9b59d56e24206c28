"""One seam for all engines: ``concurrent.futures.Executor``, opened by name and opened anew when a worker dies."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

from harness.engine.limits import WORKER
from harness.errors import UsageError

ENGINES = ("serial", "loky")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class SerialExecutor(Executor):
    """Does a task when it is submitted, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future that is already done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextlib.contextmanager
def open_engine(name: str, workers: int) -> Iterator[Callable[[], Executor]]:
    """Yield a function that returns the executor, a fresh one if the last broke; raises UsageError for unknown names."""
    if name == "serial":
        yield SerialExecutor
    elif name == "loky":
        yield lambda: _loky(workers)
    else:
        raise UsageError(f"engine must be one of {', '.join(ENGINES)}, got {name!r}")


def default_workers() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _loky(workers: int) -> Executor:
    import loky

    environment = {**dict.fromkeys(_THREADS, "1"), WORKER: "1"}
    executor: Executor = loky.get_reusable_executor(max_workers=workers, env=environment, timeout=60)
    return executor
