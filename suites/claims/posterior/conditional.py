"""Given k: u_k alone, and the others given u_k; the last display of the post, line by line.

[1] The posterior document, from the chain of equivalences to the distribution function of u_k.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import Posterior
from harness.methods import KolmogorovSmirnov, PairTables
from harness.methods.ks import bins_for
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import Counts, UniformBins
from suites.cases import case, weights
from suites.claims.posterior.uniform import direct_uniforms
from suites.evidence.identities import STEP, derivation, deviation, identity, integral, line_by_line

ORDER = 60
BOUND = 1e-10
"""Relative: 1 / alpha_k <= 1000 times the rounding of log u_k, which has lost at most three digits."""
CELLS = 4
SEVERAL = ("die|0", "die|5")
SHARES = (1e-6, 1e-3, 0.5, 1 - 1e-6)


@dataclass(frozen=True)
class Slice:
    """A value of u_k, the probabilities (K,), and k."""

    u_k: float
    alpha: Floats
    k: int

    @property
    def ratios(self) -> Floats:
        """alpha_j / alpha_k of the others."""
        ratios: Floats = np.delete(self.alpha, self.k) / self.alpha[self.k]
        return ratios


def by_sections(point: Slice) -> float:
    """First line: 1 / alpha_k integrated over the others, each from 0 to where its Gumbel ties with that of k."""
    perturbed = -math.log(-math.log(point.u_k)) + math.log(point.alpha[point.k])
    lengths = np.exp(-np.exp(-(perturbed - np.log(np.delete(point.alpha, point.k)))))
    return float(np.prod(lengths)) / float(point.alpha[point.k])


def by_uniform_densities(point: Slice) -> float:
    """The product of uniform densities on [0, u_k^(alpha_j / alpha_k)], taken to the other side."""
    densities = [1 / point.u_k**ratio for ratio in point.ratios]
    return 1 / float(point.alpha[point.k]) / float(np.prod(densities))


def by_powers(point: Slice) -> float:
    """The product of u_k^(-alpha_j / alpha_k)."""
    return 1 / float(point.alpha[point.k]) / float(np.prod(point.u_k**-point.ratios))


def by_sum(point: Slice) -> float:
    """One power with a sum in its exponent."""
    return 1 / float(point.alpha[point.k]) / float(point.u_k ** -point.ratios.sum())


def by_complement(point: Slice) -> float:
    """The sum done: the power (alpha_k - 1) / alpha_k."""
    a = float(point.alpha[point.k])
    return 1 / a / float(point.u_k ** ((a - 1) / a))


def on_the_right(point: Slice) -> float:
    """Solved: u_k^((1 - alpha_k) / alpha_k) / alpha_k."""
    a = float(point.alpha[point.k])
    return float(point.u_k ** ((1 - a) / a)) / a


def density(point: Slice) -> float:
    """As stated: u_k^(1 / alpha_k - 1) / alpha_k."""
    a = float(point.alpha[point.k])
    return float(point.u_k ** (1 / a - 1)) / a


def distribution(u_k: Any, a: float) -> Any:
    """The last line: u_k^(1 / alpha_k), of a real or complex u_k."""
    return u_k ** (1 / a)


def slope(point: Slice) -> float:
    """The derivative of the distribution function, by a complex step."""
    return float(np.imag(distribution(point.u_k + 1j * STEP, float(point.alpha[point.k]))) / STEP)


def display() -> list[tuple[str, Callable[[Slice], float]]]:
    """Return the lines of the last display, each solved for the density of u_k."""
    return [
        ("the uniform density on C_k, others integrated out", by_sections),
        ("conditional uniform densities", by_uniform_densities),
        ("a product of powers", by_powers),
        ("a power of a sum", by_sum),
        ("the sum done", by_complement),
        ("solved", on_the_right),
        ("with 1 / alpha_k - 1", density),
        ("derivative of the distribution function", slope),
    ]


def slices(rng: np.random.Generator) -> list[Slice]:
    """Return values of u_k where it usually lies, for 2 to 20 categories and alpha_k down to 1e-3."""
    made = []
    for categories in (2, 3, 6, 20):
        for _ in range(15):
            alpha = np.maximum(rng.dirichlet(np.full(categories, 0.7)), 2e-3)
            alpha, k = alpha / alpha.sum(), int(rng.integers(categories))
            made.append(Slice(float(rng.uniform(0.01, 0.99) ** alpha[k]), alpha, k))
    return made


def _derived(rng: np.random.Generator) -> Evidence:
    return derivation(display(), slices(rng), bound=BOUND, what="density of u_k given k")


def _density_at(u_k: float, alpha: Floats) -> float:
    return density(Slice(u_k, alpha, 0))


def _cumulated(rng: np.random.Generator) -> Evidence:
    """Integrate the density of u_k from 0 up to points of its range."""
    found, expected = [], []
    for a in (0.01, 0.2, 0.5, 0.9, 0.999):
        alpha = np.array([a, 1 - a])
        for t in (0.01, 0.5, 0.9, 1.0):
            edge = t**a
            found.append(integral(partial(_density_at, alpha=alpha), (0.0, edge / 2, edge))[0])
            expected.append(float(distribution(edge, a)))
    return deviation(found, expected, bound=1e-9, what="integral of the density of u_k")


def scaled_bins(bins: int, *, winner: bool) -> Measurement:
    """Bin u_k^(1 / alpha_k), or each u_j over its bound u_k^(alpha_j / alpha_k)."""
    return Measurement(f"{'winner' if winner else 'others'}-uniform-{bins}", partial(_bin, bins, winner))


def _bin(bins: int, winner: bool, chunk: Chunk) -> UniformBins:
    law, t = chunk.law, chunk.derive("direct uniforms", direct_uniforms)
    assert isinstance(law, Posterior)
    kept = t[:, [law.observed]] if winner else np.delete(t, law.observed, axis=1)
    return UniformBins.of(kept, bins, lambda rows: 1 - kept[rows])


def winner_with_each() -> Measurement:
    """Count the winner's uniform against each of the others': (K - 1, cells, cells)."""
    return Measurement(f"winner-with-each-{CELLS}", _pair)


def _pair(chunk: Chunk) -> Counts:
    law, t = chunk.law, chunk.derive("direct uniforms", direct_uniforms)
    assert isinstance(law, Posterior)
    grid = np.clip((t * CELLS).astype(np.intp), 0, CELLS - 1)
    others = np.delete(grid, law.observed, axis=1)
    tables = [np.bincount(grid[:, law.observed] * CELLS + column, minlength=CELLS**2) for column in others.T]
    return Counts(len(t), np.stack(tables).reshape(-1, CELLS, CELLS).astype(np.int64))


def _given_winner(options: Options) -> Iterable[Check]:
    bins = bins_for(options.tolerance)
    for name in SEVERAL:
        scenario = Scenario(get("top-down"), "gumbel", case(name))
        others = scenario.case.logits.size - 1
        yield Check(
            f"ks/posterior/conditional-uniform/{name}",
            "ks",
            "each loser over its bound is uniform",
            ((scenario, scaled_bins(bins, winner=False)),),
            KolmogorovSmirnov(bins, (1,) * others),
            judges=False,
        )
        yield Check(
            f"independence/posterior/conditional-uniform/{name}",
            "independence",
            "each loser over its bound knows nothing of u_k",
            ((scenario, winner_with_each()),),
            PairTables(CELLS, (1,) * others),
            tolerance=2 * options.tolerance,
            judges=False,
        )


def _winner_alone(options: Options) -> Iterable[Check]:
    bins = bins_for(options.tolerance)
    for a in SHARES:
        chosen = Case(
            f"share-{a:g}|0", "u_k alone, over the range of alpha_k", weights(a, 1 - a), ("gumbel",), observed=0
        )
        yield Check(
            f"ks/posterior/uk-density/{a:g}",
            "ks",
            "u_k to the power 1 / alpha_k is uniform",
            ((Scenario(get("top-down"), "gumbel", chosen), scaled_bins(bins, winner=True)),),
            KolmogorovSmirnov(bins, (1,)),
            judges=False,
        )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.conditional-uniform and posterior.uk-density."""
    line = line_by_line(
        "derivation/posterior/uk-density",
        "every line of the last display, solved for the density",
        _derived,
        bound=BOUND,
    )
    cumulated = identity(
        "quadrature/posterior/uk-density",
        "the density integrates to the distribution function",
        _cumulated,
        bound=1e-9,
        suite="quadrature",
        method="quadrature",
    )
    return (
        Claim(
            "posterior.conditional-uniform",
            where="after the chain",
            says="Given k and u_k, the other u_j are independent and uniform between 0 and u_k^(alpha_j / alpha_k).",
            evidence=("ks/top-down/gumbel/*|*", "independence/top-down/gumbel/*|*"),
            checks=tuple(_given_winner(options)),
        ),
        Claim(
            "posterior.uk-density",
            where="last display of the derivation",
            says="Given k, u_k has distribution function u^(1 / alpha_k).",
            evidence=("ks/top-down/gumbel/rare|1*", "ks/top-down/gumbel/sure|0*"),
            checks=(*_winner_alone(options), line, cumulated),
        ),
    )
