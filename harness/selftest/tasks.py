"""Work of the selftest is a list of named tasks; where it is done and in which order leaves no trace in the results.

One that raises, or kills its worker, is told and the rest goes on; an interruption keeps what is finished.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

import cloudpickle

from harness.engine.run import Progress

BAR = 1000
"""Parts that the work is told in, as the tasks' costs differ by a factor of a million."""


@dataclass(frozen=True)
class Task:
    """``call(*arguments)`` under a name, never None; ``cost`` in CPU-seconds, about, puts the long ones first."""

    name: str
    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    cost: float = 0.0


@dataclass
class Done:
    """Results in the order of the tasks, None where there is none; why by name where a task broke; an interruption."""

    results: list[Any]
    broken: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False


def do(tasks: Sequence[Task], executor: Callable[[], Executor], workers: int, progress: Progress) -> Done:
    """Do the tasks, the dearest first; ``progress`` is told the share of their cost, in thousandths."""
    done = Done([None] * len(tasks))
    total = sum(task.cost for task in tasks) or 1.0
    spent = 0.0
    try:
        for i, result in _finished(tasks, executor, workers):
            if isinstance(result, BaseException):
                done.broken[tasks[i].name] = _words(result)
            else:
                done.results[i] = result
            spent += tasks[i].cost
            progress(tasks[i].name, round(BAR * spent / total), BAR)
    except KeyboardInterrupt:
        done.interrupted = True
        _end(executor)
    return done


def _end(executor: Callable[[], Executor]) -> None:
    """Kill what works on: a task may take minutes more, and nobody waits for it."""
    with contextlib.suppress(TypeError):  # only pools of processes can
        executor().shutdown(wait=False, kill_workers=True)  # type: ignore[call-arg]


def _finished(tasks: Sequence[Task], executor: Callable[[], Executor], workers: int) -> Iterator[tuple[int, Any]]:
    """Yield the place of each task as it finishes, with its result or what it raised.

    Those under way when a worker dies are done again alone: one of them may have killed it.
    """
    order = sorted(range(len(tasks)), key=lambda i: -tasks[i].cost)
    waiting: dict[Future[Any], int] = {}
    suspects: list[int] = []
    try:
        while order or waiting:
            while order and len(waiting) < 2 * workers:
                future = _submit(tasks[order[0]], executor)
                waiting[future] = order.pop(0)
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in [one for one in waiting if one in finished]:  # not in a set's order, which nobody knows
                i = waiting.pop(future)
                if isinstance(future.exception(), BrokenExecutor):
                    suspects.append(i)
                else:
                    yield i, _outcome(future)
        for i in suspects:
            yield i, _outcome(_submit(tasks[i], executor))
    except KeyboardInterrupt:
        for future, i in waiting.items():
            if future.done() and not isinstance(future.exception(), KeyboardInterrupt | BrokenExecutor):
                yield i, _outcome(future)
        raise
    finally:
        for future in waiting:
            future.cancel()


def _submit(task: Task, executor: Callable[[], Executor]) -> Future[Any]:
    packed = cloudpickle.dumps((task.call, task.arguments))
    try:
        return executor().submit(unpack, packed)
    except BrokenExecutor:  # it broke since it was asked for; the next one is fresh
        return executor().submit(unpack, packed)


def _outcome(future: Future[Any]) -> Any:
    error = future.exception()
    if error is None:
        return future.result()
    if not isinstance(error, Exception):
        raise error
    return error


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def unpack(packed: bytes) -> Any:
    """Do what was packed; cloudpickle carries what a test module defined."""
    call, arguments = cloudpickle.loads(packed)
    return call(*arguments)
