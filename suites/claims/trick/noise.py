"""The noise drops out of the gradient: with it fixed a moves as l does, and expected slopes are slopes of expectations."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.draw import draw
from suites.cases import DIE, L8
from suites.evidence.chance import Rates, Sample, bernstein_size, chance, equal
from suites.evidence.identities import deviation, identity, integral, quadrature

ORDER = 130
STEP = 2.0**-10
"""A power of two: sums of noise and logits below 64 are off by 4e-15, their quotient by 4e-15 / 2^-9 = 4e-12."""
TEMPERATURES = (0.5, 1.0, 2.0)
MOVE = 0.1
BIAS = 0.8 * MOVE**2 / 6
"""Step of the difference quotient of the loss over tau, and how far tau times it may be from tau times the slope.

As logit i moves by t, b_i = s(t) is logistic and the other entries share 1 - s as before, so that the loss is quadratic
in s: its derivatives in s are at most 4 and 4 in size. Those of s are at most 1/4, 0.0963 and 1/8. Hence the loss has a
slope of at most 4 / 4 = 1 and a third derivative of at most 4 / 8 + 3 * 4 * 0.0963 / 4 < 0.8."""
DEVIATION = 0.15
"""Standard deviation of tau times a slope, declared beforehand."""
FINE = 2.0**-9
ROUNDED = 0.8 * FINE**2 / 6 + 16 * float(np.finfo(np.float64).eps) / FINE
"""Step of the quotient of single draws over tau, and the largest error of tau times it: Taylor's term and rounding."""


def perturbed(logits: Floats, seed: int) -> Floats:
    """Return a = l + g for noise that the stream of ``seed`` fixes."""
    return draw("gumbel-max", logits, 500, rng=seed, emits="gumbel")


def unit_slope(rng: np.random.Generator) -> Evidence:
    """Hold central differences of a_j in l_i, noise fixed, to delta_ji: the noise contributes nothing."""
    seed, logits = int(rng.integers(2**62)), np.array(L8)
    found = []
    for i in range(logits.size):
        move = STEP * np.eye(logits.size)[i]
        found.append((perturbed(logits + move, seed) - perturbed(logits - move, seed)) / (2 * STEP))
    due = np.eye(logits.size)[:, None, :]
    return deviation(found, due, scale=1.0, bound=1e-11, what="the difference quotient of a_j in l_i")


def loss(b: Floats, y: Floats) -> Floats:
    """Return the squared error of each row."""
    return np.asarray(np.sum((y - b) ** 2, axis=1))


def pathwise(b: Floats, y: Floats, tau: float) -> Floats:
    """Return the gradient of each row's loss with the noise held fixed, by the chain rule."""
    outer = 2 * (b - y) * b
    return np.asarray((outer - b * outer.sum(axis=1, keepdims=True)) / tau)


def moved(b: Floats, i: int, step: float, tau: float) -> Floats:
    """Return relaxed samples after logit i has moved: entry i grows by e^(step / tau), and all are scaled to sum to 1."""
    grown = b.copy()
    grown[:, i] *= np.exp(step / tau)
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def slopes_of_draws(rng: np.random.Generator) -> Evidence:
    """Hold each draw's slope to the quotient of its own loss, with its noise held fixed, at several temperatures.

    The sampler itself is asked again at the moved logits, where it gives what ``moved`` computes; no slope of the loss is
    above 1 / tau in size.
    """
    y, logits = np.array(DIE), np.log(np.array(DIE))[::-1].copy()
    found, due = [], []
    for tau in TEMPERATURES:
        seed = int(rng.integers(2**62))
        drawn = draw("relaxed", logits, 500, rng=seed, temperature=tau)
        slopes = pathwise(drawn, y, tau)
        for i in range(y.size):
            move = FINE * tau * np.eye(y.size)[i]
            up, down = (draw("relaxed", logits + sign * move, 500, rng=seed, temperature=tau) for sign in (1, -1))
            found += [tau * slopes[:, i], loss(moved(drawn, i, FINE * tau, tau), y) / FINE]
            due += [(loss(up, y) - loss(down, y)) / (2 * FINE), loss(up, y) / FINE]
    return deviation(found, due, bound=ROUNDED, scale=1.0, what="tau times the slope of a draw's loss")


