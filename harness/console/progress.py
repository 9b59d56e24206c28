"""Progress goes to standard error: on a terminal what is being done, how far and about how long still; else a short line.

What is told is the phase that a task belongs to, how many of its tasks are done, and the rest of this phase at the pace so
far. Tasks are begun with the dearest, so that the rest is rather too long than too short.
"""

from __future__ import annotations

import contextlib
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

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
Report = Callable[[str, int, int], None]


def phase(key: str) -> str:
    """Return the phase that a task of a run belongs to."""
    found = re.search(r"#(-?\d+)\.\d+$", key)
    return PHASES.get(found[1] if found else "0", "")


@contextlib.contextmanager
def progress(named: Callable[[str], str] = phase) -> Iterator[Report]:
    """Yield the function that a run calls with what was done, how many are done and how many there are in this phase.

    ``named`` returns the phase of what was done.
    """
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


class _Lines:
    """A plain line now and then; ``__call__`` is what a run tells, ``beat`` says that nothing was told for long."""

    def __init__(self, named: Callable[[str], str]) -> None:
        self._named = named
        self._heard = self._said = self._first = time.monotonic()
        self._phase, self._begun, self._done, self._total = "", 0, 0, 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take what was done; say it if it is the last of its phase or the last line is old."""
        now, here = time.monotonic(), self._named(what)
        if here != self._phase:
            self._first, self._begun = (self._heard if self._phase else self._first), done - 1
        self._heard, self._phase, self._done, self._total = now, here, done, total
        if done == total or now - self._said >= INTERVAL:
            self._say(rest(now - self._first, done - self._begun, total - done))

    def beat(self) -> None:
        """Say for how long nothing was told, if that is long."""
        if time.monotonic() - max(self._heard, self._said) >= SILENCE and self._done < self._total:
            self._say(f", the last of them {time.monotonic() - self._heard:.0f} s ago")

    def _say(self, more: str) -> None:
        self._said = time.monotonic()
        words = f"{self._phase}: {self._done} of {self._total} done{more}"
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


def rest(spent: float, done: int, left: int) -> str:
    """Return about how long what is left takes, at the pace so far, in words; empty where nothing is left or known."""
    if done < 1 or left < 1:
        return ""
    seconds = spent / done * left
    return f", about {seconds:.0f} s left" if seconds < 90 else f", about {seconds / 60:.0f} min left"


@contextlib.contextmanager
def _bar(named: Callable[[str], str]) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(*_columns(console.width), console=console, transient=True) as bar:
        task, before = bar.add_task("begins", total=None, what=""), "begins"

        def report(what: str, done: int, total: int) -> None:
            nonlocal before
            if named(what) != before:
                before = named(what)
                bar.reset(task, description=before, total=total)
            bar.update(task, completed=done, total=total, what=shown(what, 200))

        yield report


def _columns(width: int) -> list[Any]:
    from rich.progress import BarColumn, MofNCompleteColumn, Task, TextColumn, TimeRemainingColumn
    from rich.table import Column
    from rich.text import Text

    class Rest(TimeRemainingColumn):
        def render(self, task: Task) -> Text:
            known = task.time_remaining is not None
            return Text(f"{super().render(task).plain} left" if known else "")

    phase = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    told: list[Any] = [phase, MofNCompleteColumn(), Rest(compact=True)]
    if width < NARROW:
        return told
    name = TextColumn("{task.fields[what]}", markup=False, style="dim",
                      table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))  # fmt: skip
    return [phase, BarColumn(bar_width=20), *told[1:], name]
