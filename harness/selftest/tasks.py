"""Work of the selftest is a list of named tasks; where it is done and in which order leaves no trace in the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any

import cloudpickle

from harness.engine.run import Progress


@dataclass(frozen=True)
class Task:
    """``call(*arguments)`` under a name; ``cost`` puts the long ones first."""

    name: str
    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    cost: float = 0.0


def do(tasks: Sequence[Task], executor: Callable[[], Executor], workers: int, progress: Progress) -> list[Any]:
    """Return the results in the order of the tasks; the first exception ends everything."""
    order = sorted(range(len(tasks)), key=lambda i: -tasks[i].cost)
    results: list[Any] = [None] * len(tasks)
    waiting: dict[Future[Any], int] = {}
    done = 0
    while order or waiting:
        while order and len(waiting) < 2 * workers:
            i = order.pop(0)
            packed = cloudpickle.dumps((tasks[i].call, tasks[i].arguments))
            waiting[executor().submit(unpack, packed)] = i
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in finished:
            i = waiting.pop(future)
            results[i] = future.result()
            done += 1
            progress(tasks[i].name, done, len(tasks))
    return results


def unpack(packed: bytes) -> Any:
    """Do what was packed; cloudpickle carries what a test module defined."""
    call, arguments = cloudpickle.loads(packed)
    return call(*arguments)
