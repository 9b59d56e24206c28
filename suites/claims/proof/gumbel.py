"""The Gumbel law of the proof: its density and its distribution function are held to each other, to scipy and to draws."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.laws.gumbel import Gumbel
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Evidence
from harness.samplers.registry import get
from suites.cases import logits
from suites.evidence.identities import (
    complex_step,
    deviation,
    differences,
    identity,
    integral,
    quadrature,
    relative_error,
)
from suites.families import ks

ORDER = 30
Density = Callable[[Any, float, float], Any]
PARAMETERS = ((0.0, 1.0), (-3.0, 0.5), (1e3, 1.0), (2.5, 250.0), (0.0, 1e-3))
"""Locations and scales: the standard law, a shift that dwarfs the scale, a wide and a narrow law."""
Z = np.concatenate([np.linspace(-6.5, 8, 291), np.geomspace(8, 700, 60)])
"""Standardised points: the density falls from 1e-286 up to 1/e and down to 1e-304 again."""
EDGES = np.array([-6.8, -3.0, -1.0, 0.0, 1.0, 3.0, 8.0, 20.0, 45.0])
OUTSIDE = float(np.exp(-np.exp(6.8)) + np.exp(-45.0))
"""Mass beyond the edges, by the distribution function: e^(-e^6.8) + 1 - e^(-e^-45) <= 3e-20."""
TOLERANCE = 1e-10
CANCELLATION = float(np.finfo(np.float64).eps) * max(abs(mu) / beta for mu, beta in PARAMETERS)
"""Absolute error of z = (x - mu) / beta where x is rounded; it moves the density by itself times 1 + e^-z at most."""
SHIFTS = Case(
    "shifts", "noise moved by -1000 to 1000: the shift must leave the shape alone",
    logits(-1e3, -50.0, -1.5, 0.0, 0.25, 10.0, 1e3), ("gumbel",),
)  # fmt: skip


def density(x: Any, mu: float, beta: float) -> Any:
    """Return the density that the proof states."""
    z = (x - mu) / beta
    return np.exp(-z - np.exp(-z)) / beta


def distribution(x: Any, mu: float, beta: float) -> Any:
    """Return the distribution function that the proof states."""
    return np.exp(-np.exp(-(x - mu) / beta))


def rounding(z: Floats) -> float:
    """Bound the relative error of the density: exp(t) multiplies the rounding of t = -z - e^-z, 8 ulp of its terms."""
    return float(np.max(8 * np.finfo(np.float64).eps * (1 + np.abs(z) + (1 + np.abs(z)) * np.exp(-z))))


def points() -> list[tuple[Floats, float, float]]:
    """Return for each pair of parameters the points x at which identities are tried."""
    return [(mu + beta * Z, mu, beta) for mu, beta in PARAMETERS]


def _scalar(of: Density, mu: float, beta: float, x: float) -> float:
    return float(of(x, mu, beta))


def total_mass(of: Density, what: str) -> Evidence:
    """Integrate a density over the line, for all parameters."""
    found = [integral(partial(_scalar, of, mu, beta), mu + beta * EDGES, outside=OUTSIDE) for mu, beta in PARAMETERS]
    return quadrature(found, 1.0, bound=TOLERANCE, what=f"the integral of {what}", rounding=CANCELLATION * 2)


def slope_of_distribution(of: Density, what: str) -> Evidence:
    """Hold a density to the derivative of the stated distribution function."""
    found, due = [], []
    for mu, beta in PARAMETERS:
        x = mu + beta * Z[(Z > -5.8) & (Z < 400)]  # beyond, a step of 1e-100 times the slope underflows
        found.append(of(x, mu, beta))
        due.append([complex_step(partial(distribution, mu=mu, beta=beta), [one])[0, 0] for one in x])
    return deviation(
        np.concatenate(found), np.concatenate(due), bound=rounding(Z), what=f"{what} against the slope of the CDF"
    )


def scipy_density(of: Density, what: str) -> Evidence:
    """Hold a density to scipy's, in both far tails."""
    from scipy import stats

    found = np.concatenate([of(x, mu, beta) for x, mu, beta in points()])
    due = np.concatenate([stats.gumbel_r.pdf(x, loc=mu, scale=beta) for x, mu, beta in points()])
    law = np.concatenate([Gumbel(mu, beta).density(x) for x, mu, beta in points()])
    z = np.concatenate([Z] * len(PARAMETERS))
    exhibit = differences(
        "Density of the Gumbel law: relative difference at every point", "(x - mu) / beta",
        [("from scipy's", z, relative_error(found, due)), ("from this project's", z, relative_error(found, law))],
        rounding(Z),
    )  # fmt: skip
    what = f"{what} against scipy's and this project's"
    return deviation([found, found], [due, law], bound=rounding(Z), what=what, exhibit=exhibit)


