"""Figures show the numbers that were tested, within the exact ranges that the run folder keeps beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.drawing.arrays import Floats, matched
from reports.words import counted, number, plain

TOLERANCE = 1e-12
"""Sums of squares that the ledger wrote and read may differ by rounding from what they are held against."""


@dataclass(frozen=True, eq=False)
class Part:
    """Numbers (C,) that one law was tested on: what was seen, what is expected, and what the check's level allows."""

    names: list[str]
    observed: Floats
    expected: Floats
    low: Floats
    high: Floats
    error: Floats
    decides: bool
    of: int

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Tell which numbers lie outside of what is allowed."""
        slack = TOLERANCE * np.abs(self.observed)
        made: NDArray[np.bool_] = (self.observed < self.low - slack) | (self.observed > self.high + slack)
        return made

    def in_errors(self, counts: Floats) -> Floats:
        """Return counts as distances from what is expected, in standard errors."""
        return (counts - self.expected) / np.maximum(self.error, 1e-9)

    @property
    def ratio(self) -> Floats:
        """Return how far each number lies out, as a multiple of what is allowed on its side."""
        reach = np.where(self.observed < self.expected, self.expected - self.low, self.high - self.expected)
        made: Floats = np.abs(self.observed - self.expected) / np.maximum(reach, 0.5)
        return made

    @property
    def worst(self) -> int:
        """Return the index of the number that is farthest out: beyond its range, or nearest to its end."""
        return int(np.nanargmax(self.ratio))


def parts(exhibit: Mapping[str, Any], *laws: str) -> list[Part]:
    """Return what was tested, of some laws if any is named; raises ValueError if the run folder does not tell."""
    given = [part for part in exhibit.get("tested") or [] if not laws or part.get("law") in laws]
    made = [_part(part) for part in given]
    if not made or not all(part.observed.size for part in made):
        raise ValueError("the run folder does not tell what was tested; it was written by another version")
    return made


def _part(given: Mapping[str, Any]) -> Part:
    columns = [given.get(name) for name in ("observed", "expected", "low", "high")]
    observed, expected, low, high, error = matched(*columns, given.get("error") or columns[0])
    names = [plain(name) for name in given.get("name") or []][: observed.size]
    if len(names) < observed.size:
        raise ValueError("a number that was tested has no name")
    return Part(
        names, observed, expected, low, high, error, bool(given.get("decides")), int(given.get("of") or len(names))
    )


def joined(several: list[Part]) -> Part:
    """Return parts one after the other."""

    def column(name: str) -> Floats:
        return np.concatenate([getattr(part, name) for part in several])

    return Part(
        names=[name for part in several for name in part.names],
        observed=column("observed"),
        expected=column("expected"),
        low=column("low"),
        high=column("high"),
        error=column("error"),
        decides=any(part.decides for part in several),
        of=sum(part.of for part in several),
    )


def deciding(record: Mapping[str, Any]) -> list[Part]:
    """Return the parts on which the verdict rests; none where no chance is involved or no figure tells."""
    try:
        return [part for part in parts(record.get("exhibit") or {}) if part.decides]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []


def in_words(part: Part, what: str = "counts") -> str:
    """Say how many numbers are outside of what the check's level allows, and which one is the farthest out."""
    i, beyond = part.worst, int(part.outside.sum())
    alone = "" if part.decides else ", each alone"
    return (
        f"{beyond} of {number(len(part.names))} {what} shown{_left(part)} lie outside what α allows{alone}; the farthest "
        f"out is {part.names[i]}: {number(whole(part.observed[i]))} where {number(whole(part.expected[i]))} are expected "
        f"and {number(whole(part.low[i]))} to {number(whole(part.high[i]))} are allowed."
    )


def _left(part: Part) -> str:
    return f" (the farthest of {counted(part.of, 'tested cell')})" if part.of > len(part.names) else ""


def whole(value: float) -> float | int:
    """Return a count in full; what is expected of a great one is as good as whole."""
    whole = float(value).is_integer() or abs(value) >= 1000
    return round(float(value)) if whole and abs(value) < 2**53 else float(value)
