"""Standard output belongs to the results: what a sampler prints goes to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

_lock = threading.Lock()
_before: list[Any] = []
"""What standard output was when each of those came who are within ``prints_aside``."""


@contextlib.contextmanager
def prints_aside() -> Iterator[None]:
    """Send what is printed meanwhile to standard error; of several threads the last one to leave puts things back."""
    with _lock:
        _before.append(sys.stdout)
        sys.stdout = sys.stderr
    try:
        yield
    finally:
        with _lock:
            first = _before[0]
            _before.pop()
            if not _before:
                sys.stdout = first


def output_aside() -> None:
    """Send whatever this process writes to standard output from now on, compiled code included, to standard error."""
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
