"""Claims of the document 'density'."""

from __future__ import annotations

from harness.check import Claim
from harness.options import Options


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    return ()