def expected_gradient(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the mean pathwise gradient to differences of the mean loss, from draws of its own, coordinate by coordinate.

    Times tau the slopes are at most 1 in size, and by the mean value theorem so are the quotients.
    """
    y, logits = np.array(DIE), np.log(np.array(DIE))[::-1].copy()
    n = bernstein_size(2.0, DEVIATION, (tolerance - BIAS) / 2.2, rates, 2 * y.size * len(TEMPERATURES))
    found, due, notes = [], [], {}
    for tau in TEMPERATURES:
        one, other = (draw("relaxed", logits, n, rng=rng, temperature=tau) for _ in range(2))
        gradients, step = tau * pathwise(one, y, tau), MOVE * tau
        for i in range(y.size):
            found.append(Sample.of(gradients[:, i], 2.0))
            notes[f"mean slope in logit {i} at tau = {tau:g}"] = found[-1].mean / tau
            quotient = (loss(moved(other, i, step, tau), y) - loss(moved(other, i, -step, tau), y)) / (2 * MOVE)
            due.append(Sample.of(quotient, 2.0))
    return equal(found, due, rates, slack=BIAS, notes=notes)


def expected_gradient_pair(rng: np.random.Generator) -> Evidence:
    """For K = 2 hold the expected pathwise slope to the slope of the expected loss, both by quadrature.

    The noise enters as a logistic difference s: the loss depends on d + s, d = l_1 - l_2. Moving d through the density of
    s, which is smooth, differentiates the expectation without touching the loss.
    """
    found, due = [], []
    for tau in (0.3, 1.0, 2.0):
        for d, y in ((0.0, 0.7), (1.5, 0.2), (-2.0, 1.0)):
            edges = np.linspace(-45, 45, 31).tolist()
            found.append(integral(partial(_pathwise_pair, d, y, tau), edges, outside=1e-18))
            due.append(integral(partial(_score_pair, d, y, tau), edges, outside=1e-18)[0])
    return quadrature(found, due, bound=1e-9, scale=1e-2, rounding=1e-12, what="the expected pathwise slope")


def _share(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


def _pathwise_pair(d: float, y: float, tau: float, s: float) -> float:
    b = _share((d + s) / tau)
    return 4 * (b - y) * b * (1 - b) / tau * _share(s) * _share(-s)


def _score_pair(d: float, y: float, tau: float, a: float) -> float:
    b, f = _share(a / tau), _share(a - d)
    return 2 * (b - y) ** 2 * f * (1 - f) * (2 * f - 1)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim that the noise term vanishes."""
    stem, tolerance = "trick/noise-term-vanishes", max(0.02, options.tolerance)
    return (
        Claim(
            "trick.noise-term-vanishes",
            where="chain rule",
            says="d a_i / d l_i = 1: the Gumbel term of a = l + g has no part in the gradient.",
            checks=(
                identity(
                    f"identity/{stem}/differences", "with fixed noise a moves as l does", unit_slope,
                    bound=1e-11, unit="absolute error", method="finite differences",
                ),
                identity(
                    f"identity/{stem}/draws", "every draw has the slope that its own differences show", slopes_of_draws,
                    bound=1e-5, unit="slope times tau", method="finite differences",
                ),
                chance(
                    f"simulation/{stem}/expectation", "mean slopes are slopes of the mean loss",
                    partial(expected_gradient, tolerance, Rates.of(options)), tolerance=tolerance,
                    unit="slope times tau", method="simultaneous intervals",
                ),
                identity(
                    f"quadrature/{stem}/pair", "the same without chance, K = 2", expected_gradient_pair,
                    bound=1e-9, method="quadrature", suite="quadrature",
                ),
            ),
        ),
    )  # fmt: skip
