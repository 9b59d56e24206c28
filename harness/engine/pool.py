"""One loop over tasks for all that runs any: whatever becomes of one, the others go on and what is finished is kept."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Any

import cloudpickle

from harness.engine.limits import KILLED, TOO_MUCH
from harness.interrupts import described, users

Progress = Callable[[str, int, int], None]
"""``progress(what, done, total)`` is told after every finished task."""

MEMORY = 4 * 2**30
"""Bytes by which one task of a guest may make its worker grow."""


def silent(*told: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Task:
    """``call(*arguments)`` under a key; the dearest of a list, by ``cost`` in any unit, are begun first.

    ``guest`` names the sampler of others whose code it runs: such a task shares no process with those of other names.
    """

    key: str
    call: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    cost: float = 0.0
    guest: str = ""


@dataclass(frozen=True)
class Lost:
    """Stands for the result of a task that has none: it raised or, if ``killed``, its worker died of it; why, in words."""

    words: str
    killed: bool = False


def results(
    tasks: Sequence[Task], executor: Callable[[], Executor], workers: int, progress: Progress = silent
) -> Iterator[tuple[Task, Any]]:
    """Yield each task with its result, or with Lost, as they finish; ``executor`` is what ``open_engine`` yields.

    A task whose worker died is done again when the others are done, with nothing beside it: a worker that dies both times
    was killed by the task. On KeyboardInterrupt what is finished is yielded before it goes on.
    """
    one = getattr(executor(), "ahead", 0) == 1  # of many guests, each has its process for a while
    left = deque(sorted(tasks, key=lambda task: (task.guest if one else "", -task.cost)))
    for done, (task, result) in enumerate(_finished(left, executor, workers), 1):
        yield task, result
        progress(task.key, done, len(tasks))


def _finished(left: deque[Task], executor: Callable[[], Executor], workers: int) -> Iterator[tuple[Task, Any]]:
    waiting: dict[Future[Any], Task] = {}
    suspects: list[Task] = []
    try:
        while left or waiting:
            with contextlib.suppress(BrokenExecutor):  # it broke since it was asked for; the next one is fresh
                pool = executor()
                while left and len(waiting) < getattr(pool, "ahead", 2 * workers):
                    waiting[_submitted(left[0], pool)] = left[0]
                    left.popleft()
            wait(waiting, return_when=FIRST_COMPLETED)
            for future in [one for one in waiting if one.done()]:
                task = waiting.pop(future)
                if isinstance(future.exception(), BrokenExecutor):
                    suspects.append(task)
                else:
                    yield task, _result(future)
        for task in suspects:
            yield task, _alone(task, executor())
    except KeyboardInterrupt:
        for future, task in waiting.items():
            if future.done() and not isinstance(future.exception(), BrokenExecutor):
                yield task, _result(future)
        raise
    finally:
        for future in waiting:
            future.cancel()


def _alone(task: Task, executor: Executor) -> Any:
    try:
        return _result(_submitted(task, executor))
    except BrokenExecutor as error:
        greedy = f"EXIT({TOO_MUCH})" in str(error)
        why = f": it took more than {MEMORY / 2**30:g} GiB" if greedy else ""
        return Lost(f"{KILLED}{why}", killed=True)


def _submitted(task: Task, executor: Executor) -> Future[Any]:
    try:
        packed = cloudpickle.dumps((task.call, task.arguments))
    except Exception as error:
        future: Future[Any] = Future()
        future.set_result(Lost(f"cannot be sent to a worker: {described(error)}"))
        return future
    return executor.submit(do, packed, guest=task.guest)


def do(packed: bytes, *, guest: str = "") -> Any:
    """Do what was packed, by value where a worker could not import it; whatever it raises is its result, as Lost.

    ``guest`` is for executors, to choose a process by.
    """
    try:
        call, arguments = cloudpickle.loads(packed)
        return call(*arguments)
    except BaseException as error:
        if users(error):
            raise
        return Lost(described(error))


def _result(future: Future[Any]) -> Any:
    """Return what a finished task has to show; raises BrokenExecutor if its worker died."""
    error = future.exception()
    if isinstance(error, BrokenExecutor):
        raise error
    return Lost(described(error)) if error else future.result()
