"""Left-skewed noise with the same pairwise odds is the mirrored Gumbel's; with it the likeliest category wins more often.

[1] Inclusion and exclusion over the events that x_j < x_k: P(k is the least of Gumbels) from the weights of subsets.
"""

from __future__ import annotations

import itertools
import math
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.methods import ChiSquare
from harness.methods.tails import binomial_at_least
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.draw import draw
from harness.statistics import Counts
from harness.verdict import Verdict
from suites.claims.trick.gumbel import logistic_cdf
from suites.claims.trick.logits import THREE
from suites.evidence.chance import Rates, Sample, bernstein_size, chance, held
from suites.evidence.identities import deviation, identity, integral, quadrature

ORDER = 80
EDGES = np.array([-40.0, -20.0, -10.0, -5.0, -2.0, 0.0, 2.0, 5.0, 8.0])
"""Between them lies all but 1e-17 of each mirrored Gumbel of the example, whose density falls as e^-|z| to the left."""


def wins_mirrored(p: Floats) -> Floats:
    """Return (K,) probabilities that log p_k - g_k is the largest, by [1] with the weights 1 / p_k."""
    weights = 1 / p
    return np.array([_least(weights, k) for k in range(p.size)])


def _least(weights: Floats, k: int) -> float:
    others = np.delete(weights, k)
    subsets = (s for size in range(others.size + 1) for s in itertools.combinations(others.tolist(), size))
    return math.fsum((-1) ** len(s) * float(weights[k]) / (float(weights[k]) + math.fsum(s)) for s in subsets)


def _integrand(p: Floats, k: int, z: float) -> float:
    """Return the density of log p_k - g_k at z times the probability that all others lie below it."""
    t = p / math.exp(z)  # e^-(z - log p_j); a mirrored Gumbel lies below z with probability 1 - e^(-1 / t_j)
    return float(np.exp(-1 / t[k]) / t[k] * np.prod(-np.expm1(-1 / np.delete(t, k))))


def _integrals(p: Floats) -> list[tuple[float, float]]:
    return [integral(partial(_integrand, p, k), EDGES, outside=1e-16) for k in range(p.size)]


def exactly(rng: np.random.Generator) -> Evidence:
    """Hold the likeliest category's share under Gumbels, 0.5, to its share under mirrored noise, which it should exceed."""
    mirrored = float(wins_mirrored(THREE)[0])
    short = mirrored - float(THREE[0])
    sentence = f"with left-skewed noise the likeliest of {THREE} wins with probability {mirrored:.6f}, with Gumbels 0.5"
    return Evidence(
        statistic=mirrored, effect=max(short, 0.0), n=1, resolution=1e-12, impossible=sentence if short > 1e-12 else "",
        exhibit=_bars(), notes={"right-skewed noise": float(THREE[0]), "left-skewed noise": mirrored},
    )  # fmt: skip


def _bars() -> dict[str, Any]:
    return {
        "kind": "bars",
        "title": "Who wins: right-skewed (Gumbel) and left-skewed (mirrored) noise with the same pairwise odds",
        "x_label": "category, by its probability",
        "y_label": "probability of winning",
        "categories": [f"{p:g}" for p in THREE],
        "series": [
            {"label": "Gumbel noise", "values": THREE.tolist()},
            {"label": "mirrored Gumbel noise", "values": wins_mirrored(THREE).tolist()},
        ],
    }


def mirrored_winners(n: int, rng: np.random.Generator) -> Any:
    """Return (n,) winners of log p - g, for the noise g of the Gumbel-max sampler."""
    logits = np.log(THREE)
    noise = draw("gumbel-max", logits, n, rng=rng, emits="gumbel") - logits
    return np.argmax(logits - noise, axis=1)


