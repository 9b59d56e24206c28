"""A density is right if its integrals over cells are the probabilities with which draws fall into them."""

from __future__ import annotations

from collections.abc import Iterable

from harness.case import Case
from harness.check import Check
from harness.options import Options
from harness.registry import Sampler


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the cell checks of simplex draws in two and three categories."""
    return ()
