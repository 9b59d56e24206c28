"""What commands share: how they end when the user's input cannot be used."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from harness.errors import UsageError


def positive(name: str, value: int) -> int:
    """Return a positive option; raises UsageError."""
    if value < 1:
        raise UsageError(f"{name} must be at least 1, got {value}")
    return value


def usage(error: UsageError) -> NoReturn:
    """Say what was wrong and end with status 2."""
    click.echo(f"gumbel-harness: {error}", err=True)
    sys.exit(2)
