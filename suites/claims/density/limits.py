"""Eq. (5) of the density note states limits over which its integral diverges; eq. (6) is the Gamma integral.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.laws import special
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.verdict import Verdict
from suites.claims.density.marginal import closed_form
from suites.evidence.cubature import log_integral
from suites.evidence.identities import derivation, deviation, identity, integral

ORDER = 40
BOUND = 1e-10
CUTS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Where the integral from minus infinity is cut off."""


def integrand(v: float, a: Floats) -> float:
    """What stands behind (-dv) in the first line of (5): e^-v prod v e^(a_i - v e^(a_i)), a_i = x_i - u_i - x_k."""
    return math.exp(-v) * float(np.prod(v * np.exp(a - v * np.exp(a))))


def by_g(a: Floats) -> float:
    """Eq. (4), third line: the same density before the substitution."""

    def log_f(g: Floats) -> Floats:
        exponents = a - g[:, np.newaxis]
        value: Floats = -g - np.exp(-g) + np.sum(exponents - np.exp(exponents), axis=1)
        return value

    return math.exp(log_integral(log_f, -60.0, 60.0))


def as_written(a: Floats, cut: float) -> tuple[float, float]:
    """Return the integral of (-dv) from -cut to 0, and its error."""
    value, error = integral(lambda v: integrand(v, a), (-cut, 0.0))
    return -value, error


def put_right(a: Floats) -> tuple[float, float]:
    """Return the integral of (-dv) from infinity to 0, and its error; what lies beyond the last edge is below 1e-17."""
    rate = 1 + float(np.exp(a).sum())
    downwards = [edge / rate for edge in (120.0, 30.0, 10.0, 3.0, 0.0)]
    value, error = integral(lambda v: integrand(v, a), downwards)
    return -value, abs(error)


def _written(rng: np.random.Generator) -> Evidence:
    """Cut the integral as written ever farther out, at k = 2 and x = u = 0, where it is ((2L - 1) e^(2L) + 1) / 4."""
    a = np.zeros(1)
    due = by_g(a)
    values, errors = zip(*(as_written(a, cut) for cut in CUTS), strict=True)
    settled = abs(values[-1] - values[-2]) <= errors[-1] + errors[-2] + BOUND
    sentence = ""
    if not settled or abs(values[-1] - due) > errors[-1] + BOUND:
        sentence = (
            f"at k = 2, x = u = 0 the integral of -v e^(-2v) dv from -1 to 0 is (e^2 + 1)/4 = {values[0]:.6g}, from -2 "
            f"{values[1]:.6g}, from -4 {values[2]:.6g}, and so on without bound; eq. (4) is {due:.6g}"
        )
    return Evidence(
        statistic=values[-1],
        effect=abs(values[0] - due) / due,
        n=len(CUTS),
        resolution=max(error / value for value, error in zip(values, errors, strict=True)),
        impossible=sentence,
        exhibit=_growth(values, due),
        notes={f"from -{cut:g}": value for cut, value in zip(CUTS, values, strict=True)},
    )


def _growth(values: tuple[float, ...], due: float) -> dict[str, object]:
    return {
        "kind": "curves",
        "title": "Eq. (5) as written, cut off at -L (k = 2, x = u = 0)",
        "x_label": "L",
        "y_label": "integral from -L to 0",
        "log_x": True,
        "log_y": True,
        "series": [{"label": "as written", "x": list(CUTS), "y": list(values), "style": "line"}],
        "lines": [{"y": due, "label": "eq. (4)"}],
    }


def _corrected(rng: np.random.Generator) -> Evidence:
    """Compare the integral from infinity down to 0 with eq. (4) for k = 2 to 10."""
    found, expected = [], []
    for k in range(2, 11):
        for _ in range(3):
            a = rng.normal(scale=1.0, size=k - 1)
            value, error = put_right(a)
            if error > abs(value) * BOUND / 10:
                raise ArithmeticError(f"the quadrature is off by {error:.1e} of {value:.1e}")
            found.append(value)
            expected.append(by_g(a))
    return deviation(found, expected, bound=BOUND, what="integral over v from infinity to 0, against eq. (4)")


