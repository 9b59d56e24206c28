"""What a guest's processes have started ends with the run, however that ends: a process beside the run sees to it.

The kernel ends workers with the run, but no program that they have started by ``exec``. All of them inherit a mark in their
environment; the warden, which runs this file, waits until the run has let go of it and ends whatever bears the mark.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

MARK = "GUMBEL_HARNESS_RUN"
"""The variable whose value a run's workers inherit, and with them all that they start."""
PATIENCE = 5.0
"""Seconds for which what bears the mark is looked for: a process may start others while it is ended."""
_PROC = Path("/proc")


class Warden:
    """Waits beside a run for its end; where there is no /proc it does nothing, and ``mark`` is a word like any other."""

    def __init__(self) -> None:
        self.mark = uuid.uuid4().hex
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self) -> None:
        """Begin to wait, if that is not done yet."""
        if self._process is None and (_PROC / "self" / "environ").exists():
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, self.mark],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # what ends us from a terminal must not end it before
            )

    def end(self) -> None:
        """End whatever still bears the mark, and wait until that is done."""
        if self._process is not None:
            self._process.communicate()


def bearing(mark: str) -> list[int]:
    """Return the processes that have inherited a mark."""
    word, found = f"{MARK}={mark}".encode(), []
    for folder in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if word in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def _wait(mark: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()  # until the run has closed its end, or is gone
    begun = time.monotonic()
    while (left := bearing(mark)) and time.monotonic() - begun < PATIENCE:
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


if __name__ == "__main__":
    _wait(sys.argv[1])
