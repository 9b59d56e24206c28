"""Eqs (1) to (3) of the density note: three ways to write one point of the simplex, and what a float makes of the first.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Evidence, Scenario
from harness.samplers.registry import get
from suites.cases import logits, zipf
from suites.evidence.identities import derivation, deviation, identity, line_by_line
from suites.families import support

ORDER = 10
ROUNDING = 1e-12
"""Relative: 2 |z| ulp for an exponential of |z| <= 600 and K ulp for a sum of K <= 100 terms stay below 4e-13."""
DEAR = 10_000
"""From so many categories on, a rate of impossible draws of 0.05 has to do."""


@dataclass(frozen=True)
class Noise:
    """Probabilities pi (K,), Gumbel noise g (K,), and the temperature."""

    pi: Floats
    g: Floats
    tau: float


def with_log_pi(point: Noise) -> Floats:
    """Eq. (1): y from log pi."""
    weights = np.exp((np.log(point.pi) + point.g) / point.tau)
    y: Floats = weights / weights.sum()
    return y


def with_x(point: Noise) -> Floats:
    """Eq. (2): y from x = log pi, every weight formed alone."""
    x = np.log(point.pi)
    weights = [np.exp((x_i + g_i) / point.tau) for x_i, g_i in zip(x, point.g, strict=True)]
    y: Floats = np.array(weights) / np.sum(weights)
    return y


def divided(point: Noise) -> Floats:
    """Eq. (3): numerator and denominator over the k-th term."""
    x = np.log(point.pi)
    weights = np.exp((x + point.g - (x[-1] + point.g[-1])) / point.tau)
    y: Floats = weights / weights.sum()
    return y


def noise_points(rng: np.random.Generator) -> list[Noise]:
    """Return 90 points of 2 to 100 categories; weights of (1) stay within e^-600 and e^300, which a float holds."""
    made = []
    for categories in (2, 3, 5, 10, 30, 100):
        for tau in (0.05, 0.3, 1.0, 3.0, 10.0):
            for _ in range(3):
                pi = np.maximum(rng.dirichlet(np.ones(categories)), 1e-8)
                made.append(Noise(pi / pi.sum(), np.clip(rng.gumbel(size=categories), -2.5, 12.0), tau))
    return made


def _forms(rng: np.random.Generator) -> Evidence:
    lines = [
        ("eq. (1)", lambda point: np.log(with_log_pi(point))),
        ("eq. (2)", lambda point: np.log(with_x(point))),
        ("eq. (3)", lambda point: np.log(divided(point))),
    ]
    return derivation(lines, noise_points(rng), bound=ROUNDING, what="log y in its three forms")


def _overflow(temperature: float, draws: int, rng: np.random.Generator) -> Evidence:
    """Evaluate (1) as it stands at a low temperature, beside the sampler, which subtracts the maximum first."""
    pi = np.array([0.2, 0.3, 0.5])
    with np.errstate(over="ignore", invalid="ignore"):
        written = np.array([with_log_pi(Noise(pi, g, temperature)) for g in rng.gumbel(size=(draws, 3))])
    drawn = get("relaxed").form("simplex").draw(np.log(pi), draws, rng=rng, temperature=temperature)
    lost = float(np.mean(~np.isfinite(written).all(axis=1)))
    return deviation(
        np.asarray(drawn).sum(axis=1),
        1.0,
        bound=1e-15 * 12,
        what=f"sum of a draw at temperature {temperature:g}",
        notes={"share of draws that eq. (1) evaluated as written turns into NaN": lost},
    )


def _extremes() -> tuple[Case, ...]:
    """Return the corners of temperature and K, and logits at which exp of a logit alone is infinite or 0."""
    wide = tuple(
        Case(
            f"zipf-{categories}@{tau:g}",
            "temperatures from one-hot to flat, up to 1e5 categories",
            zipf(categories),
            ("simplex",),
            temperature=tau,
        )
        for categories in (3, 1000, 100_000)
        for tau in (1e-3, 1.0, 1e3)
    )
    far = tuple(
        Case(
            f"shift{shift:+g}@{tau:g}",
            "exp of a logit is infinite or 0",
            logits(0.0, 1.0, -1.0, shift=shift),
            ("simplex",),
            temperature=tau,
        )
        for shift, tau in ((1e3, 1.0), (-1e3, 1.0), (1e3, 1e-3))
    )
    return wide + far


def _support(options: Options) -> tuple[Check, ...]:
    made = support.checks(get("relaxed"), "simplex", _extremes(), options)
    return tuple(
        replace(check, judges=False, tolerance=max(options.tolerance, 0.05 if _dear(check.scenarios) else 0.0))
        for check in made
    )


def _dear(scenarios: Sequence[Scenario]) -> bool:
    return any(scenario.case.logits.size >= DEAR for scenario in scenarios)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.simplex and density.normalisation-invariant."""
    overflow = identity(
        "identity/density/simplex/no-overflow",
        "at a low temperature the exponentials of eq. (1) overflow; a sampler has to avoid them",
        partial(_overflow, 1e-3, 2000),
        bound=1e-15 * 12,
    )
    forms = line_by_line(
        "derivation/density/normalisation-invariant", "(1), (2) and (3) on the same noise", _forms, bound=ROUNDING
    )
    return (
        Claim(
            "density.simplex",
            where="eq. (1)",
            says="Gumbel-softmax vectors have no negative entry and sum to 1.",
            evidence=("support/relaxed/simplex/*", "endpoints/relaxed/simplex/*"),
            checks=(*_support(options), overflow),
        ),
        Claim(
            "density.normalisation-invariant",
            where="eqs (2) and (3)",
            says="y is the same from log pi, from x = log pi, and with all terms divided by the last.",
            checks=(forms,),
        ),
    )
