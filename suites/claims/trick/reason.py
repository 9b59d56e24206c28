"""Maxima are not skewed to the right because they are maxima: the tail of the law decides, and bounded laws go to -2.

The maximum of n draws is Q(e^(-E / n)) for a standard exponential E, Q the quantile function. With E = e^-z, z a
standard Gumbel, moments are integrals over z, for n as large as one likes.

[1] Gnedenko 1943, "Sur la distribution limite du terme maximum d'une serie aleatoire": the three limits of maxima.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.laws import Gumbel, special
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.verdict import Verdict
from suites.claims.trick.skew import SIZE, exact_skewness, triples
from suites.evidence.chance import Rates, chance, curves, line
from suites.evidence.cubature import gauss
from suites.evidence.identities import deviation, identity

ORDER = 20
LOW, HIGH = -6.0, 60.0
"""Outside lie e^(-e^6) and e^-60 of the Gumbel law, times powers of z below 2e5."""


def nodes() -> tuple[Floats, Floats]:
    """Return nodes z and weights (m,) of an integral over the standard Gumbel law."""
    node, weight = gauss(40, 120)
    z = LOW + (HIGH - LOW) * node
    return z, np.asarray((HIGH - LOW) * weight * Gumbel().density(z))


def uniform_maximum(z: Floats, log_n: float) -> Floats:
    """Return the maximum of n uniforms, less 1 and times n, so that no digit is lost: n (e^(-E / n) - 1)."""
    n = math.exp(log_n)
    return np.asarray(n * np.expm1(-np.exp(-z) / n))


def exponential_maximum(z: Floats, log_n: float) -> Floats:
    """Return the maximum of n exponentials."""
    return np.asarray(-_log_tail(z, log_n))


def normal_maximum(z: Floats, log_n: float) -> Floats:
    """Return the maximum of n normals, from whichever of e^-t and 1 - e^-t, t = e^-z / n, is the smaller."""
    t, log_tail = np.exp(-z - log_n), _log_tail(z, log_n)
    return np.asarray(np.where(t > math.log(2), special.ndtri_exp(-t), -special.ndtri_exp(np.minimum(log_tail, -0.1))))


def _log_tail(z: Floats, log_n: float) -> Floats:
    """Return log(1 - e^(-t)), t = e^-z / n, from its series log t - t / 2 where t is so small that its square is lost."""
    log_t = -z - log_n
    t = np.exp(log_t)
    return np.asarray(np.where(t > 1e-9, np.log(-np.expm1(-np.maximum(t, 1e-9))), log_t - t / 2))


def skewness(maximum: Callable[[Floats, float], Floats], log_n: float) -> float:
    """Return the skewness of a maximum of n draws, by quadrature."""
    z, weight = nodes()
    values = maximum(z, log_n)
    centred = values - np.sum(weight * values)
    return float(np.sum(weight * centred**3) / np.sum(weight * centred**2) ** 1.5)


def of_uniforms(n: float) -> float:
    """Return the skewness of Beta(n, 1), the law of the maximum of n uniforms: -2 (n - 1) sqrt((n + 2) / n) / (n + 3)."""
    return -2 * (n - 1) * math.sqrt((n + 2) / n) / (n + 3)


def approach_of_normals() -> float:
    """Return c with skewness = 1.1395 - c / log n + ...: the normal's maximum is z - z^2 / (4 log n) to first order.

    Moving z by -e z^2 moves the second and third cumulant by -2 e cov(z, z^2) and -3 e cov((z - m)^2, z^2).
    """
    z, weight = nodes()
    centred, square = z - np.sum(weight * z), z**2 - np.sum(weight * z**2)
    second, third = np.sum(weight * centred**2), np.sum(weight * centred**3)
    moved = 3 * np.sum(weight * centred**2 * square), 2 * np.sum(weight * centred * square)
    return float((moved[0] / second**1.5 - 1.5 * third * moved[1] / second**2.5) / 4)


def uniforms(rng: np.random.Generator) -> Evidence:
    """Maxima of 100 uniforms are maxima, and skewed to the left: the sentence would have them above 0."""
    found = of_uniforms(SIZE)
    sentence = f"maxima of {SIZE} uniforms have skewness {found:.4f}, and are maxima all the same"
    return Evidence(
        statistic=found, effect=max(-found, 0.0), n=1, resolution=1e-12, impossible=sentence if found < -1e-12 else "",
        exhibit=_picture(), notes={f"skewness of maxima of {SIZE} uniforms": found},
    )  # fmt: skip


def _picture() -> dict[str, Any]:
    n = np.geomspace(2, 1e12, 80)
    shown = {"uniform": uniform_maximum, "normal": normal_maximum, "exponential": exponential_maximum}
    series = [line(label, n, [skewness(one, math.log(m)) for m in n]) for label, one in shown.items()]
    return curves(
        "Skewness of the maximum of n draws", "n", "skewness", series, log_x=True,
        lines=[{"y": Gumbel.skewness, "label": "limit of exponential tails, 1.1395"}, {"y": -2.0, "label": "limit of the "
               "uniform, -2"}, {"x": SIZE, "label": "the document's 100"}],
    )  # fmt: skip


def uniform_maxima(rng: np.random.Generator, n: int, count: int) -> Floats:
    """Draw maxima of n uniforms, each from uniforms of its own."""
    return np.asarray(rng.random((count, n)).max(axis=1))


def bounded(rng: np.random.Generator) -> Evidence:
    """Hold the uniform's skewness to its closed form, and its way to -2: n (skewness + 2) tends to 6."""
    sizes = [2.0, 3.0, 10.0, 100.0, 1e4, 1e6]
    found = [skewness(uniform_maximum, math.log(n)) for n in sizes]
    far = [n * (2 + of_uniforms(n)) for n in (1e5, 1e6)]
    due = [*map(of_uniforms, sizes), 6.0, 6.0]
    return deviation([*found, *far], due, bound=3e-4, what="the skewness of uniform maxima")


