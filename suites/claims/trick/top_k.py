"""Beside the largest of the perturbed logits: its k largest, in order, are a draw without replacement.

[1] W. Kool, H. van Hoof, M. Welling, Stochastic beams and where to find them, arXiv 1903.06059, eqs. (10) to (12), which
the document refers to: the law of the k largest is that of R. L. Plackett, Applied Statistics 24 (1975), eq. (2).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import permutations

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import Ranking
from harness.laws.ranking import ranking_log_probability
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Check, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import Counts
from suites.cases import case
from suites.evidence.identities import identity, integral, quadrature

DRAWN = (("pair", 2), ("die", 2), ("die", 3), ("l8", 2))
"""Cases of perturbed logits, and how many of the largest are listed."""
PATTERNS = ("chi_square/gumbel-top-k/ranking/*", "support/gumbel-top-k/ranking/*")
"""The built-in sampler that is made of this, judged by the suites of rankings."""
LOW, HIGH = -6.8, 45.0
"""Around the logits; beyond, a standard Gumbel has a mass of exp(-exp(6.8)) + exp(-45) <= 3e-20."""
BOUND = 1e-10


def _ranked(law: Ranking, chunk: Chunk) -> Counts:
    items = np.argsort(-chunk.draws, axis=1)[:, : law.k]
    return Counts.of(law.encode(items), law.mass.shape)


def _drawn(name: str, k: int, tolerance: float) -> Check:
    scenario = Scenario(get("gumbel-max"), "gumbel", case(name))
    law = Ranking(scenario.case.logits, k)
    return Check(
        name=f"chi_square/trick/property-2/top-{k}/{name}",
        suite="chi_square",
        why=f"the {k} largest perturbed logits, in order, are drawn without replacement",
        inputs=((scenario, Measurement(f"top-{k}", partial(_ranked, law))),),
        method=ChiSquare(law.mass),
        tolerance=tolerance,
        judges=False,
    )


def first_two(x: Floats, i: int, j: int, z: float) -> float:
    """Return the density of the second largest at z where i lies above it, j is it, and all others lie below."""
    others = np.delete(x, [i, j])
    below = float(np.exp(-np.sum(np.exp(-(z - others)))))
    above = float(-np.expm1(-np.exp(-(z - x[i]))))
    return float(above * np.exp(-(z - x[j]) - np.exp(-(z - x[j]))) * below)


def two_largest(rng: np.random.Generator) -> Evidence:
    """Integrate P(z_i > z_j > all others) over z_j and hold it to p_i p_j / (1 - p_i)."""
    found, due = [], []
    for name in ("pair", "die", "l8"):
        x = np.array(case(name).logits)
        edges = np.linspace(x.min() + LOW, x.max() + HIGH, 60)
        for i, j in permutations(sorted({0, x.size // 2, x.size - 1}), 2):
            found.append(integral(partial(first_two, x, i, j), edges.tolist(), outside=3e-20 * x.size))
            due.append(float(np.exp(ranking_log_probability(x, [i, j]))))
    return quadrature(found, due, bound=BOUND, what="P(i is largest and j second)", rounding=1e-12)


def checks(options: Options) -> Iterator[Check]:
    """Yield the law of the k largest, drawn and integrated."""
    for name, k in DRAWN:
        yield _drawn(name, k, (2 if k > 2 else 1) * max(options.tolerance, case(name).tolerance or 0.0))
    yield identity(
        "quadrature/trick/property-2/two-largest", "the two largest are drawn without replacement",
        two_largest, bound=BOUND, method="quadrature", suite="quadrature",
    )  # fmt: skip
