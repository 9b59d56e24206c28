"""Controls: samplers that are wrong on purpose, each with its reason and its source."""

from __future__ import annotations

from harness.content import Control


def controls() -> tuple[Control, ...]:
    """Return all controls."""
    return ()
