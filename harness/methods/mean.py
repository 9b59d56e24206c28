"""A mean against a value, with a variance known from the law and Bernstein's bound instead of the normal limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.laws import special
from harness.methods.cells import grown
from harness.questions.check import Evidence
from harness.statistics import Moments, Statistic


@dataclass(frozen=True)
class Mean:
    """z-test of the mean of one column against ``mean`` with known standard deviation.

    Bounds on the deviations come from Bernstein's inequality for sub-exponential variables (Boucheron, Lugosi and
    Massart 2013, "Concentration inequalities", Theorem 2.10) with ``scale``, so that the level holds at every n:
    E|X - mean|^q <= q!/2 deviation^2 scale^(q-2) for q >= 3.
    """

    mean: float
    deviation: float
    scale: float
    column: int = 0
    name: str = "mean"
    unit: str = "mean"

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the z-value and Bernstein's bound on its p-value."""
        (moments,) = statistics
        assert isinstance(moments, Moments)
        found = float(moments.mean[self.column])
        gap = abs(found - self.mean)
        z = gap * math.sqrt(moments.n) / self.deviation
        return Evidence(
            n=moments.n,
            statistic=math.copysign(z, found - self.mean),
            p_value=self._bound(gap, moments.n),
            effect=gap,
            notes={"mean": found, "expected": self.mean, "normal p": float(2 * special.ndtr(-z))},
            seen=f"the mean is {found:.6g} where {self.mean:.6g} is due",
            exhibit={
                "kind": "mean",
                "mean": found,
                "expected": self.mean,
                "error": self.deviation / math.sqrt(moments.n),
                "n": moments.n,
                "tested": [
                    {"law": "bernstein", "decides": True, "name": ["mean"], "observed": [found], "trials": moments.n,
                     "expected": [self.mean], "deviation": self.deviation, "scale": self.scale}
                ],
            },
        )  # fmt: skip

    def _bound(self, gap: float, n: int) -> float:
        """P(|mean - mu| >= t) <= 2 exp(-n t^2 / (2 (v + c t)))."""
        return min(1.0, 2 * math.exp(-n * gap * gap / (2 * (self.deviation**2 + self.scale * gap))))

    def _distance(self, n: int, level: float) -> float:
        """Return the t at which the bound reaches the level: t = c x + sqrt(c^2 x^2 + 2 v x), x = ln(2 / level) / n."""
        if n == 0:
            return math.inf
        x = math.log(2 / level) / n
        c = self.scale
        return c * x + math.sqrt(c * c * x * x + 2 * self.deviation**2 * x)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the shift of the mean that n draws expose."""
        return self._distance(n, alpha) + self._distance(n, beta)

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return an n, the smallest to one part in fifty, at which ``detectable`` is within the tolerance."""
        return grown(lambda n: self.detectable(n, alpha, beta), tolerance, start=16)
