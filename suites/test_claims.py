"""The whole plan as tests, one a check: ``pytest --pyargs suites -n auto --dist loadgroup``."""

from __future__ import annotations

from typing import Any

import harness


@harness.parametrize_with_checks()
def test_claims(check: Any) -> None:
    """A check gives the verdict that its claims deserve."""
    check()
