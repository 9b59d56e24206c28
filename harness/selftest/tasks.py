"""Work of the selftest is a list of named tasks; where it is done and in which order leaves no trace in the results.

One that raises, or kills its worker, is told and the rest goes on; an interruption keeps what is finished.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from harness.engine.pool import Lost, Progress, Task, results

__all__ = ["Done", "Task", "do"]

BAR = 1000
"""Parts that the work is told in, as the tasks' costs differ by a factor of a million."""


@dataclass
class Done:
    """Results in the order of the tasks, None where there is none; why by name where a task broke; an interruption."""

    results: list[Any]
    broken: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False


def do(tasks: Sequence[Task], executor: Callable[[], Executor], workers: int, progress: Progress) -> Done:
    """Do the tasks, the dearest first (``cost`` in CPU-seconds, about); ``progress`` is told the share of their cost."""
    done = Done([None] * len(tasks))
    places = {id(task): i for i, task in enumerate(tasks)}
    total, spent = sum(task.cost for task in tasks) or 1.0, 0.0
    try:
        for task, result in results(tasks, executor, workers):
            if isinstance(result, Lost):
                done.broken[task.key] = result.words
            else:
                done.results[places[id(task)]] = result
            spent += task.cost
            progress(task.key, round(BAR * spent / total), BAR)
    except KeyboardInterrupt:
        done.interrupted = True
    return done
