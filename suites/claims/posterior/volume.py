"""The set C_k fills the share alpha_k of the cube, by quadrature of its sections and by scrambled nets.

[1] The posterior document, after the display of the posterior.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.claims.posterior.sets import members
from suites.evidence.cubature import interval, replicated
from suites.evidence.identities import identity, integral, quadrature

ORDER = 30
NETS = 0.05
"""Tolerance of a volume by scrambled nets, relative."""


def section(u_k: float, alpha: Floats, k: int) -> float:
    """Return the volume of C_k at a value of u_k: each constraint leaves an interval from 0 to a value of the CDF."""
    perturbed = -math.log(-math.log(u_k)) + math.log(alpha[k])
    others = np.delete(alpha, k)
    return float(np.prod(np.exp(-np.exp(-(perturbed - np.log(others))))))


def _volume(rng: np.random.Generator) -> Evidence:
    """Integrate sections over u_k for K = 2 and 3, each category."""
    found, expected = [], []
    for alpha in ((0.75, 0.25), (0.01, 0.99), (0.2, 0.3, 0.5), (0.02, 0.08, 0.9), (1 / 3, 1 / 3, 1 / 3)):
        for k in range(len(alpha)):
            area = partial(section, alpha=np.array(alpha), k=k)
            found.append(integral(area, (0.0, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)))
            expected.append(alpha[k])
    return quadrature(found, expected, bound=1e-10, what="volume of C_k")


def _nets(categories: int, options: Options, rng: np.random.Generator) -> Evidence:
    """Count the points of scrambled nets in every C_k."""
    alpha = np.arange(3.0, categories + 3.0)
    alpha /= alpha.sum()

    def inside(u: Floats) -> Floats:
        return members(u, alpha).astype(np.float64)

    notes: dict[str, float | str] = {"categories": float(categories)}
    return interval(replicated(inside, categories, rng, points=2**12), alpha, options, notes)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.volume."""
    volumes = [
        identity(
            f"quadrature/posterior/volume/K={categories}",
            "volumes of all sets at once, in more dimensions than a product rule fills",
            partial(_nets, categories, options),
            bound=NETS,
            method="scrambled nets",
            suite="quadrature",
        )
        for categories in (5, 8)
    ]
    sections = identity(
        "quadrature/posterior/volume/sections",
        "volumes for two and three categories",
        _volume,
        bound=1e-10,
        method="quadrature",
        suite="quadrature",
    )
    return (
        Claim(
            "posterior.volume",
            where="after the posterior",
            says="C_k fills the share alpha_k of the cube.",
            checks=(sections, *volumes),
        ),
    )
