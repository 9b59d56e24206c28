"""The relaxed draw spreads over its entries as the temperature rises, and its pathwise gradient steadies."""

from __future__ import annotations

import itertools
import math
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.draw import draw
from suites.claims.trick import estimators
from suites.claims.trick.numbers import entropy_check
from suites.claims.trick.temperature import PROBABILITIES, TEMPERATURES, relaxed
from suites.evidence.chance import Rates, Sample, band, bernstein_size, chance, curves, hoeffding_size, rising
from suites.evidence.identities import deviation, identity

ORDER = 110
GRADIENT = {0.2: (0.8, 0.1), 0.5: (0.15, 0.03), 1.0: (0.04, 0.008), 2.0: (0.006, 0.001), 5.0: (0.0003, 0.001)}
"""Temperatures, and what is declared beforehand of half the squared distance of two gradients: deviation, half-width."""


def entropy(b: Floats) -> Floats:
    """Return the entropy of each row in nats."""
    return np.asarray(-np.sum(b * np.log(np.where(b > 0, b, 1.0)), axis=1))


def spreads(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Measure the mean entropy at each temperature: it rises."""
    span = math.log(PROBABILITIES.size)
    n = hoeffding_size(span, 0.03, rates, len(TEMPERATURES))
    samples = [Sample.of(entropy(relaxed(tau, n, rng)), span) for tau in TEMPERATURES]
    exhibit = curves(
        "Mean entropy of the relaxed draw", "temperature", "entropy, nats", [band("the die", TEMPERATURES, samples, rates)],
        log_x=True, lines=[{"y": span, "label": "log 6"}],
    )  # fmt: skip
    return rising(samples, rates, exhibit=exhibit)


def pathwise_gradients(tau: float, n: int, rng: np.random.Generator) -> Floats:
    """Return the gradients of the squared error to the true probabilities, from equal logits as in the document."""
    b = draw("relaxed", np.zeros(PROBABILITIES.size), n, rng=rng, temperature=tau)
    error = b - PROBABILITIES
    return np.asarray(2 / tau * b * (error - np.sum(error * b, axis=1, keepdims=True)))


def steadies(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Measure the total variance of the pathwise gradient at each temperature: it falls.

    Half the squared distance of two independent gradients has that variance for its mean. With d = b - y in [-1, 1] and
    its mean c under b, |b_i (d_i - c)| <= 1/2 and sum b_i |d_i - c| <= 1, so that the squared norm is at most
    4 / tau^2 times 1/2, and half a squared distance at most 4 / tau^2.
    """
    samples, ratios = [], {}
    for tau, (spread, width) in GRADIENT.items():
        n = bernstein_size(4 / tau**2, spread, width, rates, len(GRADIENT))
        one, other = pathwise_gradients(tau, n, rng), pathwise_gradients(tau, n, rng)
        samples.append(Sample.of(np.sum((one - other) ** 2, axis=1) / 2, 4 / tau**2))
        mean = np.concatenate([one, other]).mean(axis=0)
        ratios[f"squared mean over variance at tau = {tau:g}"] = float(np.sum(mean**2) / samples[-1].mean)
    exhibit = curves(
        "Variance of the pathwise gradient", "temperature", "total variance",
        [band("squared error to the die, equal logits", tuple(GRADIENT), samples, rates)], log_x=True, log_y=True,
    )  # fmt: skip
    return rising(samples[::-1], rates, exhibit=exhibit, notes=ratios)


def entropy_draw_by_draw(rng: np.random.Generator) -> Evidence:
    """With the noise fixed the entropy of a single draw never falls as tau rises."""
    seed = int(rng.integers(2**62))
    rows = [entropy(relaxed(tau, 20_000, seed)) for tau in TEMPERATURES]
    falls = [np.maximum(cold - warm, 0) for cold, warm in itertools.pairwise(rows)]
    return deviation(falls, 0.0, scale=1.0, bound=1e-13, what="the fall of a draw's entropy as tau rises")


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim about high temperatures."""
    rates = Rates.of(options)
    stem, unit, method = "trick/high-temperature-spreads", "share of the smallest step", "simultaneous intervals"
    spread = Claim(
        "trick.high-temperature-spreads",
        where="Softmax Approximation, second paragraph",
        says="A larger tau spreads a draw and makes gradients easier: their variance falls (and their bias rises).",
        checks=(
            chance(
                f"simulation/{stem}/entropy", "mean entropy rises in tau", partial(spreads, rates),
                tolerance=1.0, unit=unit, method=method,
            ),
            *estimators.checks(options, rates),
            entropy_check(rates),
            identity(
                f"identity/{stem}/draw-by-draw", "so does every draw's entropy", entropy_draw_by_draw,
                bound=1e-12, unit="nats",
            ),
            chance(
                f"simulation/{stem}/gradient-variance", "the variance of the pathwise gradient falls in tau",
                partial(steadies, rates), tolerance=1.0, unit=unit, method=method,
            ),
        ),
    )  # fmt: skip
    return (spread,)
