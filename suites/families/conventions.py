"""Truncated draws against the laws of the declared convention and, where these fail, against all that are known."""

from __future__ import annotations

from dataclasses import replace

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws.conventions import NAMED
from harness.methods import OneOf
from harness.questions.case import Case
from harness.questions.precision import rounded


def one_of(case: Case, dtype: str) -> OneOf:
    """Return the test of the laws that the declared convention allows in a case."""
    return OneOf(case.laws_of(rounded(case.logits, dtype)), _rivals(case, dtype))


def _rivals(case: Case, dtype: str) -> dict[str, tuple[Floats, ...]]:
    """Return the laws of the conventions known by name that have all stages of the case."""
    found: dict[str, tuple[Floats, ...]] = {}
    for name, convention in NAMED.items():
        if convention == case.terms.convention:
            continue
        other = replace(case, terms=replace(case.terms, convention=convention))
        try:
            found[name] = other.laws_of(rounded(case.logits, dtype))
        except UsageError:  # it has no such stage
            continue
    return found
