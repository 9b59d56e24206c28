"""Uniforms against the uniform law: the supremum over bin edges, a lower bound of the full statistic, by Massart's bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Ints
from harness.methods.alternatives import Alternatives, Changes, changed, shifted
from harness.methods.curtailed import first_stage
from harness.methods.later import Later
from harness.methods.null import Null, Table, seconds
from harness.methods.tails import massart, massart_distance
from harness.questions.check import Evidence
from harness.statistics import Statistic, UniformBins
from harness.statistics.uniforms import DYADIC

SHOWN = 400
"""Points of a curve that a figure keeps."""
AS_CELLS = 100
"""Degrees of freedom of a chi-square that settles as late as Massart's inequality, which bounds both errors from above."""
MOST = 12
"""Coordinates whose curves a figure keeps, beside the worst one's."""


@dataclass(frozen=True)
class KolmogorovSmirnov:
    """Largest distance between empirical and uniform distribution function over d columns, Bonferroni over columns.

    What is detectable is the distance of one column that deviates, all others being right.
    Valid for every n by Massart's form of the DKW inequality; conservative by at most one bin's width.
    ``columns`` is d, ``bins`` the number of cells, ``repeats`` (d,) how many uniforms a draw adds to a column.
    """

    bins: int
    repeats: tuple[int, ...]
    name: str = "ks"

    @property
    def unit(self) -> str:
        """The unit of effect, detectable and tolerance: where columns pool coordinates, that of their mean law."""
        return f"KS distance{of_pooled(self.repeats)}"

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the largest standardised distance over columns with its p-value."""
        (uniforms,) = statistics
        assert isinstance(uniforms, UniformBins)
        if uniforms.outside.any():
            return Evidence(
                n=uniforms.n,
                impossible=f"{int(uniforms.outside.sum())} values are not within the support of the law",
            )
        totals = np.array([uniforms.n * repeat for repeat in self.repeats])
        edges = np.arange(1, self.bins) / self.bins
        differences = np.cumsum(uniforms.bins, axis=1)[:, :-1] / totals[:, None] - edges
        distances = np.abs(differences).max(axis=1, initial=0.0)
        p_values = [massart(float(d), int(n)) * len(self.repeats) for d, n in zip(distances, totals, strict=True)]
        worst = int(np.argmin(p_values)) if p_values else 0
        return Evidence(
            n=uniforms.n,
            statistic=float(distances[worst]),
            p_value=min(1.0, p_values[worst]),
            effect=float(distances[worst]),
            notes={"coordinate": float(worst)},
            seen=f"the distribution function of coordinate {worst} is {distances[worst]:.2g} off",
            exhibit=Later(lambda: self._figure(differences, totals, worst)),
        )

    def _figure(self, differences: Floats, totals: NDArray[np.int64], worst: int) -> dict[str, Any]:
        """Return the curves of some columns, the worst among them, and the distance that decides."""
        edges = np.arange(1, self.bins) / self.bins
        step = max(1, math.ceil(edges.size / SHOWN))
        shown = sorted({worst, *range(min(len(self.repeats), MOST))})
        peak = int(np.abs(differences[worst]).argmax())
        return {
            "kind": "ecdf",
            "u": edges[::step].tolist(),
            "difference": differences[shown, ::step].tolist(),
            "n": totals[shown].tolist(),
            "worst": shown.index(worst),
            "coordinates": len(self.repeats),
            "peak": [float(edges[peak]), float(differences[worst, peak])],
            "tested": [
                {"law": "massart", "decides": True, "name": [f"coordinate {worst}"], "tests": len(self.repeats),
                 "observed": [abs(float(differences[worst, peak]))], "trials": [int(totals[worst])]}
            ],
        }  # fmt: skip

    def null(self, n: int) -> Null:
        """Return what its statistics are for n draws of its law."""
        p = np.full(self.bins, 1 / self.bins)

        def build(size: int, found: Sequence[Ints]) -> tuple[Statistic, ...]:
            none = np.zeros((len(found), DYADIC), np.int64)
            return (UniformBins(size, np.stack(found), none, none, np.zeros(len(found), np.int64)),)

        return Null(n, tuple(Table(n * repeat, p) for repeat in self.repeats), build)

    def alternatives(self, law: Null, tolerance: float) -> Alternatives:
        """Yield laws that are off by the tolerance in its own unit, by name; a selftest tries its power at them."""
        return changed(law, -1, lambda p: _halves(p, tolerance))

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        return seconds(self.null(n), 1.3e-7)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return eps(n, alpha / d) + eps(n, beta) + one bin, eps being Massart's distance."""
        totals = [n * repeat for repeat in self.repeats]
        level = alpha / len(self.repeats)
        return max(massart_distance(m, level) + massart_distance(m, beta) for m in totals) + 1 / self.bins

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the n at which ``detectable`` equals the tolerance."""
        level = alpha / len(self.repeats)
        reach = math.sqrt(math.log(2 / level) / 2) + math.sqrt(math.log(2 / beta) / 2)
        return math.ceil((reach / (tolerance - 1 / self.bins)) ** 2 / min(self.repeats))

    def stage(self, n: int) -> int:
        """Return after how many of n draws it may be settled; the inequality asks for as many as a hundred cells would."""
        return first_stage(n, AS_CELLS)


def _halves(p: Floats, t: float) -> Changes:
    yield "upper half to lower half", shifted(p, np.arange(p.size) < p.size / 2, t)
    yield "around the median", shifted(p, np.abs(np.arange(p.size) - p.size / 2 + 0.5) < p.size / 4, -2 * t)


def of_pooled(repeats: tuple[int, ...]) -> str:
    """Return the words that a unit adds where a column holds several coordinates; empty where each has its own."""
    most = max(repeats, default=1)
    return "" if most == 1 else f" of the mean of {most} coordinates"


def bins_for(tolerance: float, columns: int = 1) -> int:
    """Return the power of two of bins whose width is at most a fortieth of the tolerance.

    Of more columns than eight all bins together are no more than those of eight, until they are an eighth of the tolerance
    wide: draws make up for that.
    """
    finest = math.ceil(math.log2(40 / tolerance))
    room = finest - math.ceil(math.log2(max(1.0, columns / 8)))
    return 1 << max(6, min(finest, max(room, math.ceil(math.log2(8 / tolerance)))))
