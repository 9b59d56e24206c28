"""What the posterior post takes from elsewhere: the Gumbel law, the trick on probabilities, the inverse transform.

[1] The posterior document, third paragraph.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Claim, Evidence, Scenario
from harness.questions.law import masses
from harness.samplers.registry import get
from suites.cases import CASES, case, weights
from suites.evidence.cubature import log_integral
from suites.evidence.identities import deviation, identity
from suites.evidence.posterior_draws import INVERSE_TRANSFORM, for_claim, to_gumbel
from suites.families import chi_square, ks

ORDER = 10
BOUND = 1e-10
FREE = tuple(known.name for known in CASES if "gumbel" in known.emits and known.observed is None)
"""Cases in which a sampler of perturbed logits draws the category itself."""


def free(suite: str, *parts: str) -> tuple[str, ...]:
    """Return the names of a suite's checks of top-down where it draws the category first."""
    return tuple(f"{suite}/top-down/gumbel/{name}{part}" for name in FREE for part in parts or ("",))


def cdf(epsilon: float) -> float:
    """The distribution function of [1]."""
    return math.exp(-math.exp(-epsilon))


def survival(epsilon: float) -> float:
    """One less the distribution function, free of cancellation."""
    return -math.expm1(-math.exp(-epsilon))


def log_density(epsilon: Floats) -> Floats:
    """Log of the density of the Gumbel law."""
    value: Floats = -epsilon - np.exp(-epsilon)
    return value


def _integral(rng: np.random.Generator) -> Evidence:
    """Integrate the density from below and from above, each relative to its own tail."""
    low, high = (-6.4, -5.0, -3.0, -1.0, 0.0, 0.5, 2.0, 5.0), (-2.0, 0.0, 1.0, 5.0, 20.0, 100.0, 600.0)
    found = [math.exp(log_integral(log_density, at - 10, at)) for at in low]
    found += [math.exp(log_integral(log_density, at, at + 80)) for at in high]
    expected = [*map(cdf, low), *map(survival, high)]
    return deviation(found, expected, bound=BOUND, what="integral of the density over a tail")


class Constant:
    """A source of uniforms that always returns the same one: the smallest, or the largest that a generator has."""

    def __init__(self, value: float) -> None:
        self.value = value

    def random(self, size: Any = None, out: Any = None) -> Any:
        """Return ``size`` values, or fill ``out``."""
        if out is None:
            return np.full(size, self.value)
        out[...] = self.value
        return out

    def integers(self, low: int, high: int, *, size: int, dtype: Any, endpoint: bool) -> Any:
        """Return ``size`` words of 64 bits, the first ones of which are those of the value."""
        return np.full(size, int(self.value * 2.0**64), dtype)


def _ends(rng: np.random.Generator) -> Evidence:
    """Feed the samplers uniforms of exactly 0 and of 1 - 2^-53, and count what is not finite in what they return."""
    infinite, drawn = 0, 0
    for value in (0.0, 1 - 2.0**-53):
        for name, emits, given in (
            ("top-down", "gumbel", {}),
            ("top-down", "gumbel", {"observed": 1}),
            ("gumbel-max", "gumbel", {}),
            ("relaxed", "simplex", {"temperature": 1.0}),
        ):
            prepare: Any = get(name).form(emits).prepare
            out = np.empty((1000, 3))
            prepare(np.log([0.2, 0.3, 0.5]), **given)(out, Constant(value))
            infinite += int((~np.isfinite(out)).sum())
            drawn += out.size
    ends = {f"-log(-log u) at u = {u}": float(to_gumbel(np.array(u))) for u in (0.0, 2.0**-53, 1 - 2.0**-53, 1.0)}
    notes: dict[str, float | str] = {**ends, "values from uniforms at the ends": float(drawn)}
    return deviation(
        float(infinite), 0.0, bound=0.0, what="infinities from uniforms at the ends", scale=1.0, notes=notes
    )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.cdf, posterior.gumbel-max and posterior.inverse-transform."""
    integral = identity(
        "quadrature/posterior/cdf",
        "the density integrates to the distribution function, in both tails",
        _integral,
        bound=BOUND,
        method="quadrature",
        suite="quadrature",
    )
    ends = identity(
        "identity/posterior/inverse-transform/ends",
        "the transform is infinite at 0 and at 1; a sampler must not be",
        _ends,
        bound=0.0,
        unit="infinite values",
    )
    rare = Case("rare-1e-3", "the trick on probabilities, one of them small", weights(0.999, 1e-3), ("index",))
    counted = chi_square.of_counts(
        "chi_square/posterior/gumbel-max/rare-1e-3",
        Scenario(get("gumbel-max"), "index", rare),
        masses(rare),
        judges=False,
    )
    transformed = ks.checks(INVERSE_TRANSFORM, "gumbel", (case("pair"), case("die")), options)
    return (
        Claim(
            "posterior.cdf",
            where="definition of the Gumbel law",
            says="A Gumbel variable is below x with probability exp(-exp(-x)).",
            evidence=free("ks", "", "/tails", "/joint"),
            checks=(integral,),
        ),
        Claim(
            "posterior.gumbel-max",
            where="third paragraph",
            says="The largest of epsilon_k + log alpha_k has index k with probability alpha_k.",
            evidence=(
                "chi_square/gumbel-max/*",
                "homogeneity/gumbel-max/*",
                "chi_square/top-down/*",
                "homogeneity/top-down/*",
                *free("support"),
            ),
            checks=(counted,),
        ),
        Claim(
            "posterior.inverse-transform",
            where="third paragraph",
            says="-log(-log u) of a uniform u is a Gumbel variable.",
            evidence=tuple(f"{suite}/top-down/gumbel/*" for suite in ("support", "endpoints", "noise")),
            checks=(*for_claim(transformed), ends),
        ),
    )
