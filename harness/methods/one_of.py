"""Counts against a finite set of laws, any of which may be the sampler's: refuted only if every one of them is.

This is an intersection-union test [1]: each law is tested at the full alpha, and the largest p-value speaks, so that a
sampler which has one of the laws is refuted with probability alpha at most, whichever it has.

[1] R. L. Berger, Multiparameter hypothesis testing and acceptance sampling, Technometrics 24 (1982), theorem 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.methods.chi_square import ChiSquare
from harness.methods.later import Later
from harness.methods.null import Null, Table, seconds, unit
from harness.questions.check import REMARK, Evidence
from harness.statistics import Counts, Statistic

DOUBTFUL = 1e-6
"""A p-value below which it is told which rivals fit."""
SHOWN = 24
"""Categories that an exhibit keeps: those that are likeliest under any law."""
FITS = 1e-3
"""A p-value above which a rival fits."""


@dataclass(frozen=True, eq=False)
class OneOf:
    """``laws`` are (K,) probabilities; ``rivals`` are the laws of other conventions by name, for the diagnosis alone."""

    laws: tuple[Floats, ...]
    rivals: Mapping[str, tuple[Floats, ...]] = field(default_factory=dict)
    name: str = "chi-square"
    unit: str = "total variation"

    @cached_property
    def _tests(self) -> tuple[ChiSquare, ...]:
        return tuple(ChiSquare(law) for law in self.laws)

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the evidence against the law that fits best; it names the rivals that fit where this one does not."""
        (counts,) = statistics
        assert isinstance(counts, Counts)
        tried = [test.evidence(statistics, rng) for test in self._tests]
        best = max(tried, key=_fit)
        own = self.laws[next(i for i, one in enumerate(tried) if one is best)]
        if len(self.laws) > 1:
            best = replace(best, notes={**best.notes, "laws allowed": float(len(self.laws))})
        if _p(best) > DOUBTFUL:
            return replace(best, exhibit=Later(lambda: self._beside(best, own, counts, None)))
        fitting = [name for name, laws in self.rivals.items() if _fits(laws, counts, rng)]
        words = ", ".join(fitting) or "no other convention"
        impossible = (
            f"{best.impossible}; the counts fit {words}" if best.impossible and self.rivals else best.impossible
        )
        said = (
            {"conventions that fit": words, REMARK: f"draws, where its own convention is refuted, as under {words}"}
            if self.rivals
            else {}
        )
        exhibit = Later(lambda: self._beside(best, own, counts, fitting))
        return replace(best, impossible=impossible, notes={**best.notes, **said}, exhibit=exhibit)

    def _beside(self, best: Evidence, own: Floats, counts: Counts, fitting: list[str] | None) -> dict[str, Any]:
        """Return the exhibit: what was tested, and what each convention keeps and expects of the categories shown."""
        if not best.exhibit or not self.rivals:
            return dict(best.exhibit or {})
        rows = {"declared": own, **{name: _nearest(laws, counts) for name, laws in self.rivals.items()}}
        largest = np.max([*rows.values(), counts.counts / max(counts.n, 1)], axis=0)
        shown = np.sort(np.argsort(-largest, kind="stable")[:SHOWN])
        return {
            **best.exhibit,
            "kind": "laws",
            "shown": shown.tolist(),
            "observed": counts.counts[shown].tolist(),
            "laws": [
                {
                    "name": name,
                    "keeps": int((law > 0).sum()),
                    "probability": law[shown].tolist(),
                    "fits": None if fitting is None or name == "declared" else name in fitting,
                }
                for name, law in rows.items()
            ],
        }

    def null(self, n: int) -> Null:
        """Return what its statistics are for n draws of its law."""
        return Null(n, (Table(n, unit(self.laws[0])),), lambda size, tables: (Counts(size, tables[0]),))

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        return seconds(self.null(n), 0.0)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the total variation from every law that n draws expose; of a law of one category, a rate of others."""
        return max(_rate(n, beta) if _sure(law) else test.detectable(n, alpha, beta) for law, test in self._pairs)

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the largest n that one of the laws asks for."""
        return max(
            math.ceil(-math.log(beta) / tolerance) if _sure(law) else test.required(tolerance, alpha, beta)
            for law, test in self._pairs
        )

    @property
    def _pairs(self) -> tuple[tuple[Floats, ChiSquare], ...]:
        return tuple(zip(self.laws, self._tests, strict=True))


def _nearest(laws: tuple[Floats, ...], counts: Counts) -> Floats:
    """Return the law that lies nearest to the counts in total variation."""
    return min(laws, key=lambda law: float(np.abs(counts.counts / max(counts.n, 1) - law).sum()))


def _sure(law: Floats) -> bool:
    return bool((law > 0).sum() == 1)


def _rate(n: int, beta: float) -> float:
    """Return the rate of impossible draws that n draws show one of: (1 - r)^n <= exp(-r n) = beta."""
    return -math.log(beta) / max(n, 1)


def _p(evidence: Evidence) -> float:
    return 0.0 if evidence.impossible else 1.0 if evidence.p_value is None else evidence.p_value


def _fit(evidence: Evidence) -> tuple[bool, float, float]:
    """Order evidence by how well its law fits."""
    return not evidence.impossible, _p(evidence), -evidence.effect


def _fits(laws: tuple[Floats, ...], counts: Counts, rng: np.random.Generator) -> bool:
    return any(_p(ChiSquare(law).evidence((counts,), rng)) > FITS for law in laws)