def pdf_mass(rng: np.random.Generator) -> Evidence:
    """Integrate the stated density."""
    return total_mass(density, "the density")


def pdf_slope(rng: np.random.Generator) -> Evidence:
    """Hold the stated density to the derivative of the distribution function."""
    return slope_of_distribution(density, "the density")


def pdf_scipy(rng: np.random.Generator) -> Evidence:
    """Hold the stated density to scipy's."""
    return scipy_density(density, "the density")


def cdf_integral(rng: np.random.Generator) -> Evidence:
    """Hold the stated distribution function to the integral of the stated density, from the far lower tail up."""
    z = np.array([-5.0, -3.0, -1.0, 0.0, 0.5, 2.0, 5.0, 15.0, 40.0])
    found, due = [], []
    for mu, beta in PARAMETERS:
        for one in z:
            low = min(one - 3.0, -6.8)
            edges = mu + beta * np.array([low, *np.arange(np.ceil(low + 0.25), one, 2.0), one])
            below = float(np.exp(-np.exp(-low)))
            found.append(integral(partial(_scalar, density, mu, beta), edges, outside=below))
            due.append(distribution(mu + beta * one, mu, beta))
    return quadrature(
        found,
        due,
        bound=TOLERANCE,
        what="the integral of the density up to x",
        rounding=CANCELLATION * (1 + np.exp(5.0)),
    )


def cdf_law(rng: np.random.Generator) -> Evidence:
    """Hold the law that draws are judged by to the stated distribution function."""
    found = np.concatenate([Gumbel(mu, beta).cdf(x) for x, mu, beta in points()])
    due = np.concatenate([distribution(x, mu, beta) for x, mu, beta in points()])
    return deviation(found, due, bound=rounding(Z), what="this project's Gumbel CDF")


def shifted_densities(of: Density, rng: np.random.Generator) -> Evidence:
    """Hold the density of Gumbel(a, 1) at x + a to that of Gumbel(0, 1) at x, where x + a is exact: bit for bit."""
    x = np.round(Z[Z < 100] * 1024) / 1024
    shifts = np.array([-1000.0, -33.25, -1.0, 0.5, 7.0, 1000.0])
    found = np.stack([of(x + a, a, 1.0) for a in shifts])
    return deviation(found, of(x, 0.0, 1.0), bound=0.0, what="the density of Gumbel(a, 1) at x + a")


def proof_shift(rng: np.random.Generator) -> Evidence:
    """Try the identity on the density of the proof."""
    return shifted_densities(density, rng)


def shift_checks(options: Options) -> tuple[Check, ...]:
    """Return KS, tails and joint KS of noise under shifts from -1e3 to 1e3."""
    return tuple(ks.checks(get("gumbel-max"), "gumbel", (SHIFTS,), options))


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims about the Gumbel law."""
    make = partial(identity, bound=TOLERANCE)
    stem = "identity/proof/gumbel-pdf"
    pdf = Claim(
        "proof.gumbel-pdf",
        where="Proof, definitions",
        says="With z = (x - mu) / beta, Gumbel(mu, beta) has the density e^(-z - e^-z) / beta.",
        checks=(
            make(
                f"{stem}/integrates-to-1", "a density has mass 1", pdf_mass, method="quadrature", unit="absolute error"
            ),
            make(f"{stem}/derivative-of-cdf", "the density is the slope of the CDF", pdf_slope, method="complex step"),
            make(f"{stem}/scipy", "two implementations agree in both far tails", pdf_scipy),
        ),
    )
    cdf = Claim(
        "proof.gumbel-cdf",
        where="Proof, definitions",
        says="With z = (x - mu) / beta, Gumbel(mu, beta) has the distribution function e^(-e^-z).",
        evidence=(
            "ks/gumbel-max/gumbel/*",
            "support/gumbel-max/gumbel/*",
            "noise/gumbel-max/gumbel/*",
            "endpoints/gumbel-max/gumbel/*",
        ),
        checks=(
            make(
                "identity/proof/gumbel-cdf/integral",
                "the CDF is the integral of the density",
                cdf_integral,
                method="quadrature",
            ),
            make("identity/proof/gumbel-cdf/law", "draws are judged by the law that the proof states", cdf_law),
        ),
    )
    shift = Claim(
        "proof.location-shift",
        where="Proof, first step, for which the document gives no reason",
        says="Standard Gumbel noise plus x_k has the law Gumbel(x_k, 1).",
        evidence=("ks/gumbel-max/gumbel/shift*", "independence/gumbel-max/gumbel/*/coordinates"),
        checks=(
            *shift_checks(options),
            identity(
                "identity/proof/location-shift/densities",
                "a shift moves the density and nothing else",
                proof_shift,
                bound=0.0,
            ),
        ),
    )
    return pdf, cdf, shift
