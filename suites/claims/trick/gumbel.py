"""The trick's Gumbel law: its density, what a shift does to it, and the logistic law of a difference."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import Gumbel, Logistic
from harness.methods import DyadicTails, Homogeneity, KolmogorovSmirnov
from harness.methods.ks import bins_for
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.draw import draw
from harness.samplers.registry import get
from harness.statistics import Counts, UniformBins
from suites.cases import logits
from suites.claims.proof import gumbel as proof_gumbel
from suites.evidence.chance import Rates, chance, held
from suites.evidence.identities import deviation, identity, integral, quadrature

ORDER = 50
PAIRS = ((0.0, 0.0), (1.0, 0.0), (0.0, 3.0), (-50.0, 50.0), (5.0, -2.0), (0.1, 0.0))
"""Locations a and b of the differences that are tried."""
DIFFERENCES = Case(
    "differences", "pairs of Gumbels whose locations differ by -100 to 7", logits(*np.ravel(PAIRS)), ("gumbel",)
)  # fmt: skip
CELLS = 32


def density(x: Any, mu: float, beta: float) -> Any:
    """Return the density that the document states."""
    z = (x - mu) / beta
    return np.exp(-(z + np.exp(-z))) / beta


def pdf_mass(rng: np.random.Generator) -> Evidence:
    """Integrate the document's density."""
    return proof_gumbel.total_mass(density, "the document's density")


def pdf_slope(rng: np.random.Generator) -> Evidence:
    """Hold the document's density to the derivative of the Gumbel CDF."""
    return proof_gumbel.slope_of_distribution(density, "the document's density")


def pdf_scipy(rng: np.random.Generator) -> Evidence:
    """Hold the document's density to scipy's."""
    return proof_gumbel.scipy_density(density, "the document's density")


def pdf_forms(rng: np.random.Generator) -> Evidence:
    """Hold the document's form to that of the proof document."""
    found = np.concatenate([density(x, mu, beta) for x, mu, beta in proof_gumbel.points()])
    due = np.concatenate([proof_gumbel.density(x, mu, beta) for x, mu, beta in proof_gumbel.points()])
    return deviation(found, due, bound=proof_gumbel.rounding(proof_gumbel.Z), what="this form for the proof's")


def _pdf() -> Claim:
    stem = "identity/trick/pdf"
    make = partial(identity, bound=proof_gumbel.TOLERANCE)
    return Claim(
        "trick.pdf",
        where="definition",
        says="With z = (x - mu) / beta the Gumbel density is exp(-(z + e^-z)) / beta.",
        checks=(
            make(f"{stem}/integrates-to-1", "a density has mass 1", pdf_mass, method="quadrature"),
            make(f"{stem}/derivative-of-cdf", "the density is the slope of the CDF", pdf_slope, method="complex step"),
            make(f"{stem}/scipy", "two implementations agree in both far tails", pdf_scipy),
            make(f"{stem}/forms", "two documents write the same density", pdf_forms),
        ),
    )


def shift_density(rng: np.random.Generator) -> Evidence:
    """Try the identity p(x + a | a) = p(x | 0) on the document's density."""
    return proof_gumbel.shifted_densities(density, rng)


