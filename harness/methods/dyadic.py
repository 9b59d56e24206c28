"""Both ends of a law are counted in dyadic cells and held to exact binomial tests, where bins and KS are blind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.methods import allowed
from harness.methods.cells import grown, shift
from harness.methods.tails import binomial_two_sided
from harness.questions.check import Evidence
from harness.statistics import Statistic, UniformBins
from harness.statistics.uniforms import DYADIC


@dataclass(frozen=True)
class DyadicTails:
    """Exact binomial tests of P(U < 2^-j) and P(U > 1 - 2^-j), j from log2(bins) to ``deepest``, over d columns, Bonferroni.

    A sampler whose uniforms have 24 bits has atoms at its ends: what it claims of tails goes no deeper than its type.
    """

    bins: int
    repeats: tuple[int, ...]
    deepest: int = DYADIC - 1
    name: str = "dyadic tails"
    unit: str = "tail probability"

    @property
    def _first(self) -> int:
        return int(math.log2(self.bins))

    @property
    def _last(self) -> int:
        return min(max(self.deepest, self._first), DYADIC - 1)

    @property
    def _tests(self) -> int:
        return 2 * len(self.repeats) * (self._last + 1 - self._first)

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the smallest p-value after Bonferroni, where it is, and both tails of that coordinate for the figure."""
        (uniforms,) = statistics
        assert isinstance(uniforms, UniformBins)
        powers = np.arange(self._first, self._last + 1)
        totals = np.array([uniforms.n * repeat for repeat in self.repeats], dtype=np.float64)
        tails = np.stack([uniforms.low, uniforms.high])[:, :, self._first :]
        below = np.cumsum(tails[:, :, ::-1], axis=2)[:, :, ::-1][:, :, : powers.size]
        p_values = binomial_two_sided(below, totals[None, :, None], 2.0**-powers) * self._tests
        end, column, cell = np.unravel_index(int(np.argmin(p_values)), p_values.shape)
        j, count = int(powers[cell]), int(below[end, column, cell])
        expected = float(totals[column] * 2.0**-j)
        return Evidence(
            n=uniforms.n,
            statistic=float(count),
            p_value=float(min(1.0, p_values[end, column, cell])),
            effect=abs(count - expected) / float(totals[column]),
            notes={
                "end": "low" if end == 0 else "high",
                "coordinate": float(column),
                "log2 of the cell": float(-j),
                "expected": expected,
            },
            exhibit={
                "kind": "tails",
                "power": powers.tolist(),
                "coordinate": int(column),
                "coordinates": len(self.repeats),
                "tested": [
                    self._tail(side, below[i, column], int(totals[column]), powers)
                    for i, side in enumerate(("lower", "upper"))
                ],
            },
        )

    def _tail(self, side: str, counts: NDArray[np.int64], n: int, powers: NDArray[np.int64]) -> allowed.Part:
        def name(i: int) -> str:
            return f"{side} tail beyond 2^-{powers[i]}"

        return allowed.cells(name, counts, n, 2.0**-powers, tests=self._tests, decides=True)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the shift of the mass of the widest tail cell that n draws expose."""
        return shift(n * min(self.repeats), 2.0**-self._first, alpha / self._tests, beta)

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return an n, the smallest to one part in fifty, from which on ``detectable`` is within the tolerance."""
        return grown(lambda n: self.detectable(n, alpha, beta) + 1 / n, tolerance, start=16)
