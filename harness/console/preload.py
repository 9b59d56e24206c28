"""What the end of a run needs is imported while workers draw, by a thread that nobody waits for."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Sequence


def preload(names: Sequence[str]) -> threading.Thread:
    """Start to import modules and return the thread; one that cannot be imported says so where it is used."""
    thread = threading.Thread(target=_load, args=(tuple(names),), daemon=True)
    thread.start()
    return thread


def _load(names: Sequence[str]) -> None:
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
