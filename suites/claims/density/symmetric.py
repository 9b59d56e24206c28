"""Eq. (8) of the density note is a density: it integrates to 1, singles out no category, and has logistic margins.

Integrals over all u use, beside each u, the category r of the largest weight e^(x_i - u_i) and the ratios V_j of the
others to it, in (0, 1]: in these coordinates the density times |du / dV| = prod 1 / V_j is bounded by Gamma(k).

[1] T. Masada, A note on the density of Gumbel-softmax, 2019, eq. (8).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import GumbelSoftmax, Logistic, special
from harness.methods import DyadicTails, KolmogorovSmirnov
from harness.methods.ks import bins_for
from harness.options import Options
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.questions.law import law_of
from harness.samplers.registry import get
from harness.statistics import UniformBins
from suites.cases import case
from suites.evidence.cubature import interval, log_integral, over_cube, replicated, squared
from suites.evidence.identities import deviation, identity, quadrature
from suites.evidence.totals import integrals

ORDER = 60
BOUND = 1e-10
SOFT = ("die@0.5", "die@2", "three@0.3", "three@3")
"""Cases whose margins are held to the logistic law, at temperatures on both sides of 1."""
"""Tolerance of an integral by scrambled nets, relative."""


def log_symmetric(x: Floats, u: Floats) -> Floats:
    """Log of eq. (8) for x (k,) and u (n, k - 1); (n,)."""
    k = x.size
    exponents = x[:, np.newaxis] - np.vstack([u.T, np.zeros(u.shape[0])])  # sums along a long axis are fast
    top = exponents.max(axis=0)
    log_sum = top + np.log(np.exp(exponents - top).sum(axis=0))
    value: Floats = special.gammaln(k) + exponents.sum(axis=0) - k * log_sum
    return value


def on_cube(ratios: Floats, x: Floats) -> Floats:
    """Return the sum over r of eq. (8) at the u of these (n, k - 1) ratios, times |du / dV|; (n,)."""
    total = np.zeros(ratios.shape[0])
    logs = np.log(ratios)
    for r in range(x.size):
        exponents = np.insert(logs, r, 0.0, axis=1)  # x_i - u_i, up to a constant that u_k = 0 settles
        u = x[:-1] - (exponents[:, :-1] - exponents[:, -1:] + x[-1])
        total += np.exp(log_symmetric(x, u) - logs.sum(axis=1))
    return total


def _cubature(k: int, rng: np.random.Generator) -> Evidence:
    """Integrate eq. (8) for three sets of logits; 30 nodes an axis reach rounding, and so do 27."""
    sets = [np.zeros(k), np.linspace(-2, 2, k), rng.normal(scale=2, size=k)]
    found = [over_cube(partial(on_cube, x=x), k - 1, 30) for x in sets]
    exhibit = _contours(rng) if k == 3 else None
    return quadrature(found, np.ones(3), bound=BOUND, what=f"integral of eq. (8) for k = {k}", exhibit=exhibit)


def _nets(options: Options, k: int, rng: np.random.Generator) -> Evidence:
    """Integrate eq. (8) by scrambled nets; the logits matter little, as u only moves with them."""
    made = replicated(squared(partial(on_cube, x=np.linspace(-1, 1, k))), k - 1, rng)
    return interval(made[:, np.newaxis], np.ones(1), options, {"categories": float(k)})


def _contours(rng: np.random.Generator) -> dict[str, Any]:
    """Return log densities of u for three categories over draws of the sampler."""
    chosen = case("three@1")
    law = GumbelSoftmax(chosen.logits, 1.0)
    drawn = np.asarray(get("relaxed").form("simplex").draw(chosen.logits, 1500, rng=rng, temperature=1.0))
    side = np.linspace(-7, 6, 50)
    grid = np.array([[a, b] for b in side for a in side])
    heights = np.exp(log_symmetric(chosen.logits, grid)).reshape(50, 50)
    return {
        "kind": "contours",
        "title": "Eq. (8) over sampled u, probabilities 0.2, 0.3, 0.5",
        "x_label": "u1",
        "y_label": "u2",
        "x": side.tolist(),
        "y": side.tolist(),
        "z": np.round(heights, 8).tolist(),
        "points": np.round(law.to_u(drawn), 4).tolist(),
    }


def _relabelled(rng: np.random.Generator) -> Evidence:
    """Take any other category as the reference: u_i - u_r runs over the others with a Jacobian of 1."""
    found, expected = [], []
    for k in (2, 3, 5, 10, 20):
        for _ in range(8):
            x, full, r = rng.normal(size=k), np.append(rng.normal(scale=3, size=k - 1), 0.0), int(rng.integers(k))
            order = np.append(np.delete(np.arange(k), r), r)
            moved = (full - full[r])[order][:-1]
            found.append(log_symmetric(x[order], moved[np.newaxis])[0])
            expected.append(log_symmetric(x, full[np.newaxis, :-1])[0])
    what = "log of eq. (8) with another category as the reference"
    return deviation(found, expected, bound=1e-12, what=what, scale=1.0)


def _margin_by_quadrature(rng: np.random.Generator) -> Evidence:
    """Integrate eq. (8) over all coordinates but the first: none, one and two of them."""
    found, expected = [], []
    for k in (2, 3, 4):
        x = rng.normal(scale=1.5, size=k)
        law = Logistic(float(x[0] - x[-1]))
        for u_1 in x[0] - x[-1] + np.array([-6.0, -2.0, 0.0, 0.7, 5.0]):
            found.append(margin(x, float(u_1)))
            expected.append(float(law.density(u_1)))
    return deviation(found, expected, bound=BOUND, what="margin of u_1 by integrating eq. (8)")


def margin(x: Floats, u_1: float) -> float:
    """Return the density of u_1 for k <= 4 categories by integrating eq. (8) over u_2, then u_3."""

    def inner(fixed: list[float]) -> Callable[[Floats], Floats]:
        def log_f(last: Floats) -> Floats:
            return log_symmetric(x, np.column_stack([np.full((last.size, len(fixed)), fixed), last]))

        return log_f

    if x.size == 2:
        return math.exp(float(log_symmetric(x, np.array([[u_1]]))[0]))
    if x.size == 3:
        return math.exp(log_integral(inner([u_1]), -60.0, 60.0))

    def outer(u_2: Floats) -> Floats:
        return np.array([log_integral(inner([u_1, float(value)]), -90.0, 90.0) for value in u_2])

    step = 0.5  # the trapezoidal rule: its error falls like exp(-2 pi^2 / step) for a function analytic up to i pi
    nodes = np.arange(-55.0, 55.0, step)
    return float(np.exp(outer(nodes)).sum() * step)


def _logistic_bins(law: GumbelSoftmax, bins: int) -> Measurement:
    """Bin the logistic CDF of each u_i = tau (log y_i - log y_k)."""
    return Measurement(f"logistic-margins-{bins}", partial(_bin_margins, law, bins))


def _bin_margins(law: GumbelSoftmax, bins: int, chunk: Chunk) -> UniformBins:
    y = chunk.draws[:, law.categories]
    z = law.temperature * (np.log(y[:, :-1]) - np.log(y[:, -1:])) - law.mean_u
    return UniformBins.of(Logistic().cdf(z), bins, lambda rows: np.asarray(Logistic().survival(z[rows])))


def _margins(options: Options) -> Iterable[Check]:
    for name in SOFT:
        scenario = Scenario(get("relaxed"), "simplex", case(name))
        law = law_of("simplex", scenario.case)
        assert isinstance(law, GumbelSoftmax)
        bins, repeats = bins_for(options.tolerance), (1,) * law.mean_u.size
        binned = (scenario, _logistic_bins(law, bins))
        why = "each log ratio of two coordinates alone is logistic"
        stem = f"ks/density/u-marginal-logistic/{name}"
        yield Check(stem, "ks", why, (binned,), KolmogorovSmirnov(bins, repeats), judges=False)
        yield Check(f"{stem}/tails", "ks", why, (binned,), DyadicTails(bins, repeats), judges=False)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.symmetric-form and density.u-marginal-logistic."""
    relabelled = identity(
        "identity/density/symmetric-form/relabelled",
        "no category is special, so neither is the reference",
        _relabelled,
        bound=1e-12,
    )
    margins = identity(
        "quadrature/density/u-marginal-logistic",
        "eq. (8) integrated over the other coordinates",
        _margin_by_quadrature,
        bound=BOUND,
        method="quadrature",
        suite="quadrature",
    )
    return (
        Claim(
            "density.symmetric-form",
            where="eq. (8)",
            says="With u_k = 0 the density of u is Gamma(k) prod exp(x_i - u_i) (sum exp(x_i - u_i))^-k.",
            evidence=("ks/relaxed/simplex/*", "independence/relaxed/simplex/*"),
            checks=(*integrals("symmetric-form", "over all u", _cubature, partial(_nets, options)), relabelled),
        ),
        Claim(
            "density.u-marginal-logistic",
            where="eq. (8), one coordinate alone",
            says="Each u_i is logistic with location x_i - x_k.",
            checks=(margins, *_margins(options)),
        ),
    )
