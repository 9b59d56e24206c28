"""What a user may set for a run, checked where it enters; the same values always give the same plan."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import UsageError

PROFILES = {"quick": 0.01, "full": 0.002}
"""Profiles and the tolerance (total variation, KS distance) that each stands for."""

LOOKS = ((1 / 64, 0.1), (1.0, 0.9))
"""Looks at the data: share of the designed draws, share of the check's alpha. The shares of alpha add up to 1, so by the
union bound a check that is judged at every look still errs with probability alpha at most."""

EARLY, LATE = 0.25, 0.75
"""The shares of a check's beta for what it may miss by being settled early (``methods.curtailed``), and with all draws."""
ORDINARY = 1e-3
"""A p-value up to which no check is settled early, whatever it would have exposed: what looks odd is drawn to the end."""


@dataclass(frozen=True)
class Options:
    """Options of a run: ``alpha`` is for the whole plan, ``beta`` for each check, ``tolerance`` in each check's unit.

    Alpha is split over ``capacity`` checks, used or not, so that one more sampler changes no old threshold; no user sets
    it: a plan of more checks doubles it until all have room, and asks for its checks anew at the smaller level.

    A guest that is refuted at the first look is drawn no further in any case, unless ``keep_going``.
    """

    tolerance: float = PROFILES["quick"]
    alpha: float = 1e-6
    beta: float = 1e-3
    seed: int = 0
    profile: str = "quick"
    keep_going: bool = False
    capacity: int = 4096

    @property
    def level(self) -> float:
        """The level that one check is held to: whatever designs a size designs it for this."""
        return self.alpha / self.capacity

    def __post_init__(self) -> None:
        _between("tolerance", self.tolerance, 1e-7, 0.5)
        _between("alpha", self.alpha, 1e-200, 0.5)
        _between("beta", self.beta, 1e-12, 0.5)
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise UsageError(f"seed must be a non-negative integer, got {self.seed!r}")
        if self.profile not in PROFILES:
            raise UsageError(f"profile must be one of {', '.join(PROFILES)}, got {self.profile!r}")


def _between(name: str, value: float, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UsageError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")
