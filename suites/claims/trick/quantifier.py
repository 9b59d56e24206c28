"""Property 2 with its quantifier outside: not each single j is beaten with probability p_k, all of them at once are."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.draw import draw
from harness.statistics import Counts
from harness.verdict import Verdict
from suites.claims.proof.gumbel import EDGES, OUTSIDE, density
from suites.claims.trick.gumbel import logistic_cdf
from suites.claims.trick.logits import THREE
from suites.evidence.chance import Rates, chance, held
from suites.evidence.identities import deviation, identity, integral, quadrature

ORDER = 70


def beats(k: int, j: int) -> float:
    """Return P(x_k > x_j) by the logistic law of their difference."""
    return float(1 - logistic_cdf(0.0, math.log(THREE[k]), math.log(THREE[j])))


def each(rng: np.random.Generator) -> Evidence:
    """Hold P(x_k > x_j) to p_k for every pair."""
    pairs = [(k, j) for k in range(THREE.size) for j in range(THREE.size) if j != k]
    found = [beats(k, j) for k, j in pairs]
    due = [float(THREE[k]) for k, _ in pairs]
    notes = {f"P(x_{k} > x_{j})": one for (k, j), one in zip(pairs, found, strict=True)}
    exhibit = {
        "kind": "bars",
        "title": "P(x_k > x_j) for each single j, and p_k, at p = (0.5, 0.3, 0.2)",
        "x_label": "k beats j",
        "y_label": "probability",
        "categories": [f"{k} > {j}" for k, j in pairs],
        "series": [{"label": "P(x_k > x_j)", "values": found}, {"label": "p_k", "values": due}],
    }
    what = "P(x_k > x_j) for p_k at (0.5, 0.3, 0.2)"
    return deviation(found, due, bound=1e-12, scale=1.0, what=what, notes=notes, exhibit=exhibit)


def outcomes(n: int, rng: np.random.Generator) -> Floats:
    """Return (n, 2) of whether category 0 beats 1, and 2, in draws of the Gumbel-max sampler."""
    rows = draw("gumbel-max", np.log(THREE), n, rng=rng, emits="gumbel")
    return np.asarray(rows[:, :1] > rows[:, 1:])


def each_by_draws(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the count of x_0 > x_1 to p_0."""
    method = ChiSquare(np.array([1 - THREE[0], THREE[0]]))
    n = method.required(tolerance, rates.level, rates.beta)
    beaten = outcomes(n, rng)[:, 0].astype(np.intp)
    return held(method, (Counts.of(beaten, (2,)),), rng, rates)


def joint() -> Floats:
    """Return P(0 beats 1 or not, 0 beats 2 or not) as (2, 2), from the pairwise odds and from P(0 beats both) = p_0."""
    one, other, both = beats(0, 1), beats(0, 2), float(THREE[0])
    return np.array([[1 - one - other + both, other - both], [one - both, both]])


def all_by_draws(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the joint counts of x_0 > x_1 and x_0 > x_2 to that table."""
    method = ChiSquare(
        joint(), name="beats 1 x beats 2", exhibit="table", axes=("0 beats 1: 0 no, 1 yes", "0 beats 2: 0 no, 1 yes")
    )
    n = method.required(tolerance, rates.level, rates.beta)
    beaten = outcomes(n, rng).astype(np.intp)
    return held(method, (Counts.of(2 * beaten[:, 0] + beaten[:, 1], (2, 2)),), rng, rates)


def _all_at_once(k: int, z: float) -> float:
    others = np.log(np.delete(THREE, k))
    return float(density(z, math.log(THREE[k]), 1.0) * np.prod(np.exp(-np.exp(-(z - others)))))


def all_by_quadrature(rng: np.random.Generator) -> Evidence:
    """Integrate over x_k the density times the probability that all others lie below: p_k."""
    found = [integral(partial(_all_at_once, k), EDGES, outside=OUTSIDE * 10) for k in range(THREE.size)]
    return quadrature(found, THREE, bound=1e-10, what="P(x_k > x_j for all j)", rounding=1e-13)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the sentence with either quantifier."""
    rates, stem, tolerance = Rates.of(options), "trick/property-2-each", max(0.005, options.tolerance)
    where = "Property 2, p(x_k > x_j) = p_k for j other than k"
    sampled = partial(chance, tolerance=tolerance, unit="total variation", method="chi-square", suite="chi_square")
    wrong = Claim(
        "trick.property-2-each",
        where=where,
        says="For every single j other than k, x_k exceeds x_j with probability p_k.",
        expect=Verdict.REFUTED,
        checks=(
            identity(f"identity/{stem}/pairs", "the document's own pairwise odds", each, bound=1e-12),
            sampled(f"chi_square/{stem}/draws", "so do draws", partial(each_by_draws, tolerance, rates)),
        ),
    )
    right = Claim(
        "trick.property-2-each.corrected",
        where=where,
        says="x_k exceeds all other x_j at once with probability p_k.",
        checks=(
            identity(f"quadrature/{stem}.corrected/integral", "integrated over x_k", all_by_quadrature, bound=1e-9,
                     method="quadrature", suite="quadrature"),
            sampled(f"chi_square/{stem}.corrected/draws", "single odds and joint ones, in one table of counts",
                    partial(all_by_draws, tolerance, rates)),
        ),
    )  # fmt: skip
    return wrong, right
