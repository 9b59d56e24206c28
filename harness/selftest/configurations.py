"""Checks of one method, one law and one n are one configuration: measured once, stated for each of them."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from harness.methods.null import null
from harness.options import LOOKS
from harness.questions.check import Check, Method
from harness.questions.plan import Plan, size_of
from harness.verdict import Verdict

UNKNOWN = 1.5e-3
"""What a replicate takes of a method that does not say what it costs."""


@dataclass(frozen=True, eq=False)
class Configuration:
    """A method at its designed n, and the checks that it stands for; the first one also names its streams.

    ``right`` says whether the first check's sampler has the law that the method holds it against: a check that bears on
    a claim which deserves to be refuted does not.
    """

    method: Method
    n: int
    checks: tuple[Check, ...]
    right: bool = True

    @property
    def name(self) -> str:
        """The name of its first check."""
        return self.checks[0].name

    @property
    def looks(self) -> tuple[int, ...]:
        """Draws up to each look."""
        return tuple(math.ceil(self.n * share) for share, _ in LOOKS)

    @cached_property
    def seconds(self) -> float:
        """CPU-seconds of a replicate, about: they only decide what is tried, how often, and what comes first."""
        cost: float = self.method.cost(self.n) if hasattr(self.method, "cost") else UNKNOWN
        return cost


def configurations(plan: Plan) -> list[Configuration]:
    """Return the distinct configurations of a plan's sampled checks, in its order."""
    found: dict[str, list[Check]] = {}
    sizes: dict[str, int] = {}
    for check in plan.checks:
        if check.method is None:
            continue
        n = designed(check, plan)
        key = f"{fingerprint(check.method)}/{n}"
        if null(check.method, n) is None:
            key = f"{key}/{check.name}"
        found.setdefault(key, []).append(check)
        sizes[key] = n
    wrong = {claim.id for claim in plan.claims if claim.expect is not Verdict.VERIFIED}
    return [_configuration(checks, sizes[key], wrong) for key, checks in found.items()]


def spread(found: Iterable[Configuration], most: int) -> list[Configuration]:
    """Return the cheapest, some between and the dearest, in this order, ``most`` of them at most."""
    rising = sorted(found, key=lambda one: (one.seconds, one.name))
    picked = np.unique(np.linspace(0, len(rising) - 1, min(most, len(rising))).round().astype(int))
    return [rising[i] for i in picked]


def _configuration(checks: Sequence[Check], n: int, wrong: set[str]) -> Configuration:
    """Put first a check whose draws are right ones, of the cheapest scenario."""

    def order(check: Check) -> tuple[bool, int, str]:
        return not _is_right(check, wrong), check.scenarios[0].case.logits.size, check.name

    first = min(checks, key=order)
    assert first.method is not None
    rest = (check for check in checks if check is not first)
    return Configuration(first.method, n, (first, *rest), _is_right(first, wrong))


def _is_right(check: Check, wrong: set[str]) -> bool:
    return check.judges or not wrong.intersection(check.claims)


def designed(check: Check, plan: Plan) -> int:
    """Return the draws that the check asks for in its plan."""
    return size_of(check, plan.options)


def fingerprint(method: Method) -> str:
    """Return a name of a method's type and parameters; what a figure shows does not count."""
    parts = [type(method).__name__]
    fields: list[str] = [field.name for field in dataclasses.fields(method)] if dataclasses.is_dataclass(method) else []
    parts += [
        f"{name}={_text(getattr(method, name))}" for name in fields if name not in ("exhibit", "axes", "name", "unit")
    ]
    return " ".join(parts)


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return hashlib.blake2b(np.ascontiguousarray(value).tobytes(), digest_size=16).hexdigest() + str(value.shape)
    if isinstance(value, dict):
        return str({name: _text(item) for name, item in value.items()})
    return repr(value)