def against_scipy(a: float, tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Compare G(0, 1) noise plus a with draws of scipy's gumbel_r at loc = a, in cells of equal probability."""
    from scipy import stats

    method = Homogeneity(np.full(CELLS, 1 / CELLS))
    n = method.required(tolerance, rates.level, rates.beta)
    noise = draw("gumbel-max", np.zeros(1), n, rng=rng, emits="gumbel").ravel()
    other = stats.gumbel_r.rvs(loc=a, size=n, random_state=rng)
    edges = Gumbel(a).quantile(np.arange(1, CELLS) / CELLS)
    counts = [Counts.of(np.searchsorted(edges, values), (CELLS,)) for values in (noise + a, other)]
    return held(method, counts, rng, rates)


def _property_1(options: Options) -> Claim:
    tolerance = 2 * options.tolerance
    return Claim(
        "trick.property-1",
        where="Property 1",
        says="To sample G(a, 1), sample G(0, 1) and add a.",
        evidence=("ks/gumbel-max/gumbel/shift*",),
        checks=(
            identity("identity/trick/property-1/density", "the density at x + a is that of x", shift_density, bound=0.0),
            *(
                chance(
                    f"homogeneity/trick/property-1/a={a:g}", "shifted noise and scipy's Gumbel at loc = a agree",
                    partial(against_scipy, a, tolerance, Rates.of(options)), tolerance=tolerance,
                    unit="total variation", method="homogeneity", suite="homogeneity",
                )
                for a in (-30.0, 2.5, 1000.0)
            ),
        ),
    )  # fmt: skip


def logistic_cdf(x: Any, a: float, b: float) -> Any:
    """Return the distribution function of x_a - x_b that the document states."""
    return 1 / (1 + np.exp(-(x - (a - b))))


def convolution(rng: np.random.Generator) -> Evidence:
    """Hold the stated CDF to P(x_a <= x + t) averaged over the density of x_b at t."""
    found, due = [], []
    for a, b in ((0.0, 0.0), (1.0, 0.0), (0.0, 3.0), (5.0, -2.0)):
        for x in (a - b) + np.array([-20.0, -5.0, -1.0, 0.0, 0.5, 4.0, 20.0]):
            low = min(a - x, b) - 6.8
            edges = np.unique(np.concatenate([np.linspace(low, max(a - x, b) + 10, 25), [max(a - x, b) + 50]]))
            found.append(integral(partial(_convolved, x, a, b), edges.tolist(), outside=np.exp(-50.0)))
            due.append(logistic_cdf(x, a, b))
    return quadrature(found, due, bound=1e-10, what="P(x_a - x_b <= x)", rounding=1e-12)


def _convolved(x: float, a: float, b: float, t: float) -> float:
    return float(np.exp(-(t - b) - np.exp(-(t - b)) - np.exp(-(x + t - a))))


def logistic_law(rng: np.random.Generator) -> Evidence:
    """Hold the law that differences are judged by to the stated CDF."""
    x = np.linspace(-30, 30, 241)
    found = [Logistic(a - b).cdf(x + a - b) for a, b in PAIRS]
    return deviation(
        found, [logistic_cdf(x + a - b, a, b) for a, b in PAIRS], bound=1e-12, what="this project's logistic CDF"
    )


def _differences(bins: int, chunk: Chunk) -> UniformBins:
    gaps = chunk.draws[:, 0::2] - chunk.draws[:, 1::2]
    laws = [Logistic(a - b) for a, b in PAIRS]

    def column(rows: Any, complement: bool) -> Floats:
        picked = gaps[rows]
        return np.concatenate(
            [law.rosenblatt(picked[:, i], complement=complement) for i, law in enumerate(laws)], axis=1
        )

    return UniformBins.of(column(slice(None), False), bins, partial(column, complement=True))


def _difference_logistic(options: Options) -> Claim:
    bins, ones = bins_for(options.tolerance), (1,) * len(PAIRS)
    scenario = Scenario(get("gumbel-max"), "gumbel", DIFFERENCES)
    binned = (scenario, Measurement(f"differences-{bins}", partial(_differences, bins)))
    why = "the difference of two Gumbels is logistic"
    stem = "trick/difference-logistic"
    return Claim(
        "trick.difference-logistic",
        where="Property 2, proof",
        says="For x_a ~ G(a, 1) and x_b ~ G(b, 1), x_a - x_b is logistic: its CDF is 1 / (1 + exp(-(x - (a - b)))).",
        checks=(
            Check(f"ks/{stem}", "ks", why, (binned,), KolmogorovSmirnov(bins, ones), judges=False),
            Check(f"ks/{stem}/tails", "ks", why, (binned,), DyadicTails(bins, ones), judges=False),
            identity(
                f"quadrature/{stem}/convolution", why, convolution, bound=1e-10, method="quadrature", suite="quadrature"
            ),
            identity(f"identity/{stem}/law", "draws are judged by the stated law", logistic_law, bound=1e-11),
        ),
    )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the definition, Property 1 and the law of a difference."""
    return _pdf(), _property_1(options), _difference_logistic(options)
