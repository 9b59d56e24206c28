"""Eqs (4) to (7) of the density note: the last Gumbel is integrated out, and every line is held to the next.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from harness.arrays import Floats
from harness.laws import Gumbel, PerturbedLogits, special
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.claims.density.symmetric import log_symmetric
from suites.evidence.cubature import log_integral
from suites.evidence.identities import derivation, line_by_line

ORDER = 30
BOUND = 1e-10
"""Relative: two integrals at 1e-11 each, and 300 ulp of logarithms up to 300."""


@dataclass(frozen=True)
class Point:
    """Logits x (k,) and u (k - 1,)."""

    x: Floats
    u: Floats

    @property
    def k(self) -> int:
        """The number of categories."""
        return self.x.size

    @property
    def above(self) -> Floats:
        """x_i - u_i, i < k."""
        above: Floats = self.x[:-1] - self.u
        return above

    @property
    def a(self) -> Floats:
        """x_i - u_i - x_k, i < k."""
        a: Floats = self.above - self.x[-1]
        return a


def points(rng: np.random.Generator, sizes: Iterable[int]) -> list[Point]:
    """Return points where u lies as its definition puts it, so that densities stay within a float's range."""
    made = []
    for k in sizes:
        x, g = rng.normal(scale=1.5, size=k), rng.gumbel(size=k)
        made.append(Point(x, x[:-1] + g[:-1] - (x[-1] + g[-1])))
    return made


def over_g(log_f: Callable[[Floats], Floats]) -> float:
    """Return the integral over g_k of exp(log_f)."""
    return math.exp(log_integral(log_f, -60.0, 60.0))


def over_v(log_f: Callable[[Floats], Floats], rate: float) -> float:
    """Return the integral over v > 0 of exp(log_f), which falls like v^(k-1) e^(-rate v), k <= 50."""
    return math.exp(log_integral(log_f, 0.0, 400.0 / rate))


def joint(point: Point) -> float:
    """Eq. (4), first line: the joint density of all u given g_k, times that of g_k."""
    law = PerturbedLogits(np.zeros(point.k - 1))

    def log_f(g: Floats) -> Floats:
        noise = point.u - point.x[:-1] + point.x[-1] + g[:, np.newaxis]
        return law.log_density(noise) + Gumbel().log_density(g)

    return over_g(log_f)


def product(point: Point) -> float:
    """Eq. (4), second line: given g_k the u_i are independent."""

    def log_f(g: Floats) -> Floats:
        total = Gumbel().log_density(g)
        for x_i, u_i in zip(point.x[:-1], point.u, strict=True):
            total = total + Gumbel().log_density(u_i - (x_i - point.x[-1] - g))
        return total

    return over_g(log_f)


def written_out(point: Point) -> float:
    """Eq. (4), third line."""

    def log_f(g: Floats) -> Floats:
        exponents = point.a - g[:, np.newaxis]
        value: Floats = -g - np.exp(-g) + np.sum(exponents - np.exp(exponents), axis=1)
        return value

    return over_g(log_f)


def substituted(point: Point) -> float:
    """Eq. (5), first line with its limits put right: v = e^-g_k from 0 to infinity."""

    def log_f(v: Floats) -> Floats:
        column = v[:, np.newaxis]
        value: Floats = -v + np.sum(np.log(column) + point.a - column * np.exp(point.a), axis=1)
        return value

    return over_v(log_f, 1 + float(np.exp(point.a).sum()))


def powers_collected(point: Point) -> float:
    """Eq. (5), second line: constants in front, powers of v together."""

    def log_f(v: Floats) -> Floats:
        inside = -v + (point.k - 1) * np.log(v) - np.sum(v[:, np.newaxis] * np.exp(point.a), axis=1)
        value: Floats = inside + np.sum(point.a)
        return value

    return over_v(log_f, 1 + float(np.exp(point.a).sum()))


def one_exponential(point: Point) -> float:
    """Eq. (5), third line, and (7), first line: one exponential in v."""
    x_k = float(point.x[-1])
    rate = 1 + math.exp(-x_k) * float(np.exp(point.above).sum())
    front = -(point.k - 1) * x_k + float(np.sum(point.above))
    return over_v(lambda v: front + (point.k - 1) * np.log(v) - v * rate, rate)


def integrated(point: Point) -> float:
    """Eq. (7), second line: the integral done by (6)."""
    x_k, k = float(point.x[-1]), point.k
    rate = 1 + math.exp(-x_k) * float(np.exp(point.above).sum())
    log_front = -k * x_k + x_k + float(np.sum(point.above))
    return math.exp(log_front - k * math.log(rate) + float(special.gammaln(k)))


def reference_inside(point: Point) -> float:
    """Eq. (7), third line: e^(x_k) taken into the bracket."""
    x_k = float(point.x[-1])
    bracket = math.exp(x_k) + float(np.exp(point.above).sum())
    front = x_k + float(np.sum(np.log(np.exp(point.above))))
    return math.exp(front - point.k * math.log(bracket) + float(special.gammaln(point.k)))


def collected(point: Point) -> float:
    """Eq. (7), fourth line, in floats as it stands."""
    x_k = float(point.x[-1])
    bracket = math.exp(x_k) + float(np.exp(point.above).sum())
    return math.exp(x_k + float(point.above.sum())) * math.pow(bracket, -point.k) * math.gamma(point.k)


def symmetric(point: Point) -> float:
    """Eq. (8)."""
    return math.exp(float(log_symmetric(point.x, point.u[np.newaxis])[0]))


def marginal_lines() -> list[tuple[str, Callable[[Point], float]]]:
    """Return the lines of (4) and the closed form (8)."""
    return [
        ("eq. (4), joint density given g_k", joint),
        ("eq. (4), product of conditional densities", product),
        ("eq. (4), written out", written_out),
        ("eq. (8)", symmetric),
    ]


def closed_lines() -> list[tuple[str, Callable[[Point], float]]]:
    """Return the lines of (5) and (7)."""
    return [
        ("eq. (5), v = e^-g_k", substituted),
        ("eq. (5), powers of v collected", powers_collected),
        ("eq. (5), one exponential", one_exponential),
        ("eq. (7), the Gamma integral done", integrated),
        ("eq. (7), e^(x_k) inside", reference_inside),
        ("eq. (7), as it is left", collected),
    ]


def _marginalisation(rng: np.random.Generator) -> Evidence:
    sizes = [k for k in range(2, 11) for _ in range(3)]
    return derivation(marginal_lines(), points(rng, sizes), bound=BOUND, what="density of u by integrating over g_k")


def _closed_form(rng: np.random.Generator) -> Evidence:
    return derivation(closed_lines(), points(rng, range(2, 51)), bound=BOUND, what="density of u in closed form")


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.marginalisation."""
    why = "eq. (4), line by line, to eq. (8)"
    return (
        Claim(
            "density.marginalisation",
            where="eq. (4)",
            says="The u_i have as joint density the integral over g_k of its density times their densities given g_k.",
            checks=(line_by_line("derivation/density/marginalisation", why, _marginalisation, bound=BOUND),),
        ),
    )


def closed_form() -> Claim:
    """Return density.closed-form, which follows where the limits and the Gamma integral are known."""
    why = "eqs (5) and (7), line by line, 2 to 50 categories"
    return Claim(
        "density.closed-form",
        where="eqs (5) to (7)",
        says="That integral is exp(x_k + sum(x_i - u_i)) (exp(x_k) + sum exp(x_i - u_i))^-k Gamma(k).",
        checks=(line_by_line("derivation/density/closed-form", why, _closed_form, bound=BOUND),),
    )
