"""A Dask cluster is one more ``concurrent.futures.Executor``; a worker that dies looks the same as one of loky's."""

from __future__ import annotations

import contextlib
import errno
import importlib
import importlib.util
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from harness.engine.crew import Crew
from harness.engine.worker import environment
from harness.errors import UsageError

PACKAGE = "gumbel-harness"
PATIENCE = 10.0
"""Seconds within which a scheduler has to answer, and a first worker to be there."""

REFRESH = 5.0
"""Seconds after which the scheduler is asked again how many workers there are."""


GONE = "it is gone; what was finished is kept: start another and run again with --resume"
LOGGERS = ("distributed", "distributed.client", "distributed.core")
"""Who else would print tracebacks of a connection that was lost, which the run tells in a sentence."""


class DaskExecutor(Executor):
    """Submits to a client of ``distributed``; ``slots`` is the number of tasks that the cluster can do at a time."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inner = client.get_executor(pure=False)
        self._slots, self._asked = 1, -REFRESH

    @property
    def ahead(self) -> int:
        """Two tasks for each thread, so that none waits for the next."""
        return 2 * self.slots

    @property
    def slots(self) -> int:
        """The threads of all workers, which may come and go."""
        if time.monotonic() - self._asked >= REFRESH:
            with self._answering():
                self._slots, self._asked = max(1, sum(self._client.nthreads().values())), time.monotonic()
        return self._slots

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        """Raise ConnectionError in a sentence where the scheduler has gone for good, which takes its client ten seconds."""
        try:
            yield
        except Exception as error:
            if self._client.status in ("running", "connecting"):
                raise
            raise ConnectionResetError(errno.ECONNRESET, GONE, "Dask scheduler") from error

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future; if the worker died under the task, its exception is BrokenExecutor."""
        outer: Future[Any] = Future()
        if guest := kwargs.get("guest"):
            fn, args, kwargs = apart, (fn, args, guest), {}
        with self._answering():
            inner: Future[Any] = self._inner.submit(fn, *args, **kwargs)
        inner.add_done_callback(lambda done: _pass_on(done, outer))
        return outer


_of_thread = threading.local()


def apart(fn: Callable[..., Any], args: tuple[Any, ...], guest: str) -> Any:
    """Do a guest's task beside a worker of Dask, in a process that serves that guest and ends with the worker."""
    if not hasattr(_of_thread, "crew"):
        _of_thread.crew = Crew(1, environment())
    return _of_thread.crew.submit(fn, *args, guest=guest).result()


@contextlib.contextmanager
def open_dask(workers: int, scheduler: str | None, environment: dict[str, str]) -> Iterator[Callable[[], Executor]]:
    """Yield the executor of a running cluster, or of a local one that lives as long; raises UsageError."""
    if importlib.util.find_spec("distributed") is None:
        raise UsageError("the engine dask needs the package distributed; install it with: pip install distributed")
    distributed = importlib.import_module("distributed")
    with _address(distributed, workers, scheduler, environment) as address, _client(distributed, address) as client:
        executor = DaskExecutor(client)
        yield lambda: executor


@contextlib.contextmanager
def _address(distributed: Any, workers: int, scheduler: str | None, environment: dict[str, str]) -> Iterator[Any]:
    if scheduler is not None:
        yield scheduler
        return
    import dask

    # The task that a worker died under is given back at once: the run does it again, alone, and knows whom to blame.
    settings = {"distributed.scheduler.allowed-failures": 0, "distributed.nanny.pre-spawn-environ": environment}
    with (
        _put_back(),
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
    ):
        yield cluster


@contextlib.contextmanager
def _put_back() -> Iterator[None]:
    """Put the environment back: Dask sets what its workers need in this process, too, and leaves it."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def _client(distributed: Any, address: Any) -> Iterator[Any]:
    if isinstance(address, str):
        _knock(address)
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"what answers at {address} is no Dask scheduler: {error}") from error
    with client, _quiet():
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise UsageError(f"the Dask scheduler at {address} has no workers; start some with: dask worker") from error
        _check_packages(client)
        yield client


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    try:
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def _check_packages(client: Any) -> None:
    """Ask all workers for this package: one that has none, or another version, would never give a task back, or others."""
    here = version(PACKAGE)
    found = client.run(version, PACKAGE, on_error="return")
    places = client.run(importlib.util.find_spec, "harness.engine.shards", on_error="return")
    for worker, there in found.items():
        if isinstance(there, Exception) or places[worker] is None or isinstance(places[worker], Exception):
            raise UsageError(f"the Dask worker at {worker} has no {PACKAGE}; install version {here} there")
        if there != here:
            raise UsageError(f"the Dask worker at {worker} has {PACKAGE} {there}, here is {here}; make them the same")


def _knock(address: str) -> None:
    """Find out whether anybody listens, which a client takes long to say."""
    try:
        parts = urlsplit(address)
        socket.create_connection((parts.hostname, parts.port or 0), timeout=PATIENCE).close()
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {address!r}; start one with: dask scheduler, and give its tcp://host:port"
        ) from error


def _pass_on(inner: Future[Any], outer: Future[Any]) -> None:
    try:
        outer.set_result(inner.result())
    except CancelledError:
        outer.set_exception(BrokenExecutor("the task was cancelled: its worker or the scheduler is gone"))
    except Exception as error:
        lost = type(error).__name__ in ("KilledWorker", "FutureCancelledError")
        outer.set_exception(BrokenExecutor(str(error)) if lost else error)
