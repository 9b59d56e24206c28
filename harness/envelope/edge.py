"""An edge is a row of envelope.csv: the hardest point that was verified, the easiest that was refuted, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.envelope.search import first_bad, last_verified, search
from harness.envelope.trial import STEPS, Effort, Trial, tried
from harness.samplers.registry import Sampler

BROKEN = "broken: "
"""How ``Edge.how`` begins where a search came to no end."""


@dataclass(frozen=True)
class Edge:
    """Where a sampler stops being right in one quantity; None where no point was verified, or none refuted."""

    sampler: str
    dtype: str
    quantity: str
    unit: str
    last_verified: float | None
    first_refuted: float | None
    n: int
    alpha: float
    seconds: float
    how: str

    @property
    def broken(self) -> str:
        """Why the search came to no end; empty if it did."""
        return self.how.removeprefix(BROKEN) if self.how.startswith(BROKEN) else ""


@dataclass(frozen=True)
class Quantity:
    """What is searched: ``points(sampler, effort)`` from easy to hard, and the trial at a point; for forms in ``emits``.

    ``points`` returns the values and how many of them, from the first, can be verified within the effort.
    """

    name: str
    unit: str
    emits: tuple[str, ...]
    points: Callable[[Sampler, Effort], tuple[Sequence[float], int]]
    trial: Callable[[Sampler, str, float, Effort], Trial]
    how: str

    def form(self, sampler: Sampler) -> str | None:
        """Return the form of the sampler that is tried, its first that fits."""
        return next((emits for emits in sampler.forms if emits in self.emits), None)

    def edges(self, sampler: Sampler, effort: Effort) -> list[Edge]:
        """Search one sampler; no edge if it has no form for it."""
        form = self.form(sampler)
        if form is None:
            return []
        values, powered = self.points(sampler, effort)
        found = search(len(values), powered, lambda i: tried(self.trial(sampler, form, values[i], effort), effort))
        assert len(found) <= STEPS, "more points than alpha was split over"
        verified, bad = last_verified(found), first_bad(found)
        shown = bad if bad is not None else verified
        words = found[bad].refuted if bad is not None else "no point within the effort was refuted"
        return [
            Edge(
                sampler.name,
                sampler.dtype,
                self.name,
                self.unit,
                None if verified is None else values[verified],
                None if bad is None else values[bad],
                found[shown].n if shown is not None else 0,
                effort.alpha,
                sum(outcome.seconds for outcome in found.values()),
                f"{self.how}; {words}",
            )
        ]
