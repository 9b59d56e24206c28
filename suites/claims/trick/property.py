"""Property 2 of the trick: pairwise odds, the law of the maximum, and from both the law of the winner."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.draws import measurements
from harness.draws.chunk import Chunk
from harness.laws import Gumbel
from harness.laws.log_space import log_sum_exp
from harness.methods import DyadicTails, KolmogorovSmirnov, PooledCells
from harness.methods.ks import bins_for
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import UniformBins
from suites.cases import case, logits, zipf
from suites.claims.trick import top_k
from suites.evidence.identities import derivation, identity

ORDER = 60
ODDS = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 1e2, 1e3, 1e4)
THOUSAND = Case("zipf-1000-noise", "the maximum of a thousand Gumbels", zipf(1000), ("gumbel",), tolerance=0.03)


def one_minus_cdf(pa: float, pb: float) -> float:
    """Return 1 - F(0), the first form of P(x_a > x_b)."""
    return float(1 - 1 / (1 + np.exp(np.log(pa) - np.log(pb))))


def odds_form(pa: float, pb: float) -> float:
    """Return e^(a - b) / (1 + e^(a - b))."""
    ratio = np.exp(np.log(pa) - np.log(pb))
    return float(ratio / (1 + ratio))


def log_ratio_form(pa: float, pb: float) -> float:
    """Return the same with e^(log(p_a / p_b))."""
    ratio = np.exp(np.log(pa / pb))
    return float(ratio / (1 + ratio))


def share_form(pa: float, pb: float) -> float:
    """Return p_a / (p_a + p_b)."""
    return pa / (pa + pb)


def pairwise_algebra(rng: np.random.Generator) -> Evidence:
    """Evaluate every form of P(x_a > x_b) over odds from 1e-4 to 1e4."""
    points = [(odds * scale, scale) for odds in (*ODDS, 0.37, 2.9) for scale in (1.0, 0.02, 7.0)]
    lines = [
        ("1 - F(0)", lambda p: one_minus_cdf(*p)),
        ("e^(a-b) / (1 + e^(a-b))", lambda p: odds_form(*p)),
        ("with log(p_a / p_b)", lambda p: log_ratio_form(*p)),
        ("p_a / (p_a + p_b)", lambda p: share_form(*p)),
    ]
    return derivation(lines, points, bound=1e-11, what="P(x_a > x_b)")


def _odds(options: Options) -> Iterator[Check]:
    """Yield exact binomial tests whose tolerance shrinks with the rarer outcome: half of it at a tolerance of 0.01."""
    for odds in ODDS:
        p = np.array([share_form(odds, 1.0), 1 - share_form(odds, 1.0)])
        one = Case(f"odds-{odds:g}", f"two categories at odds of {odds:g} to 1", logits(float(np.log(odds)), 0.0))
        yield Check(
            name=f"binomial/trick/pairwise/{one.name}",
            suite="binomial",
            why=f"a wins against b as often as odds of {odds:g} say",
            inputs=((Scenario(get("gumbel-max"), "index", one), measurements.category_counts(2)),),
            method=PooledCells(p, groups={"a wins": np.array([True, False])}),
            tolerance=min(1.0, 50 * float(p.min())) * options.tolerance,
            judges=False,
        )


def _pairwise(options: Options) -> Claim:
    return Claim(
        "trick.pairwise",
        where="Property 2, proof",
        says="With a = log p_a and b = log p_b, P(x_a > x_b) = 1 - F(0) = e^(a-b) / (1 + e^(a-b)) = p_a / (p_a + p_b).",
        checks=(
            *_odds(options),
            identity(
                "derivation/trick/pairwise/algebra", "every form against the next", pairwise_algebra, bound=1e-11,
                method="derivation", suite="derivation",
            ),
        ),
    )  # fmt: skip


def product_of_cdfs(point: tuple[Floats, Floats]) -> Floats:
    """Return the product of the CDFs of G(log p_j, 1): the CDF of their maximum."""
    x, p = point
    return np.asarray(np.prod(np.exp(-np.exp(-(x[:, None] - np.log(p)))), axis=1))


def cdf_of_sum(point: tuple[Floats, Floats]) -> Floats:
    """Return the CDF of G(log sum p_j, 1)."""
    x, p = point
    return np.asarray(np.exp(-np.exp(-(x - np.log(np.sum(p))))))


def maximum_algebra(rng: np.random.Generator) -> Evidence:
    """Hold the product of CDFs to the CDF of one Gumbel, K to 1000, and to this project's law."""
    points = []
    for k in (1, 2, 3, 10, 100, 1000):
        p = np.exp(rng.normal(0, 2, k))
        points.append((np.log(p.sum()) + np.linspace(-2, 20, 45), p))
    lines = [
        ("product of the CDFs", lambda point: product_of_cdfs(point)),
        ("CDF of G(log sum p, 1)", lambda point: cdf_of_sum(point)),
        ("the law that maxima are judged by", lambda point: Gumbel(float(log_sum_exp(np.log(point[1])))).cdf(point[0])),
    ]
    return derivation(lines, points, bound=1e-10, what="the CDF of the maximum")


