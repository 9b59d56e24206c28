"""The recipe of the posterior post and the Gumbels that it gives.

[1] The posterior document, last recipe and the sentence after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import Gumbel
from harness.laws.log_space import log_softmax
from harness.methods import DyadicTails, Homogeneity, KolmogorovSmirnov
from harness.methods.ks import bins_for
from harness.options import Options
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import Counts, UniformBins
from suites.cases import case
from suites.claims.posterior.prior import free
from suites.evidence.identities import derivation, deviation, identity, line_by_line
from suites.evidence.posterior_draws import RECIPE, for_claim, recipe, recipe_through_winner, to_gumbel
from suites.families import independence, ks

ORDER = 70
ULP = float(np.finfo(np.float64).eps)
GIVEN = ("pair|0", "pair|1", "die|0", "die|5", "rare|1")
SMALL = (1e-14, 1e-15, 1e-16, 1e-17, 1e-18)
"""Values of alpha_k at which v^alpha_k begins to round to 1: half the gap below 1 is 2^-54 = 5.6e-17."""
CELLS = 32


@dataclass(frozen=True)
class Draws:
    """Uniforms v (n, K), probabilities alpha (K,), and k."""

    v: Floats
    alpha: Floats
    k: int


def draws(rng: np.random.Generator) -> list[Draws]:
    """Return uniforms for 2 to 50 categories, alpha_k from 1e-3 up."""
    made = []
    for categories in (2, 3, 6, 20, 50):
        for _ in range(4):
            alpha = np.maximum(rng.dirichlet(np.full(categories, 0.7)), 1e-3)
            made.append(Draws(rng.random((50, categories)), alpha / alpha.sum(), int(rng.integers(categories))))
    return made


def in_logs(v: Floats, alpha: Floats, k: int) -> Floats:
    """Return -log u (n, K) from E = -log v: alpha_k E_k for the winner, alpha_j E_k + E_j for the others."""
    exponential = -np.log(v)
    winner = exponential[:, [k]]
    made: Floats = winner * alpha + exponential
    made[:, k] = winner[:, 0] * alpha[k]
    return made


def _two_forms(rng: np.random.Generator) -> Evidence:
    lines = [
        ("u_k^(alpha_j / alpha_k) v_j", lambda point: recipe_through_winner(point.v, point.alpha, point.k)),
        ("v_k^alpha_j v_j", lambda point: recipe(point.v, point.alpha, point.k)),
    ]
    return derivation(lines, draws(rng), bound=1e-12, what="u by the recipe")


def _logs_agree(rng: np.random.Generator) -> Evidence:
    """Compare -log u: u near 1 costs it an ulp of 1, a power an ulp of its log."""
    points = draws(rng)
    direct = np.concatenate([-np.log(recipe(point.v, point.alpha, point.k)).ravel() for point in points])
    logs = np.concatenate([in_logs(point.v, point.alpha, point.k).ravel() for point in points])
    what = "-log u of the direct recipe against logs"
    return deviation(direct, logs, bound=8 * ULP, what=what, scale=1.0 + logs)


def _lost(rng: np.random.Generator) -> Evidence:
    """Count how often v^alpha_k rounds to 1, where epsilon_k is infinite, and infinities of the sampler, which uses logs.

    Rounded to nearest, u_k would be 1 with probability 1 - exp(-2^-54 / alpha_k); a pow that errs by a tenth of an ulp
    moves that by a fifth. Above, epsilon_k = -log(alpha_k E) keeps a relative accuracy of about 1e-16 / alpha_k.
    """
    n, infinite = 2**14, 0
    notes: dict[str, float | str] = {}
    for a in SMALL:
        rate = -math.expm1(-(2.0**-54) / a)
        share = float(np.mean(rng.random(n) ** a == 1))
        notes[f"u_k rounds to 1 at alpha_k = {a:g}"] = f"{share:.3f} of draws, {rate:.3f} if rounded to nearest"
        kept = get("top-down").form("gumbel").draw(np.array([math.log(a), 0.0]), n, rng=rng, observed=0)
        infinite += int((~np.isfinite(kept)).sum())
    for a in (1e-3, 1e-6, 1e-9, 1e-12):
        v = rng.random(1001) + 2.0**-53
        error = np.abs(to_gumbel(v**a) + np.log(a * -np.log(v)))
        notes[f"median error of epsilon_k at alpha_k = {a:g}"] = float(np.median(error))
    notes["u = 0 and epsilon = -inf: probability per v"] = 2.0**-53
    notes["largest -log u that 53 bits of v can give"] = 106 * math.log(2)
    made = deviation(float(infinite), 0.0, bound=0.0, what="infinities of the recipe in logs", scale=1.0, notes=notes)
    return replace(made, n=2 * n * len(SMALL))


def _gumbel_of_winner(rng: np.random.Generator) -> Evidence:
    """Compare epsilon_k + log alpha_k with -log E_k: a standard Gumbel in which alpha_k does not appear."""
    found, expected, condition = [], [], []
    for point in draws(rng):
        u = recipe(point.v, point.alpha, point.k)[:, point.k]
        found.append(to_gumbel(u) + math.log(point.alpha[point.k]))
        expected.append(-np.log(-np.log(point.v[:, point.k])))
        condition.append(4 + 10 / -np.log(u) + np.abs(expected[-1]))
    scale = np.concatenate(condition)
    what = "epsilon_k + log alpha_k against -log(-log v_k)"
    return deviation(np.concatenate(found), np.concatenate(expected), bound=ULP, what=what, scale=scale)


def maximum_bins(bins: int) -> Measurement:
    """Bin the standard Gumbel CDF of the maximum less log sum exp of the logits."""
    return Measurement(f"maximum-{bins}", partial(_maximum, bins))


def _level(chunk: Chunk) -> Floats:
    """Return the maximum of perturbed log probabilities: of draws less their logits' log sum exp."""
    logits = chunk.law.logits
    best = int(np.argmax(logits))
    level: Floats = chunk.draws.max(axis=1) - (logits[best] - log_softmax(logits)[best])
    return level