def by_draws(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Count the wins of the likeliest category under mirrored noise: more than half contradict the sentence."""
    n = bernstein_size(1.0, 0.5, 0.02, rates)
    share = Sample.of((mirrored_winners(n, rng) == 0).astype(np.float64), 1.0)
    won = round(share.mean * n)
    return Evidence(
        statistic=float(won), p_value=float(binomial_at_least(won, n, float(THREE[0]))),
        effect=share.mean - float(THREE[0]), n=n, resolution=share.resolution(rates),
        notes={"share of wins, mirrored": share.mean},
    )  # fmt: skip


def same_odds(rng: np.random.Generator) -> Evidence:
    """Two mirrored Gumbels differ by the same logistic law as two Gumbels: P(i beats j) = p_i / (p_i + p_j)."""
    found, due = [], []
    for a, b in itertools.permutations(THREE.tolist(), 2):
        found.append(float(wins_mirrored(np.array([a, b]))[0]))
        due.append(float(1 - logistic_cdf(0.0, math.log(a), math.log(b))))
    return deviation(found, due, bound=1e-13, what="pairwise odds of mirrored noise")


def by_quadrature(rng: np.random.Generator) -> Evidence:
    """Hold the closed form to the integral over the winner's value."""
    return quadrature(
        _integrals(THREE), wins_mirrored(THREE), bound=1e-10, what="P(k wins) under mirrored noise", rounding=1e-13
    )


def never_less(rng: np.random.Generator) -> Evidence:
    """The likeliest of two to seven categories gains: the least gain over random probabilities is not below rounding."""
    tried = [rng.dirichlet(np.full(k, 0.8)) + 1e-3 for k in (2, 3, 4, 5, 6, 7) for _ in range(40)]
    normed = [one / one.sum() for one in tried]
    losses = [max(0.0, float(p.max() - wins_mirrored(p)[int(np.argmax(p))])) for p in normed]
    gain = float(wins_mirrored(THREE)[0] - THREE[0])
    found = np.append(losses, abs(gain - GAIN))
    return deviation(found, 0.0, scale=1.0, bound=1e-11, what="the likeliest category's loss", notes={"gain": gain})


GAIN = 1 - 3 / 8 - 2 / 7 + 6 / 31 - 1 / 2
"""The gain at (1/2, 3/10, 1/5): weights 2, 10/3 and 5, by [1] in rational numbers, is 0.03283."""


def counts(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the winners under mirrored noise to the closed form."""
    method = ChiSquare(wins_mirrored(THREE))
    n = method.required(tolerance, rates.level, rates.beta)
    won = mirrored_winners(n, rng)
    return held(method, (Counts.of(won, (THREE.size,)),), rng, rates)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the sentence on the right skew, and what is right."""
    rates, stem, tolerance = Rates.of(options), "trick/skew-emphasises", max(0.005, options.tolerance)
    where = "Property 2, what is said of the figure with K = 3"
    wrong = Claim(
        "trick.skew-emphasises",
        where=where,
        says="Noise that is skewed to the right makes the likeliest category win more often than its left-skewed mirror.",
        expect=Verdict.REFUTED,
        checks=(
            identity(f"identity/{stem}/exact", "the mirror has the same pairwise odds", exactly, bound=1e-12,
                     unit="probability", method="inclusion and exclusion"),
            chance(f"simulation/{stem}/draws", "so do draws", partial(by_draws, rates), tolerance=0.021,
                   unit="share of wins", method="binomial"),
        ),
    )  # fmt: skip
    right = Claim(
        "trick.skew-emphasises.corrected",
        where=where,
        says="At the same pairwise odds the mirrored, left-skewed noise lets the likeliest category win more often.",
        checks=(
            identity(f"identity/{stem}.corrected/pairwise", "the pairwise odds are the same", same_odds, bound=1e-12),
            identity(f"quadrature/{stem}.corrected/closed-form", "the closed form is the integral", by_quadrature,
                     bound=1e-9, method="quadrature", suite="quadrature"),
            identity(f"identity/{stem}.corrected/gain", "the likeliest never loses by the mirror", never_less,
                     bound=1e-10, unit="probability"),
            chance(f"chi_square/{stem}.corrected/counts", "mirrored draws win as the closed form says",
                   partial(counts, tolerance, rates), tolerance=tolerance, unit="total variation", method="chi-square",
                   suite="chi_square"),
        ),
    )  # fmt: skip
    return wrong, right
