"""The functions of scipy.special, which is imported when the first of them is asked for: it takes longer than the rest."""

from __future__ import annotations

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """Return a function of scipy.special, and keep it here; raises AttributeError for what is none."""
    if name.startswith("__"):
        raise AttributeError(name)
    globals()[name] = found = getattr(importlib.import_module("scipy.special"), name)
    return found