def _maximum(bins: int, chunk: Chunk) -> UniformBins:
    level = _level(chunk)
    return UniformBins.of(
        Gumbel().rosenblatt(level), bins, lambda rows: Gumbel().rosenblatt(level[rows], complement=True)
    )


def maximum_cells() -> Measurement:
    """Count equal cells of the maximum: (cells,)."""
    return Measurement(f"maximum-cells-{CELLS}", _maximum_cells)


def _maximum_cells(chunk: Chunk) -> Counts:
    cell = (Gumbel().rosenblatt(_level(chunk)).ravel() * CELLS).astype(np.intp)
    return Counts.of(np.clip(cell, 0, CELLS - 1), (CELLS,))


def _maxima(options: Options) -> Iterable[Check]:
    bins = bins_for(options.tolerance)
    for name in GIVEN:
        binned = ((Scenario(get("top-down"), "gumbel", case(name)), maximum_bins(bins)),)
        why = "the maximum is a standard Gumbel, whichever category was observed"
        stem = f"ks/posterior/gumbels/maximum/{name}"
        yield Check(stem, "ks", why, binned, KolmogorovSmirnov(bins, (1,)), judges=False)
        yield Check(f"{stem}/tails", "ks", why, binned, DyadicTails(bins, (1,)), judges=False)
    for one, other in (("die|0", "die|5"), ("pair|0", "pair|1")):
        sides = (Scenario(get("top-down"), "gumbel", case(name)) for name in (one, other))
        yield Check(
            name=f"homogeneity/posterior/gumbels/maximum/{one}/{other}",
            suite="homogeneity",
            why="the maximum does not tell which category was observed",
            inputs=tuple((scenario, maximum_cells()) for scenario in sides),
            method=Homogeneity(np.full(CELLS, 1 / CELLS)),
            tolerance=2 * options.tolerance,
            judges=False,
        )


def _recipe_checks(options: Options) -> tuple[Check, ...]:
    given = tuple(case(name) for name in GIVEN)
    return for_claim(
        check for suite in (ks.checks, independence.checks) for check in suite(RECIPE, "gumbel", given, options)
    )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.sampler and posterior.gumbels."""
    forms = line_by_line(
        "derivation/posterior/sampler", "two ways to write the losers' uniforms", _two_forms, bound=1e-12
    )
    logs = identity(
        "identity/posterior/sampler/logs", "the recipe in logs", _logs_agree, bound=8 * ULP, unit="error per condition"
    )
    lost = identity(
        "identity/posterior/sampler/lost",
        "what the direct form loses at small alpha_k, and logs keep",
        _lost,
        bound=0.0,
        unit="infinite values",
    )
    winner = identity(
        "identity/posterior/gumbels/winner",
        "alpha_k drops out of the maximum",
        _gumbel_of_winner,
        bound=ULP,
        unit="error per condition",
    )
    return (
        Claim(
            "posterior.sampler",
            where="last recipe",
            says="With iid uniform v, u_k = v_k^alpha_k and u_j = v_k^alpha_j v_j are drawn from the posterior.",
            checks=(*_recipe_checks(options), forms, logs, lost),
        ),
        Claim(
            "posterior.gumbels",
            where="last sentence of the derivation",
            says="-log(-log u) of these u are the Gumbel variables given the category.",
            evidence=(
                "sweep/top-down/gumbel/*",
                "millions/top-down/gumbel/*",
                "support/top-down/gumbel/*|*",
                "ks/top-down/gumbel/*|*",
                "independence/top-down/gumbel/*|*",
                *free("independence", "/winner-maximum"),
            ),
            checks=(*_maxima(options), winner),
        ),
    )
