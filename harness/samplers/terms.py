"""The terms of a form are what its draws promise beside their shape (convention, order, rule), checked when declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.errors import UsageError
from harness.laws.conventions import NAMED, STAGES, Convention, convention_of
from harness.laws.speculative import RULES

TIED = frozenset({"top_k", "top_p"})
"""Stages at which ties matter."""


@dataclass(frozen=True)
class Terms:
    """``convention`` of truncated indices, ``ordered`` rankings or sets, ``rule`` of speculative steps; rows of a batch that
    are ``seeded``, or have parameters ``per_row``.
    """

    convention: Convention | None = None
    ordered: bool = True
    rule: str = ""
    seeded: bool = False
    per_row: bool = False


NO_TERMS = Terms()


def parameters_of(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of a function's parameters; none where Python knows no signature, as of some built-in types."""
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()


def stages_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the stages of a truncated law that a function has parameters for, in the order of ``STAGES``."""
    known = parameters_of(function)
    return tuple(stage for stage in STAGES if stage in known)


def terms_of(
    name: str,
    emits: str,
    function: Callable[..., Any],
    convention: str | Convention | None = None,
    ordered: bool = True,
    rule: str = "",
    seeded: bool = False,
    per_row: bool = False,
) -> Terms:
    """Return the terms of a form of sampler ``name``; raises UsageError where something is missing or out of place."""
    if convention is not None and emits != "index":
        raise UsageError(f"sampler {name!r}: a convention belongs to a sampler that emits index, not {emits}")
    if not ordered and emits != "ranking":
        raise UsageError(f"sampler {name!r}: ordered=False belongs to a sampler that emits ranking, not {emits}")
    if rule and emits != "speculative":
        raise UsageError(f"sampler {name!r}: a rule belongs to a sampler that emits speculative, not {emits}")
    if emits == "speculative" and rule not in RULES:
        words = f"got {rule!r}" if rule else "which must be given"
        raise UsageError(f"sampler {name!r} emits speculative: rule is one of {', '.join(RULES)}, {words}")
    if emits == "ranking" and "k" not in parameters_of(function):
        raise UsageError(f"sampler {name!r} emits ranking and takes no k: write def {name}(logits, size, *, rng, k)")
    stages = stages_of(function)
    if seeded and (emits != "index" or (stages and not per_row)):
        raise UsageError(
            f"sampler {name!r}: a seeded sampler emits index and takes logits, seeds and positions alone; "
            "with per_row=True also the parameters of its rows"
        )
    if per_row and (emits != "index" or not stages):
        raise UsageError(
            f"sampler {name!r}: per_row=True belongs to a sampler that emits index and takes any of {', '.join(STAGES)}"
        )
    return Terms(_convention(name, stages, convention) if emits == "index" else None, ordered, rule, seeded, per_row)


def _convention(name: str, stages: tuple[str, ...], given: str | Convention | None) -> Convention | None:
    if given is None:
        if len(stages) > 1 or TIED.intersection(stages):
            raise UsageError(
                f"sampler {name!r} takes {', '.join(stages)}, of which the field has several laws: "
                f"say which, convention= one of {', '.join(NAMED)}, or harness.Convention(order=...)"
            )
        return Convention(stages) if stages else None
    convention = convention_of(given)
    if not stages:
        raise UsageError(f"sampler {name!r} has a convention, and takes none of {', '.join(STAGES)}")
    for stage in stages:
        if stage not in convention.order:
            raise UsageError(
                f"sampler {name!r} takes {stage}, which its convention has not; it has {', '.join(convention.order)}"
            )
    return convention