def exponential(rng: np.random.Generator) -> Evidence:
    """Hold the exponential's to 2 sum k^-3 / (sum k^-2)^1.5, and its way to 1.1395: n (skewness - 1.1395) tends to 1.04."""
    k = np.arange(1.0, 10_001)
    sizes = (10, 100, 1000, 10_000)
    found = [skewness(exponential_maximum, math.log(n)) for n in sizes]
    due = [float(2 * np.sum(k[:n] ** -3) / np.sum(k[:n] ** -2) ** 1.5) for n in sizes]
    far = [n * (skewness(exponential_maximum, math.log(n)) - Gumbel.skewness) for n in (1e4, 1e5)]
    # sum k^-2 falls short of zeta(2) by 1 / n, sum k^-3 of zeta(3) by 1 / (2 n^2).
    limit = Gumbel.skewness * 1.5 / (math.pi**2 / 6)
    return deviation([*found, *far], [*due, limit, limit], bound=2e-4, what="the skewness of exponential maxima")


def normal(rng: np.random.Generator) -> Evidence:
    """Hold log n times what the normal's skewness lacks of 1.1395 to its limit: so slowly does it get there.

    At n = 100 and 10000 it is held to an integral of another kind, over the density of the maximum.
    """
    far, near = (1e4, 3e4, 1e5), (SIZE, 10_000)  # beyond, the difference of two skewnesses loses digits
    found = [log_n * (Gumbel.skewness - skewness(normal_maximum, log_n)) for log_n in far]
    found += [skewness(normal_maximum, math.log(n)) for n in near]
    due = [*[approach_of_normals()] * len(far), *(exact_skewness("normal", n) for n in near)]
    notes = {f"skewness at n = {n:g}": skewness(normal_maximum, math.log(n)) for n in (1e2, 1e4, 1e8, 1e16, 1e64)}
    return deviation(found, due, bound=3e-4, what="skewness of normal maxima, log n times what it lacks", notes=notes)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the reason that the document gives for the skew of maxima, and what decides."""
    rates, stem = Rates.of(options), "trick/maxima-skew-reason"
    where = "The Gumbel-Max Trick, what is said of the first figure"
    by_quadrature = partial(identity, method="quadrature", suite="quadrature", unit="skewness")
    wrong = Claim(
        "trick.maxima-skew-reason",
        where=where,
        says="Maxima are right-skewed because they are maxima.",
        expect=Verdict.REFUTED,
        checks=(
            identity(f"identity/{stem}/uniform", "maxima of uniforms are maxima too", uniforms, bound=1e-12,
                     unit="skewness", method="closed form"),
            chance(f"simulation/{stem}/uniform", "so do draws", partial(triples, uniform_maxima, SIZE, rates), tolerance=1.0,
                   unit="share of the asymmetry", method="triples test"),
        ),
    )  # fmt: skip
    right = Claim(
        "trick.maxima-skew-reason.corrected",
        where=where,
        says="The tail decides: with exponential-type tails the skewness tends to 1.1395, for the uniform to -2.",
        checks=(
            by_quadrature(f"quadrature/{stem}.corrected/uniform", "a density that ends at a finite height", bounded,
                          bound=3e-4),
            by_quadrature(f"quadrature/{stem}.corrected/exponential", "an exponential tail", exponential, bound=2e-4),
            by_quadrature(f"quadrature/{stem}.corrected/normal", "a normal tail, as slowly as 1 / log n", normal,
                          bound=3e-4),
        ),
    )  # fmt: skip
    return wrong, right
