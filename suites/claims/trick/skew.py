"""Maxima of many draws are right-skewed for three laws: in repeated figures, by a test without moments, and exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.laws import special
from harness.methods.tails import massart
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.evidence.chance import (  # fmt: skip
    Rates,
    Sample,
    chance,
    curves,
    hoeffding_size,
    line,
    positive,
    rarely,
    trials,
)
from suites.evidence.identities import deviation, identity, integral

ORDER = 10
SIZE, REPETITIONS = 100, 1000
"""Draws of which a maximum is taken, and maxima of a figure: the document's numbers."""
LARGER = 10_000
CENTRE = 2.0
"""The mixture is half Normal(-2, 1) and half Normal(2, 1); the document gives no numbers for its own."""


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw standard normals."""
    return rng.standard_normal(shape)


def exponential(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw standard exponentials."""
    return rng.standard_exponential(shape)


def mixture(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw from the mixture of two normals."""
    return rng.standard_normal(shape) + CENTRE * (2 * (rng.random(shape) < 0.5) - 1)


def normal_maxima(rng: np.random.Generator, n: Any, count: int) -> Floats:
    """Draw maxima of n normals at the cost of one: if E is exponential, e^(-E / n) is the largest of n uniforms."""
    with np.errstate(divide="ignore"):
        return np.asarray(-special.ndtri(-np.expm1(-rng.standard_exponential(count) / n)))


def exponential_maxima(rng: np.random.Generator, n: int, count: int) -> Floats:
    """Draw maxima of n exponentials likewise."""
    return np.asarray(-np.log(-np.expm1(-rng.standard_exponential(count) / n)))


def mixture_maxima(rng: np.random.Generator, n: int, count: int) -> Floats:
    """Draw maxima of n draws of the mixture: how many fall to either half is binomial."""
    right = rng.binomial(n, 0.5, count)
    return np.maximum(normal_maxima(rng, right, count) + CENTRE, normal_maxima(rng, n - right, count) - CENTRE)


LAWS = {
    "normal": (normal, normal_maxima),
    "exponential": (exponential, exponential_maxima),
    "mixture": (mixture, mixture_maxima),
}


def _tail(law: str, x: Any) -> Any:
    """Return P(X > x) of a law."""
    if law == "exponential":
        return np.exp(-np.maximum(x, 0.0))
    return special.ndtr(-x) if law == "normal" else (special.ndtr(CENTRE - x) + special.ndtr(-CENTRE - x)) / 2


def _density(law: str, x: Any) -> Any:
    if law == "exponential":
        return np.where(x >= 0, np.exp(-np.maximum(x, 0.0)), 0.0)
    bell = [
        np.exp(-((x - c) ** 2) / 2) / math.sqrt(2 * math.pi) for c in ((0.0,) if law == "normal" else (-CENTRE, CENTRE))
    ]
    return sum(bell) / len(bell)


def maximum_density(law: str, n: int, x: Any) -> Any:
    """Return the density n F^(n - 1) f of the maximum of n draws."""
    with np.errstate(divide="ignore"):
        return n * np.exp((n - 1) * np.log1p(-_tail(law, x))) * _density(law, x)


def skewness(values: Floats) -> Floats:
    """Return the sample skewness m3 / m2^1.5 along the last axis."""
    centred = values - values.mean(axis=-1, keepdims=True)
    return np.asarray(np.mean(centred**3, axis=-1) / np.mean(centred**2, axis=-1) ** 1.5)


def repeated_figure(law: str, tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Repeat the figure (1000 maxima of 100 draws) and count how often the sample skewness is not above 0.

    A maximum is drawn at the cost of one draw; all of them are held to the law of the largest of 100 draws, F^100, by KS.
    """
    half = replace(rates, level=rates.level / 2)
    count = trials(tolerance, half)
    maxima = LAWS[law][1](rng, SIZE, count * REPETITIONS)
    found = skewness(maxima.reshape(count, REPETITIONS))
    apart = _distance(np.exp(SIZE * np.log1p(-_tail(law, np.sort(maxima)))))
    quantiles = np.quantile(found, [0.025, 0.5, 0.975])
    notes = dict(zip(("skewness, 2.5 %", "skewness, median", "skewness, 97.5 %"), quantiles.tolist(), strict=True))
    made = rarely(int((found <= 0).sum()), count, tolerance, half, notes=notes)
    return replace(made, p_value=min(1.0, 2 * min(made.p_value or 0.0, massart(apart, maxima.size))))


def _distance(uniforms: Floats) -> float:
    """Return the KS distance of sorted (n,) values from the uniform law."""
    grid = np.arange(uniforms.size + 1) / uniforms.size
    return float(max(np.max(grid[1:] - uniforms), np.max(uniforms - grid[:-1])))


def triples(
    maxima: Callable[[np.random.Generator, int, int], Floats], n: int, rates: Rates, rng: np.random.Generator
) -> Evidence:
    """Show right skew without moments: of three maxima the middle one lies below the mid-range more often than above.

    The triples test of Randles, Fligner, Policello and Wolfe 1980, on triples that share no draw; maxima of n.
    """
    count = hoeffding_size(2.0, 0.05, rates)
    three = np.sort(maxima(rng, n, 3 * count).reshape(-1, 3), axis=1)
    signs = np.sign(three[:, 0] + three[:, 2] - 2 * three[:, 1])
    notes = {"sample skewness": float(skewness(three.ravel())), "draws of a maximum": float(n)}
    return positive(Sample.of(signs, 2.0), rates, notes=notes)


def exact_skewness(law: str, n: int) -> float:
    """Return the skewness of the maximum of n draws, by quadrature of its density."""
    low, high = (0.0, math.log(n) + 60) if law == "exponential" else (-6.0, 14.0)
    edges = np.linspace(low, high, 41)

    def moment(power: int, about: float) -> float:
        return integral(
            lambda x: float((x - about) ** power * maximum_density(law, n, x)), edges.tolist(), relative=1e-11
        )[0]

    mean = moment(1, 0.0)
    return float(moment(3, mean) / moment(2, mean) ** 1.5)


def exact(rng: np.random.Generator) -> Evidence:
    """Compute the three skewnesses; the exponential's must be that of sum E_k / k, 2 sum k^-3 / (sum k^-2)^1.5."""
    sizes = (SIZE, 1000, LARGER)
    values = {(law, n): exact_skewness(law, n) for law in LAWS for n in sizes}
    k = np.arange(1.0, LARGER + 1)
    due = [2 * np.sum(k[:n] ** -3.0) / np.sum(k[:n] ** -2.0) ** 1.5 for n in sizes]
    found = [values["exponential", n] for n in sizes]
    notes = {f"skewness of maxima of {n}, {law}": value for (law, n), value in values.items()}
    made = deviation(
        found, due, bound=1e-8, what="the skewness of exponential maxima", exhibit=_densities(), notes=notes
    )
    left = [name for name, value in notes.items() if not value > 1e-8]
    return replace(made, impossible=made.impossible or "; ".join(f"{name} is {notes[name]:.3g}" for name in left))


def _densities() -> dict[str, Any]:
    x = np.linspace(-5, 12, 205)
    series = []
    for law in LAWS:
        series.append(line(law, x, _density(law, x)))
        series.append(line(f"maxima of {SIZE}, {law}", x, maximum_density(law, SIZE, x)))
    return curves("Three laws and the maxima of 100 draws of each", "x", "density", series)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim about the skew of maxima."""
    rates = Rates.of(options)
    stem, tolerance = "trick/maxima-skew", max(0.05, options.tolerance)
    skewed: Callable[..., Any] = partial(chance, tolerance=1.0, unit="share of the asymmetry", method="triples test")
    skew = Claim(
        "trick.maxima-skew",
        where="The Gumbel-Max Trick, first figure",
        says="1000 maxima of 100 draws are right-skewed for a normal, an exponential and a mixture of two normals.",
        checks=(
            *(
                chance(
                    f"simulation/{stem}/figure/{law}", "whoever repeats the figure sees a right skew",
                    partial(repeated_figure, law, tolerance, rates), tolerance=tolerance,
                    unit="share of figures without right skew", method="repetitions",
                )
                for law in LAWS
            ),
            *(
                skewed(f"simulation/{stem}/larger/{law}", "the skew stays at maxima of 10000",
                       partial(triples, maxima, LARGER, rates))
                for law, (_, maxima) in LAWS.items()
            ),
            identity(
                f"quadrature/{stem}/exact", "the skewness itself", exact, bound=1e-7, method="quadrature", suite="quadrature"
            ),
        ),
    )  # fmt: skip
    return (skew,)
