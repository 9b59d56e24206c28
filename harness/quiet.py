"""Standard output belongs to the results: what a sampler prints goes to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def prints_aside() -> Iterator[None]:
    """Send what is printed meanwhile to standard error."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


def output_aside() -> None:
    """Send whatever this process writes to standard output from now on, compiled code included, to standard error."""
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
