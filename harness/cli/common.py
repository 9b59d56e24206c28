"""What commands share: how they end when the user's input cannot be used."""

from __future__ import annotations

from typing import NoReturn

from harness.cli.boundary import USAGE, end
from harness.errors import UsageError


def positive(name: str, value: int) -> int:
    """Return a positive option; raises UsageError."""
    if value < 1:
        raise UsageError(f"{name} must be at least 1, got {value}")
    return value


def usage(error: UsageError) -> NoReturn:
    """Say what was wrong and end with status 2."""
    end(str(error), USAGE)
