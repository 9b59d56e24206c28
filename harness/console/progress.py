"""Progress goes to standard error: a live bar on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from harness.text import shown

INTERVAL = 5.0
"""Seconds between plain lines."""


@contextlib.contextmanager
def progress(unit: str = "shards") -> Iterator[Callable[[str, int, int], None]]:
    """Yield the function that the run calls with what was done, how many are done and how many there are in this look."""
    if sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines(unit)


def _lines(unit: str) -> Callable[[str, int, int], None]:
    last = time.monotonic()

    def report(what: str, done: int, total: int) -> None:
        nonlocal last
        if done == total or time.monotonic() - last >= INTERVAL:
            last = time.monotonic()
            print(f"{done} of {total} {unit} done, last {shown(what, 200)}", file=sys.stderr, flush=True)

    return report


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=shown(what, 200))

        yield report
