"""Progress goes to standard error: on a terminal what is being done, how far and about how long still; else a short line.

What is told is the phase that a task belongs to, how many of its tasks are done, and how long the rest of this phase takes
at the pace so far: by the share of the expected work that is left, where that is known, else by the number of tasks.
"""

from __future__ import annotations

import contextlib
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from harness.text import shown

INTERVAL = 5.0
"""Seconds between plain lines."""
SILENCE = 30.0
"""Seconds without a word after which one says that the run is still there."""
NARROW = 72
"""Columns below which a bar and the task's name are left out."""
PHASES = {
    "-1": "1/3 one draw of each guest",
    "0": "2/3 first draws, computations",
    "1": "3/3 all draws",
    "2": "3/3 what is not settled yet",
}
"""Phases of a run by the look, or stage, that ends the key of a piece of drawing; a computation belongs to the second."""


class Report(Protocol):
    """What a run calls after every task: what was done, how many of how many, and which share of the work is left."""

    def __call__(self, what: str, done: int, total: int, left: float | None = None) -> None:
        """Show it."""


def phase(key: str) -> str:
    """Return the phase that a task of a run belongs to."""
    found = re.search(r"#(-?\d+)\.\d+$", key)
    return PHASES.get(found[1] if found else "0", "")


@contextlib.contextmanager
def progress(named: Callable[[str], str] = phase) -> Iterator[Report]:
    """Yield the function that a run calls after every task; ``named`` returns the phase of what was done."""
    if sys.stderr.isatty():
        with _bar(named) as report:
            yield report
    else:
        with _beating(_Lines(named)) as report:
            yield report


@contextlib.contextmanager
def stage(words: str) -> Iterator[None]:
    """Show on a terminal what takes a while and cannot be counted; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(words):
        yield


class _Pace:
    """Which phase is under way, since when, and how long its rest takes; a phase may have parts that count anew."""

    def __init__(self, named: Callable[[str], str]) -> None:
        self._named = named
        self.phase, self._done, self._begun = "", 0, 0
        self._first = self._heard = time.monotonic()

    def __call__(self, what: str, done: int, total: int, left: float | None) -> tuple[bool, float | None]:
        """Take what was done; tell if a phase or a part of one begins with it, and the seconds left if they are known."""
        here = self._named(what)
        begins = here != self.phase or done <= self._done
        if begins:
            self._first, self._begun = (self._heard if self.phase else self._first), done - 1
        self.phase, self._done, self._heard = here, done, time.monotonic()
        spent = self._heard - self._first
        if left is None:
            return begins, rest(spent, done - self._begun, total - done)
        return begins, rest(spent, 1 - left, left)


class _Lines:
    """A plain line now and then; ``__call__`` is what a run tells, ``beat`` says that nothing was told for long."""

    def __init__(self, named: Callable[[str], str]) -> None:
        self._pace = _Pace(named)
        self._heard = self._said = time.monotonic()
        self._done, self._total = 0, 0

    def __call__(self, what: str, done: int, total: int, left: float | None = None) -> None:
        """Take what was done; say it if it is the last of its phase or the last line is old."""
        _, seconds = self._pace(what, done, total, left)
        self._heard, self._done, self._total = time.monotonic(), done, total
        if done == total or self._heard - self._said >= INTERVAL:
            self._say(f", about {_words(seconds)} left" if seconds is not None else "")

    def beat(self) -> None:
        """Say for how long nothing was told, if that is long."""
        if time.monotonic() - max(self._heard, self._said) >= SILENCE and self._done < self._total:
            self._say(f", the last of them {time.monotonic() - self._heard:.0f} s ago")

    def _say(self, more: str) -> None:
        self._said = time.monotonic()
        words = f"{self._pace.phase}: {self._done} of {self._total} done{more}"
        print(shown(words, 200), file=sys.stderr, flush=True)


@contextlib.contextmanager
def _beating(lines: _Lines) -> Iterator[Report]:
    """Let lines beat meanwhile: a dear draw may take a minute, in which nothing is done."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(INTERVAL):
            lines.beat()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield lines
    finally:
        ended.set()
        thread.join()


def rest(spent: float, done: float, left: float) -> float | None:
    """Return about how many seconds what is left takes, at the pace so far; None where nothing is left or known."""
    return spent / done * left if done > 0 and left > 0 else None


def _words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


@contextlib.contextmanager
def _bar(named: Callable[[str], str]) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(*_columns(console.width), console=console, transient=True) as bar:
        task, pace = bar.add_task("begins", total=None, what="", ends=None), _Pace(named)

        def report(what: str, done: int, total: int, left: float | None = None) -> None:
            begins, seconds = pace(what, done, total, left)
            if begins:
                bar.reset(task, description=pace.phase, total=total)
            ends = None if seconds is None else time.monotonic() + seconds
            bar.update(task, completed=done, total=total, what=shown(what, 200), ends=ends)

        yield report


def _columns(width: int) -> list[Any]:
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn
    from rich.table import Column
    from rich.text import Text

    class Rest(ProgressColumn):
        def render(self, task: Task) -> Text:
            ends = task.fields["ends"]
            return Text("" if ends is None else f"{_words(max(0.0, ends - time.monotonic()))} left", style="cyan")

    phase = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    told: list[Any] = [phase, MofNCompleteColumn(), Rest()]
    if width < NARROW:
        return told
    name = TextColumn("{task.fields[what]}", markup=False, style="dim",
                      table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))  # fmt: skip
    return [phase, BarColumn(bar_width=20), *told[1:], name]