def _maxima(bins: int, left_out: tuple[int, ...], chunk: Chunk) -> UniformBins:
    """Bin the maximum of all categories, and of all but one, under the Gumbel law of the sum of their weights."""
    columns, laws = [chunk.draws.max(axis=1)], [chunk.law.maximum]
    for k in left_out:
        columns.append(np.delete(chunk.draws, k, axis=1).max(axis=1))
        laws.append(Gumbel(float(log_sum_exp(np.delete(chunk.law.logits, k)))))

    def uniform(rows: Any, complement: bool) -> Floats:
        return np.concatenate(
            [law.rosenblatt(column[rows], complement=complement) for law, column in zip(laws, columns, strict=True)],
            axis=1,
        )

    return UniformBins.of(uniform(slice(None), False), bins, partial(uniform, complement=True))


def _maximum_checks(options: Options) -> Iterator[Check]:
    for one, left_out in ((case("pair"), (0, 1)), (case("die"), (0, 5)), (case("l8"), (0, 7)), (THOUSAND, (0, 999))):
        scenario, bins = Scenario(get("gumbel-max"), "gumbel", one), bins_for(one.tolerance_for(options.tolerance))
        ones = (1,) * (1 + len(left_out))
        binned = (scenario, Measurement(f"maxima-{bins}", partial(_maxima, bins, left_out)))
        stem, why = (
            f"ks/trick/max-is-gumbel/{one.name}",
            "the maximum of Gumbels is a Gumbel, with any category left out too",
        )
        yield Check(stem, "ks", why, (binned,), KolmogorovSmirnov(bins, ones), judges=False)
        yield Check(f"{stem}/tails", "ks", why, (binned,), DyadicTails(bins, ones), judges=False)


def _max_is_gumbel(options: Options) -> Claim:
    return Claim(
        "trick.max-is-gumbel",
        where="Property 2, proof",
        says="The largest of independent G(log p_j, 1) is itself Gumbel, located at log sum p_j.",
        evidence=("independence/gumbel-max/gumbel/*/winner-maximum",),
        checks=(
            *_maximum_checks(options),
            identity(
                "derivation/trick/max-is-gumbel/product", "the CDFs multiply to a Gumbel CDF", maximum_algebra, bound=1e-10,
                method="derivation", suite="derivation",
            ),
        ),
    )  # fmt: skip


def beats_the_rest(p: Floats) -> Floats:
    """Return p_k / (p_k + sum of the others), each sum taken without p_k."""
    return np.array([p[k] / (p[k] + np.sum(np.delete(p, k))) for k in range(p.size)])


def beats_the_maximum(p: Floats) -> Floats:
    """Return P(G(log p_k) > G(log sum of the others)) from the logistic law, at 0."""
    a = np.log(p)
    return np.array([1 / (1 + np.exp(-(a[k] - log_sum_exp(np.delete(a, k))))) for k in range(p.size)])


def winner_algebra(rng: np.random.Generator) -> Evidence:
    """Evaluate the last lines of the proof on random probabilities: the winner is k with probability p_k."""
    points = [rng.dirichlet(np.full(k, 0.7)) + 1e-9 for k in (2, 3, 6, 50, 500)]
    points = [p / p.sum() for p in points]
    lines = [
        ("1 - F(0) against the maximum of the others", lambda p: beats_the_maximum(p)),
        ("p_k over p_k and the others", lambda p: beats_the_rest(p)),
        ("p_k", lambda p: p),
    ]
    return derivation(lines, points, bound=1e-12, what="P(k wins)")


def _property_2(options: Options) -> Claim:
    return Claim(
        "trick.property-2",
        where="Property 2",
        says="Of independent G(log p_j, 1) the k-th is the largest with probability p_k.",
        evidence=(
            "chi_square/gumbel-max/*",
            "homogeneity/gumbel-max/*",
            "independence/gumbel-max/gumbel/*/winner-maximum",
            *top_k.PATTERNS,
        ),
        checks=(
            *top_k.checks(options),
            identity(
                "derivation/trick/property-2/evaluation", "the last lines of the proof", winner_algebra, bound=1e-12,
                method="derivation", suite="derivation",
            ),
        ),
    )  # fmt: skip


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the steps of the proof of Property 2, and the property."""
    return _pairwise(options), _max_is_gumbel(options), _property_2(options)
