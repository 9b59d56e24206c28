"""Many figures are drawn by several processes, which get the same bytes as one: a figure is a function of its record."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from reports.choice import Choice
from reports.figures import Drawing, draw
from reports.view import Row, View

FEW = 24
"""So few figures are drawn sooner than processes are ready."""
FORKS_BADLY = ("jax", "torch", "tensorflow", "distributed")
"""Packages whose threads a copy of the process would lack."""
_SHARE = 4
Task = tuple[Row, str, str]


def drawn(view: View, choice: Choice) -> dict[str, Drawing]:
    """Return the figure of every chosen record, by its check."""
    rows = choice.in_order
    tasks = [(_lean(row), choice.names[row["check"]], f"f{i}") for i, row in enumerate(rows)]
    engine = view.manifest["engine"]
    workers = 1 if engine["name"] == "serial" or len(tasks) <= FEW else min(int(engine["workers"]), _cores())
    with _processes(workers) as executor:
        return {row["check"]: made for row, made in zip(rows, each(tasks, executor), strict=True)}


def each(tasks: Sequence[Task], executor: Executor | None) -> list[Drawing]:
    """Return the figures in their order; without an executor, or where its processes die, they are drawn here."""
    if executor is not None:
        with contextlib.suppress(BrokenProcessPool, OSError):
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # a process that starts must not hear it
            try:
                drawn = executor.map(_one, tasks, chunksize=_SHARE)  # all processes start here
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            return list(drawn)
    return [_one(task) for task in tasks]


def _one(task: Task) -> Drawing:
    return draw(*task)


def _lean(row: Row) -> Row:
    """Return what a figure reads of a record."""
    return {name: value for name, value in row.items() if name != "statistics"}


@contextlib.contextmanager
def _processes(workers: int) -> Iterator[Executor | None]:
    """Yield an executor of copies of this process, which have all packages; None where copies are not safe or not useful."""
    safe = sys.platform == "linux" and threading.active_count() == 1 and not any(map(sys.modules.get, FORKS_BADLY))
    if workers < 2 or not safe:
        yield None
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, context, initializer=_end_with, initargs=(os.getpid(),)) as executor:
        yield executor


def _end_with(parent: int) -> None:
    """End this process soon after its parent, however that one ended; Ctrl-C is for the parent alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
