"""A verdict is one of three words and never a truth value."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Verdict(enum.StrEnum):
    """What the evidence allows one to say; ordered verified < inconclusive < refuted when several are combined."""

    VERIFIED = "verified"
    INCONCLUSIVE = "inconclusive"
    REFUTED = "refuted"

    def __bool__(self) -> bool:
        raise TypeError(f"the verdict {self.value!r} has no truth value; compare it with Verdict.VERIFIED")


GRAVITY = {Verdict.VERIFIED: 0, Verdict.INCONCLUSIVE: 1, Verdict.REFUTED: 2}
"""How grave a verdict is, for ordering and combining."""


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the gravest verdict; of none at all, inconclusive (no evidence is not a pass)."""
    return max(verdicts, key=lambda verdict: GRAVITY[verdict], default=Verdict.INCONCLUSIVE)


def deserved(expected: Iterable[Verdict]) -> Verdict:
    """Return what a check must say, from what its claims deserve: refuted if it bears on wrong claims alone."""
    wrong = set(expected) == {Verdict.REFUTED}
    return Verdict.REFUTED if wrong else Verdict.VERIFIED


def agrees(verdict: Verdict, expected: Verdict) -> bool:
    """Tell whether a verdict is the one deserved; an inconclusive one never is."""
    return verdict is expected


def contradicts(verdict: Verdict, expected: Verdict) -> bool:
    """Tell whether a verdict is the opposite of the one deserved; an inconclusive one says neither."""
    return verdict is not Verdict.INCONCLUSIVE and verdict is not expected
