"""The cases, in the order in which a plan meets them: what is asked of every sampler, each with the reason why."""

from __future__ import annotations

from harness.questions.case import Case
from suites.cases.building import (
    DIE,
    L8,
    block,
    deep,
    flat,
    foot,
    head,
    heads,
    logits,
    masked,
    pairs,
    ragged,
    weights,
    zipf,
)
from suites.cases.listed import CASES
from suites.cases.rows import RANKINGS, SPECULATIVE
from suites.cases.truncated import TRUNCATED

__all__ = [
    "ALL", "CASES", "DIE", "L8", "RANKINGS", "SPECULATIVE", "TRUNCATED", "block", "case", "deep", "flat",
    "foot", "head", "heads", "logits", "masked", "pairs", "ragged", "weights", "zipf",
]  # fmt: skip

ALL: tuple[Case, ...] = (*CASES, *TRUNCATED, *RANKINGS, *SPECULATIVE)


def case(name: str) -> Case:
    """Return the case called ``name``; raises KeyError."""
    return {known.name: known for known in ALL}[name]
