"""Points are ordered from easy to hard; steps double until one is refuted, and halve between the two ends then."""

from __future__ import annotations

from collections.abc import Callable

from harness.envelope.trial import Outcome


def search(points: int, powered: int, at: Callable[[int], Outcome]) -> dict[int, Outcome]:
    """Return what was found at the points that were tried, among 0..points - 1.

    The first ``powered`` ones can be verified; beyond them the last one is tried as well, which can only refute. What
    is right at a point is taken to be right at all easier ones.
    """
    found: dict[int, Outcome] = {}
    for point in [*ladder(powered), points - 1]:
        if point not in found and point >= 0:
            found[point] = at(point)
            if found[point].refuted:
                break
    good, bad = last_good(found), first_bad(found)
    while bad is not None and bad - good > 1:
        middle = (good + bad) // 2
        found[middle] = at(middle)
        good, bad = (good, middle) if found[middle].refuted else (middle, bad)
    return found


def ladder(points: int) -> list[int]:
    """Return 0, 1, 2, 4, ... and the last of so many points."""
    steps = [0, *(2**power for power in range(points.bit_length()))]
    return [*(step for step in steps if step < points - 1), *([points - 1] if points else [])]


def first_bad(found: dict[int, Outcome]) -> int | None:
    """Return the easiest point that was refuted."""
    return min((point for point, outcome in found.items() if outcome.refuted), default=None)


def last_good(found: dict[int, Outcome]) -> int:
    """Return the hardest point that was not refuted and is easier than any that was; -1 if there is none."""
    bad = first_bad(found)
    return max((p for p, outcome in found.items() if not outcome.refuted and (bad is None or p < bad)), default=-1)


def last_verified(found: dict[int, Outcome]) -> int | None:
    """Return the hardest point whose silence meant something, easier than any that was refuted."""
    bad = first_bad(found)
    silent = [p for p, o in found.items() if o.powered and not o.refuted and (bad is None or p < bad)]
    return max(silent, default=None)