@dataclass(frozen=True)
class Exponents:
    """The a and z of eq. (6)."""

    a: float
    z: float


def _over_positive(log_f: Callable[[Floats], Floats], z: float, scale: float) -> float:
    """Return the log of an integral over x > 0 by x = scale e^s; the integrand falls like e^(z s) to the left."""
    return log_integral(
        lambda s: log_f(scale * np.exp(s)) + s + math.log(scale), -60 / min(z, 1.0) - 5, 8.0, panels=400
    )


def gamma_integral(point: Exponents) -> float:
    """Eq. (6), first expression: of x^(z-1) e^(-a x)."""
    return _over_positive(lambda x: (point.z - 1) * np.log(x) - point.a * x, point.z, point.z / point.a)


def gamma_scaled(point: Exponents) -> float:
    """Eq. (6), second expression: y = a x."""
    a, z = point.a, point.z
    return _over_positive(lambda y: (z - 1) * np.log(y / a) - y - math.log(a), z, z)


def gamma_factored(point: Exponents) -> float:
    """Eq. (6), third expression: the power of a in front."""
    a, z = point.a, point.z
    return z * math.log(1 / a) + _over_positive(lambda y: (z - 1) * np.log(y) - y, z, z)


def gamma_closed(point: Exponents) -> float:
    """Eq. (6), last expression."""
    return -point.z * math.log(point.a) + float(special.gammaln(point.z))


def _gamma(rng: np.random.Generator) -> Evidence:
    """Run eq. (6) over a grid of a and of z, at integers, between them, and near 0; each less the last in logs, plus 1.

    So an error of a line is a relative error of its integral, however small that is.
    """
    sizes = (0.1, 0.5, 1.0, 1.37, 2.0, 3.5, 7.25, 10.0, 31.4, 50.0, 99.9)
    grid = [Exponents(a, z) for a in (1e-6, 1e-2, 0.7, 1.0, 30.0, 1e6) for z in sizes]
    lines = [
        ("the integral", gamma_integral),
        ("y = a x", gamma_scaled),
        ("the power of a in front", gamma_factored),
        ("a^-z Gamma(z)", gamma_closed),
    ]
    shifted = [(label, partial(_plus, line)) for label, line in lines]
    return derivation(shifted, grid, bound=BOUND, what="the Gamma integral")


def _plus(line: Callable[[Exponents], float], point: Exponents) -> float:
    return line(point) - gamma_closed(point) + 1.0


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.substitution-limits, its correction, density.gamma-integral, and what follows from them."""
    quadrature = partial(identity, bound=BOUND, suite="quadrature", method="quadrature")
    written = quadrature("quadrature/density/substitution-limits/as-written", "cut off ever farther out", _written)
    corrected = quadrature("quadrature/density/substitution-limits/corrected", "against eq. (4)", _corrected)
    gamma = quadrature("derivation/density/gamma-integral", "a from 1e-6 to 1e6, z from 0.1 to 100", _gamma)
    return (
        Claim(
            "density.substitution-limits",
            where="eq. (5), first line",
            says="With v = exp(-g_k) the limits are minus infinity and 0 for (-dv).",
            expect=Verdict.REFUTED,
            checks=(written,),
        ),
        Claim(
            "density.substitution-limits.corrected",
            where="eq. (5), first line",
            says="With v = exp(-g_k) the limits are infinity and 0 for (-dv), which is 0 and infinity for dv.",
            checks=(corrected,),
        ),
        Claim(
            "density.gamma-integral",
            where="eq. (6)",
            says="Over x > 0 the integral of x^(z-1) exp(-a x) is a^-z Gamma(z).",
            checks=(gamma,),
        ),
        closed_form(),
    )
