"""A case is one point at which samplers are tried: logits, perhaps a temperature or an observed category, and a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from harness.logits import check_logits, check_observed, check_temperature
from harness.options import PROFILES


@dataclass(frozen=True)
class Case:
    """Logits by name, what emits them may be tried, and why the case earns its place.

    ``build`` returns the (K,) logits; it is called where it is needed, so that a case travels as a few bytes.
    ``temperature`` belongs to simplex draws, ``observed`` to the posterior of Gumbel draws. ``tolerance`` is a total
    variation coarser than the run's, declared here because the run's would cost too much; ``pooled`` likewise for groups
    of categories taken together. ``runs`` tells which runs have the case: "fine" ones, whose tolerance is the quick
    profile's or a finer one, "coarse" ones, or all.
    """

    name: str
    why: str
    build: Callable[[], NDArray[np.float64]]
    emits: tuple[str, ...] = ("index",)
    temperature: float | None = None
    observed: int | None = None
    tolerance: float | None = None
    pooled: float | None = None
    profile: str = "quick"
    runs: Literal["all", "fine", "coarse"] = "all"

    @cached_property
    def logits(self) -> NDArray[np.float64]:
        """The (K,) float64 logits, read-only."""
        logits = check_logits(self.build())
        logits.setflags(write=False)
        if self.temperature is not None:
            check_temperature(self.temperature)
        if self.observed is not None:
            check_observed(logits, self.observed)
        return logits

    def __getstate__(self) -> dict[str, Any]:
        """Leave the logits that were built behind: they are built again where they are needed."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @property
    def parameters(self) -> dict[str, float | int]:
        """The keyword arguments that a sampler gets beside logits, size and rng."""
        given = {"temperature": self.temperature, "observed": self.observed}
        return {name: value for name, value in given.items() if value is not None}

    def belongs(self, profile: str, tolerance: float) -> bool:
        """Tell whether a run of this profile and tolerance has the case."""
        order = list(PROFILES)
        wanted = "fine" if tolerance <= PROFILES["quick"] else "coarse"
        return order.index(self.profile) <= order.index(profile) and self.runs in ("all", wanted)

    def tolerance_for(self, tolerance: float) -> float:
        """Return the coarser of the run's tolerance and the case's own."""
        return max(tolerance, self.tolerance or 0.0)
