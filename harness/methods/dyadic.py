"""Both ends of a law are counted in dyadic cells and held to exact binomial tests, where bins and KS are blind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Ints
from harness.methods import allowed
from harness.methods.alternatives import Alternatives, changed, shifted
from harness.methods.cells import grown, shift
from harness.methods.ks import of_pooled
from harness.methods.later import Later
from harness.methods.null import Null, Table, dyadic_masses, seconds
from harness.methods.tails import binomial_two_sided
from harness.methods.tilts import Battery, Proposal
from harness.questions.check import Evidence
from harness.statistics import Statistic, UniformBins
from harness.statistics.uniforms import DYADIC


@dataclass(frozen=True)
class DyadicTails:
    """Exact binomial tests of P(U < 2^-j) and P(U > 1 - 2^-j), j from log2(bins) to ``deepest``, over d columns.

    The level is split evenly over columns and ends, and over the depths i = 0, 1, ... of an end in proportion to
    1 / (i + 1)^2: a sampler with wrong tails shows where counts are many, and depths that no draw reaches cost little.
    What is detectable is the change of the mass of the widest cell, as a share of it, in one column that deviates; where
    columns pool coordinates, their mean deviates. A sampler whose uniforms have 24 bits has atoms at its ends: what it
    claims of tails goes no deeper than its type. It is never settled early: what lies deeper than the widest cell shows
    in proportion to the draws.
    """

    bins: int
    repeats: tuple[int, ...]
    deepest: int = DYADIC - 1
    name: str = "dyadic tails"

    @property
    def unit(self) -> str:
        """The unit of effect, detectable and tolerance, with the cell that it speaks of."""
        return f"relative change of a mass of 2^-{self._first}{of_pooled(self.repeats)}"

    @property
    def tolerance(self) -> float:
        """The tolerance of a check that states none: three times the mass, more where bins are wider than a run's own."""
        return factor_for(40 / self.bins)

    @property
    def _first(self) -> int:
        return int(math.log2(self.bins))

    @property
    def _last(self) -> int:
        return min(max(self.deepest, self._first), DYADIC - 1)

    @property
    def splits(self) -> Floats:
        """Among how many the level is split at each depth: the inverse of its share."""
        parts = np.arange(1.0, self._last + 2 - self._first) ** 2
        return 2 * len(self.repeats) * parts * math.fsum(1 / parts)

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the smallest p-value over the split level, where it is, and the change of the widest cell of that end."""
        (uniforms,) = statistics
        assert isinstance(uniforms, UniformBins)
        powers = np.arange(self._first, self._last + 1)
        totals = np.array([uniforms.n * repeat for repeat in self.repeats], dtype=np.float64)
        tails = np.stack([uniforms.low, uniforms.high])[:, :, self._first :]
        below = np.cumsum(tails[:, :, ::-1], axis=2)[:, :, ::-1][:, :, : powers.size]
        p_values = binomial_two_sided(below, totals[None, :, None], 2.0**-powers) * self.splits
        end, column, cell = np.unravel_index(int(np.argmin(p_values)), p_values.shape)
        j, count = int(powers[cell]), int(below[end, column, cell])
        expected = float(totals[column] * 2.0**-j)
        return Evidence(
            n=uniforms.n,
            statistic=float(count),
            p_value=float(min(1.0, p_values[end, column, cell])),
            effect=abs(int(below[end, column, 0]) / (float(totals[column]) * 2.0**-self._first) - 1),
            notes={
                "end": "low" if end == 0 else "high",
                "coordinate": float(column),
                "log2 of the cell": float(-j),
                "expected": expected,
            },
            seen=f"{count:,} values of coordinate {column} in the {'lower' if end == 0 else 'upper'} 2^-{j} where "
            f"{expected:,.3g} are due",
            exhibit=Later(
                lambda: {
                    "kind": "tails",
                    "power": powers.tolist(),
                    "coordinate": int(column),
                    "coordinates": len(self.repeats),
                    "tested": [
                        self._tail(side, below[i, column], int(totals[column]), powers)
                        for i, side in enumerate(("lower", "upper"))
                    ],
                }
            ),
        )

    def _tail(self, side: str, counts: NDArray[np.int64], n: int, powers: NDArray[np.int64]) -> allowed.Part:
        def name(i: int) -> str:
            return f"{side} tail beyond 2^-{powers[i]}"

        return allowed.cells(name, counts, n, 2.0**-powers, tests=self.splits, decides=True)

    def null(self, n: int) -> Null:
        """Return what its statistics are for n draws of its law."""
        first = self.bins.bit_length() - 1
        p = dyadic_masses(first)

        def build(size: int, found: Sequence[Ints]) -> tuple[Statistic, ...]:
            low, high = (np.zeros((len(found), DYADIC), np.int64) for _ in range(2))
            span = DYADIC - first
            for column, table in enumerate(found):
                low[column, first:], high[column, first:] = table[:span], table[-span:]
            empty = np.zeros((len(found), self.bins), np.int64)
            return (UniformBins(size, empty, low, high, np.zeros(len(found), np.int64)),)

        return Null(n, tuple(Table(n * repeat, p) for repeat in self.repeats), build)

    def alternatives(self, law: Null, tolerance: float) -> Alternatives:
        """Yield laws that are off by the tolerance in its own unit, by name; a selftest tries its power at them."""
        return changed(law, -1, lambda p: [("more of the low end", _low_end(p, tolerance))])

    def tail(self, law: Null, level: float, cells: int) -> Proposal | None:
        """Return a proposal for tables that alarm at this level; None if their weights would vary too much."""
        first, last = self.bins.bit_length() - 1, min(max(self.deepest, self.bins.bit_length() - 1), DYADIC - 1) + 1
        span, size, parts = DYADIC - first, law.tables[0].probabilities.size, []
        whole = 2 * len(law.tables) * math.fsum(i**-2 for i in range(1, last - first + 1))
        for table, j in ((table, j) for table in range(len(law.tables)) for j in range(last - first)):
            low, high = np.arange(size) >= size - span + j, (np.arange(size) >= j) & (np.arange(size) < span)
            parts += [(table, end, 2.0 ** -(first + j), (j + 1) ** -2 / whole) for end in (low, high)]
        return Battery(law, level, parts)

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        return seconds(self.null(n), 6e-7)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the change of the mass of the widest tail cell, as a share of it, that n draws expose."""
        mass = 2.0**-self._first
        return shift(n * min(self.repeats), mass, alpha / float(self.splits[0]), beta) / mass

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return an n, the smallest to one part in fifty, from which on ``detectable`` is within the tolerance."""
        per_unit = 2.0**self._first / min(self.repeats)
        return grown(lambda n: self.detectable(n, alpha, beta) + per_unit / n, tolerance, start=16)


def _low_end(p: Floats, t: float) -> Floats:
    low = np.arange(p.size) < p.size // 2
    return shifted(p, low, t * float(p[low].sum()))


def factor_for(tolerance: float) -> float:
    """Return the relative change of a tail's mass that goes with a KS distance: 2 (three times the mass) up to 0.01.

    At a coarser one it grows in proportion, as then the draws are too few for what is far out.
    """
    return 2.0 * max(1.0, tolerance / 0.01)
