"""A case is one point at which samplers are tried: logits, perhaps a temperature or an observed category, and a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from harness.laws.ranking import Ranking, rankings
from harness.laws.truncation import truncated_laws
from harness.logits import check_logits, check_observed, check_temperature
from harness.options import PROFILES
from harness.samplers.terms import NO_TERMS, Terms

SLACK = 2.0**-24
"""A sum of K float32 probabilities is K of these off at most: a threshold that near may be met or missed."""


@dataclass(frozen=True)
class Case:
    """Logits by name, what emits them may be tried, and why the case earns its place.

    ``build`` returns the (K,) logits; it is called where it is needed, so that a case travels as a few bytes.
    ``temperature`` belongs to simplex draws, ``observed`` to the posterior of Gumbel draws, ``settings`` (name and value
    of each stage that is on) to truncated indices, ``k`` to rankings, ``drafts``, which returns the (g, K) logits of
    drafts and the (g + 1, K) of targets, to speculative steps; ``terms`` are those of the form that is tried.

    ``tolerance`` is a total variation coarser than the run's, declared here because the run's would cost too much;
    ``pooled`` likewise for groups of categories taken together. ``runs`` tells which runs have the case: "fine" ones,
    whose tolerance is the quick profile's or a finer one, "coarse" ones, or all. ``asks`` are the words of the suites (their
    ``ASKED``) that put their questions only to cases that ask for them.
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
    settings: tuple[tuple[str, float], ...] = ()
    k: int | None = None
    drafts: Callable[[], tuple[NDArray[np.float64], NDArray[np.float64]]] | None = None
    terms: Terms = NO_TERMS
    asks: tuple[str, ...] = ()

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
        given = {"temperature": self.temperature, "observed": self.observed, "k": self.k}
        return {**{name: value for name, value in given.items() if value is not None}, **dict(self.settings)}

    @property
    def words(self) -> str:
        """K and the parameters, for a sentence: "K = 6, temperature = 2"."""
        given = {"K": self.logits.size, **self.parameters}
        return ", ".join(
            f"{name} = {value:g}" if value % 1 else f"{name} = {value:.0f}" for name, value in given.items()
        )

    @cached_property
    def laws(self) -> tuple[NDArray[np.float64], ...]:
        """The laws (K,) that truncated draws may have: several where a threshold is too near, or ties are left open."""
        return self.laws_of(self.logits)

    def laws_of(self, logits: NDArray[np.float64], slack: float = SLACK) -> tuple[NDArray[np.float64], ...]:
        """Return the truncated laws of logits (K,) that were rounded to another type, with a slack for each category."""
        assert self.terms.convention is not None
        return truncated_laws(logits, self.terms.convention, slack=slack * logits.size, **dict(self.settings))

    @property
    def open(self) -> bool:
        """Whether more than one law is right."""
        return bool(self.settings) and len(self.laws) > 1

    @cached_property
    def kept(self) -> NDArray[np.bool_] | None:
        """(K,) whether any of the laws keeps a category; None for a law that is not truncated."""
        return np.logical_or.reduce([law > 0 for law in self.laws]) if self.settings else None

    def fits(self, emits: str, parameters: frozenset[str], terms: Terms) -> bool:
        """Tell whether a form that emits this on these terms and takes these parameters can be tried."""
        needed = {name for name, _ in self.settings} | ({"observed"} if self.observed is not None else set())
        listed = terms.ordered or self.k is None or rankings(self.logits.size, self.k) <= Ranking.most
        return emits in self.emits and needed <= parameters and listed

    def belongs(self, profile: str, tolerance: float) -> bool:
        """Tell whether a run of this profile and tolerance has the case."""
        order = list(PROFILES)
        wanted = "fine" if tolerance <= PROFILES["quick"] else "coarse"
        return order.index(self.profile) <= order.index(profile) and self.runs in ("all", wanted)

    def tolerance_for(self, tolerance: float) -> float:
        """Return the coarser of the run's tolerance and the case's own."""
        return max(tolerance, self.tolerance or 0.0)
