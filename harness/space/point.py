"""A point of the space that a sampler declares: logits, parameters, layout and calls, all rebuilt from its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws.conventions import STAGES
from harness.questions.case import Case
from harness.samplers.terms import NO_TERMS, Terms
from harness.space.drafts import tables
from harness.space.families import logits_of
from harness.space.masks import masked

WHY = "a random point of what the sampler declares"


@dataclass(frozen=True)
class Point:
    """One random case, and how the sampler is called there.

    ``k`` categories whose logits come from ``family`` in ``order`` under ``mask``, all drawn by NumPy with ``seed``;
    ``temperature`` belongs to simplex draws, ``observed`` to the posterior of Gumbel draws (-1: the prior); a temperature
    and the other stages (None: off) to truncated indices, ``m`` items to a ranking, ``drafts`` tokens from the tables that
    ``draft`` tells of to a speculative step. Draws are made in calls of ``call`` draws (0: the empty call), with logits in
    memory as ``layout``; ``rows`` is the size of a batch, 0 for a sampler of one row; ``door`` is "public" for the
    function, "prepared" for the prepared fill.
    """

    k: int
    family: str = "flat"
    order: str = "made"
    mask: str = "none"
    seed: int = 0
    temperature: float | None = None
    observed: int = -1
    call: int = 1
    rows: int = 0
    layout: str = "plain"
    door: str = "public"
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    typical_p: float | None = None
    epsilon: float | None = None
    top_n_sigma: float | None = None
    m: int = 0
    drafts: int = 0
    draft: str = "same"

    @cached_property
    def name(self) -> str:
        """K, the calls and what is not at its default, "k=7,family=normal-3,call=3": ``point_from`` rebuilds the point."""
        kept = [item.name for item in fields(self) if item.name == "call" or getattr(self, item.name) != item.default]
        return ",".join(f"{name}={_text(getattr(self, name))}" for name in kept)

    @property
    def logits(self) -> Floats:
        """The (K,) float64 logits."""
        made = logits_of(self.family, self.order, self.k, np.random.default_rng([self.seed, 0]))
        return masked(self.mask, made, np.random.default_rng([self.seed, 1]))

    @property
    def tables(self) -> tuple[Floats, Floats]:
        """The (drafts, K) and (drafts + 1, K) logits of a speculative step."""
        return _tables(self.name)

    @property
    def settings(self) -> tuple[tuple[str, float], ...]:
        """The stages of a truncated law that are on, in the order of ``STAGES``."""
        return tuple((stage, getattr(self, stage)) for stage in STAGES if getattr(self, stage) is not None)

    def case(self, emits: str, terms: Terms = NO_TERMS) -> Case:
        """Return the case of the point for a form on these terms; it builds its logits where they are needed."""
        return Case(
            self.name,
            WHY,
            partial(_logits, self.name),
            (emits,),
            self.temperature if emits == "simplex" else None,
            self.observed if emits == "gumbel" and self.observed >= 0 else None,
            settings=self.settings if emits == "index" else (),
            k=self.m if emits == "ranking" else None,
            drafts=partial(_tables, self.name) if emits == "speculative" else None,
            terms=terms,
        )

    def but(self, **changes: object) -> Point:
        """Return the point with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def point_from(name: str) -> Point:
    """Return the point of a name; raises UsageError for a name that is none."""
    whole = ("k", "seed", "observed", "call", "rows", "top_k", "m", "drafts")
    kinds: dict[str, Callable[[str], Any]] = {**dict.fromkeys(STAGES, float), **dict.fromkeys(whole, int)}
    try:
        pairs = [part.split("=") for part in name.split(",")]
        return Point(**{key: kinds.get(key, str)(value) for key, value in pairs})
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name!r} names no point; a name looks like k=7,family=normal-3,call=3") from error


@lru_cache(maxsize=2)
def _logits(name: str) -> Floats:
    logits = point_from(name).logits
    logits.setflags(write=False)
    return logits


@lru_cache(maxsize=2)
def _tables(name: str) -> tuple[Floats, Floats]:
    point = point_from(name)
    made = tables(point.logits, point.drafts, point.draft, np.random.default_rng([point.seed, 2]))
    for table in made:
        table.setflags(write=False)
    return made


def _text(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)
