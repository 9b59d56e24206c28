"""Eq. (12) of the density note: the density on the simplex, from its parts, as a total of 1, and against draws in cells.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019, eq. (12).
[2] E. Jang, S. Gu, B. Poole, Categorical reparameterization with Gumbel-softmax, ICLR 2017, appendix B: the result.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.laws import GumbelSoftmax, special
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.claims.density.jacobian import Place, entries, inverse, places
from suites.claims.density.symmetric import log_symmetric
from suites.evidence.cubature import interval, over_cube, replicated, squared
from suites.evidence.identities import deviation, identity, quadrature
from suites.evidence.totals import integrals
from suites.families.density_integral import log_point

ORDER = 90
BOUND = 1e-10
TEMPERATURES = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Tolerance of an integral by scrambled nets, relative."""


def log_of_y(log_y: Floats, x: Floats, tau: float) -> Floats:
    """Log of the result [2] for log y (n, k) and x = log pi (k,); (n,)."""
    k = x.size
    total = np.logaddexp.reduce(x - tau * log_y, axis=1)
    value: Floats = special.gammaln(k) + (k - 1) * np.log(tau) - k * total + np.sum(x - (tau + 1) * log_y, axis=1)
    return value


def by_change_of_variables(point: Place, x: Floats) -> float:
    """Log of eq. (12): the density (8) at the inverse (13), times the determinant of (14) and (15)."""
    u = inverse(point.y, point.tau)
    return float(log_symmetric(x, u[np.newaxis])[0] + np.linalg.slogdet(entries(point))[1])


def on_cube(ratios: Floats, x: Floats, tau: float) -> Floats:
    """Return the density times its Jacobian, summed over r, the largest of w_i = pi_i / y_i^tau; (n,).

    ``ratios`` (n, k - 1) are w_j / w_r in (0, 1], in which the integrand is smooth and bounded.
    """
    total = np.zeros(ratios.shape[0])
    for r in range(x.size):
        gaps = x[r] - np.delete(x, r)
        log_y, jacobian = log_point(ratios * np.exp(gaps), r, tau)
        total += np.exp(log_of_y(log_y, x, tau) + jacobian + gaps.sum())
    return total


def _result(rng: np.random.Generator) -> Evidence:
    """Compare logs: an error is a relative error of the density."""
    found, expected, law = [], [], []
    for point in places(rng, (2, 3, 4, 6, 10, 20)):
        x, y = rng.normal(scale=1.5, size=point.y.size + 1), np.append(point.y, point.last)[np.newaxis]
        x -= np.logaddexp.reduce(x)
        found.append(float(log_of_y(np.log(y), x, point.tau)[0]))
        expected.append(by_change_of_variables(point, x))
        law.append(float(GumbelSoftmax(x, point.tau).log_density(y)[0]))
    return deviation([found, law], [expected, found], bound=BOUND, what="log density of y against eq. (12)", scale=1.0)


def _logits(k: int) -> Floats:
    weights = np.arange(2.0, k + 2.0)
    logits: Floats = np.log(weights / weights.sum())
    return logits


def _cubature(k: int, rng: np.random.Generator) -> Evidence:
    found = [over_cube(partial(on_cube, x=_logits(k), tau=tau), k - 1, 24) for tau in TEMPERATURES]
    return quadrature(found, np.ones(len(found)), bound=BOUND, what=f"integral over the simplex for k = {k}")


def _nets(options: Options, k: int, rng: np.random.Generator) -> Evidence:
    made = replicated(squared(partial(on_cube, x=_logits(k), tau=0.3)), k - 1, rng)
    return interval(made[:, np.newaxis], np.ones(1), options, {"categories": float(k)})


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.of-y."""
    result = identity(
        "identity/density/of-y",
        "the result is what the parts of eq. (12) give, and what the cells were integrated from",
        _result,
        bound=BOUND,
    )
    return (
        Claim(
            "density.of-y",
            where="eq. (12)",
            says="y has density Gamma(k) tau^(k-1) (sum pi_i / y_i^tau)^-k prod pi_i / y_i^(tau+1).",
            evidence=("*/relaxed/simplex/*",),
            checks=(
                result,
                *integrals(
                    "of-y", "over the simplex, at temperatures from 0.1 to 10", _cubature, partial(_nets, options)
                ),
            ),
        ),
    )
