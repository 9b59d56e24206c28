"""Controls: samplers that are wrong on purpose, each with its reason and its source; one file a family of bugs.

A file's ``CONTROLS`` are registered by standing here; ``making`` holds what several files share.
"""

from __future__ import annotations

from harness.questions.content import Control
from suites.scan import modules


def controls() -> tuple[Control, ...]:
    """Return all controls."""
    return tuple(control for family in modules("suites.controls", "CONTROLS") for control in family.CONTROLS)
