"""What 'easier' costs: bias, variance and squared error of three gradient estimators against the exact discrete gradient.

The loss of a draw is L(one-hot); its expectation sum p_k L(e_k) has the gradient p_i (L(e_i) - sum p_k L(e_k)) in the
logits, by enumeration. From one relaxed draw b with winner r come
    relaxed            J(b) L'(b) / tau                      biased, as it differentiates E L(b)
    straight-through   J(b) L'(e_r) / tau                    biased otherwise
    score function     L(e_r) (e_r - p)                      unbiased at every temperature
with J(b) = diag(b) - b b^T [1, 2, 3].

[1] Jang, Gu and Poole 2017, eqs (1) and section 2.2. [2] Maddison, Mnih and Teh 2017. [3] Williams 1992.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Check, Evidence
from harness.samplers.draw import draw
from suites.cases import DIE
from suites.claims.trick.gradient import softmax
from suites.claims.trick.numbers import grid
from suites.evidence.chance import Rates, Sample, band, bernstein_size, chance, curves, equal, line, rising
from suites.evidence.equal_logits import means
from suites.evidence.identities import complex_step, deviation, identity

TEMPERATURES = (0.05, 0.1, 0.3, 1.0, 2.0, 5.0)
SHOWN = np.geomspace(0.05, 5, 41)
BATCH = 100
"""Draws that are averaged where the error of a batch is shown: its bias is that of one draw, its variance a hundredth."""
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Problem:
    """A loss of (n, K) rows, its slope in their entries, and the probabilities (K,) at which it is differentiated."""

    p: Floats
    loss: Callable[[Any], Any]
    slope: Callable[[Floats], Floats]

    @property
    def gradient(self) -> Floats:
        """The exact gradient of the expected loss in the logits, by enumeration of the categories."""
        losses = self.loss(np.eye(self.p.size))
        return np.asarray(self.p * (losses - np.sum(self.p * losses)))


def _die_loss(b: Any) -> Any:
    return np.sum((b - np.array(DIE)) ** 2, axis=-1)


def _die_slope(b: Floats) -> Floats:
    return np.asarray(2 * (b - np.array(DIE)))


FACES = np.array([0.0, 1.0, 2.0])


def _square_loss(b: Any) -> Any:
    return np.sum(b * FACES, axis=-1) ** 2


def _square_slope(b: Floats) -> Floats:
    return np.asarray(np.einsum("ni,i->n", b, 2 * FACES)[:, None] * FACES)


ROLLED = Problem(np.full(6, 1 / 6), _die_loss, _die_slope)
"""The die's loss at equal logits, where the document's run begins."""
SQUARE = Problem(np.array([0.5, 0.3, 0.2]), _square_loss, _square_slope)
"""The square of the mean face of three, 0, 1 and 2: entries are multiplied with one another."""


def through(b: Floats, slope: Floats, tau: float) -> Floats:
    """Return J(b) slope / tau for each row."""
    weighted = b * slope
    total = np.einsum("ni->n", weighted)  # twice as fast as a sum along rows of a few
    return np.asarray((weighted - b * total[:, None]) / tau)


def relaxed(problem: Problem, b: Floats, winner: Ints, tau: float) -> Floats:
    """Return the pathwise gradient of each relaxed draw."""
    return through(b, problem.slope(b), tau)


def straight_through(problem: Problem, b: Floats, winner: Ints, tau: float) -> Floats:
    """Return the gradient with the loss's slope taken at the one-hot winner and the softmax's at the relaxed draw."""
    return through(b, problem.slope(np.eye(problem.p.size)[winner]), tau)


def score(problem: Problem, b: Floats, winner: Ints, tau: float) -> Floats:
    """Return the loss of each winner times the slope of its log probability."""
    hot = np.eye(problem.p.size)[winner]
    return np.asarray(problem.loss(hot)[:, None] * (hot - problem.p))


ESTIMATORS = ("relaxed", "straight-through", "score function")


def estimate(name: str, problem: Problem, b: Floats, winner: Ints, tau: float) -> Floats:
    """Return the (n, K) gradients of the estimator of this name."""
    if name == "score function":
        return score(problem, b, winner, tau)
    return (relaxed if name == "relaxed" else straight_through)(problem, b, winner, tau)


@dataclass(frozen=True)
class Quality:
    """Squared bias, total variance and mean squared error of one draw's gradient."""

    squared_bias: float
    variance: float

    def error(self, draws: int = 1) -> float:
        """Return the mean squared error of a mean over so many draws."""
        return self.squared_bias + self.variance / draws


def of_square(name: str, tau: float, order: int = 5) -> Quality:
    """Return the quality of an estimator for `SQUARE`, by quadrature over how far the winner is ahead, to 1e-5 relative."""
    return _of_square(tau, order)[name]


@cache
def _of_square(tau: float, order: int) -> dict[str, Quality]:
    """Return the quality of each estimator: all are integrated over the same points."""
    problem = SQUARE
    mean, square = {name: np.zeros(3) for name in ESTIMATORS}, dict.fromkeys(ESTIMATORS, 0.0)
    for r, (y, weight) in enumerate(grid(tau, order)):
        b, winner = np.insert(y[:, 1:], r, y[:, 0], axis=1), np.full(len(y), r)
        for name in ESTIMATORS:
            g = estimate(name, problem, b, winner, tau)
            mean[name] += weight @ g
            square[name] += float(weight @ np.einsum("ni,ni->n", g, g))
    bias = {name: mean[name] - problem.gradient for name in ESTIMATORS}
    return {
        name: Quality(float(np.sum(bias[name] ** 2)), square[name] - float(np.sum(mean[name] ** 2)))
        for name in ESTIMATORS
    }


def drawn(problem: Problem, name: str, tau: float, n: int, rng: np.random.Generator) -> Floats:
    """Return (n, K) gradients, each from one relaxed draw of its own."""
    b = _relaxed(problem, tau, n, rng)
    return estimate(name, problem, b, np.argmax(b, axis=1), tau)


def bound(problem: Problem, name: str, tau: float) -> float:
    """Return a bound of an estimate's distance from the exact gradient.

    With slopes s of the loss that lie at most ``spread`` apart, m their mean under b, |b_i (s_i - m)| <= spread / 4 and
    sum |b_i (s_i - m)| <= spread / 2, so that |J s| <= spread / sqrt 8. Both are largest at a corner of the simplex.
    """
    hot = np.eye(problem.p.size)
    if name == "score function":
        largest = float(np.max(np.abs(problem.loss(hot)))) * math.sqrt(2)
    else:
        largest = float(np.max(np.ptp(problem.slope(hot), axis=1))) / tau / math.sqrt(8)
    return largest + float(np.sqrt(np.sum(problem.gradient**2)))


def enumerated(rng: np.random.Generator) -> Evidence:
    """Hold the enumerated gradient to the complex step of the expected loss, for random logits and both losses."""
    found, due = [], []
    for problem in (ROLLED, SQUARE):
        for _ in range(20):
            logits = rng.normal(size=problem.p.size)
            p = np.exp(logits) / np.exp(logits).sum()
            found.append(replace(problem, p=p).gradient)
            due.append(complex_step(partial(_expected, problem), logits)[0])
    return deviation(np.concatenate(found), np.concatenate(due), bound=1e-12, scale=0.1, what="the enumerated gradient")


def differentiated(rng: np.random.Generator) -> Evidence:
    """Hold single gradients to complex steps of what each claims to differentiate, the noise held fixed.

    Relaxed: the loss of the relaxed draw. Straight-through: the relaxed draw times the loss's slope at the winner, itself a
    complex step. Score function: the loss of the winner times its log probability.
    """
    found, due = [], []
    for problem in (ROLLED, SQUARE):
        for tau in (0.3, 1.0, 3.0):
            logits, noise = np.log(problem.p), rng.gumbel(size=(10, problem.p.size))
            for g in noise:
                b = np.real(softmax((logits + g) / tau))
                winner = np.array([int(np.argmax(b))])
                hot = np.eye(problem.p.size)[winner[0]]
                slope, loss = complex_step(problem.loss, hot)[0], float(problem.loss(hot))
                due += [
                    complex_step(partial(_through_loss, problem, g, tau), logits)[0],
                    complex_step(partial(_through_slope, slope, g, tau), logits)[0],
                    loss * complex_step(partial(_log_probability, winner[0]), logits)[0],
                ]
                found += [estimate(name, problem, b[None], winner, tau)[0] for name in ESTIMATORS]
    return deviation(np.concatenate(found), np.concatenate(due), bound=1e-12, scale=1.0, what="a draw's gradient")


def _through_loss(problem: Problem, noise: Floats, tau: float, x: Any) -> Any:
    return problem.loss(softmax((x + noise) / tau))


def _through_slope(slope: Floats, noise: Floats, tau: float, x: Any) -> Any:
    return np.sum(slope * softmax((x + noise) / tau))


def _log_probability(winner: int, x: Any) -> Any:
    return np.log(softmax(x)[winner])


def _expected(problem: Problem, logits: Any) -> Any:
    weights = np.exp(logits)
    return np.sum(weights * problem.loss(np.eye(problem.p.size))) / weights.sum()


def kept(tau: float) -> float:
    """Return the share of the exact gradient that the mean relaxed, or straight-through, gradient of `ROLLED` is."""
    return 1.2 * means(tau).unlike / tau


@cache
def of_die(name: str, tau: float) -> Quality:
    """Return the quality of an estimator for `ROLLED`.

    With p = 1/6 the law of b is symmetric and J(b) 1 = 0, so that means are linear and quadratic in the loss's y through
    y - 1/6 alone. Relaxed and straight-through have the same mean, 1.2 E(1 - p_2) / tau of the exact gradient, and E |J s|^2
    is that of J b (or of J e_r at the winner r) plus that of J y, which is E(p_2 - 2 p_3 + p_2^2) |y - 1/6|^2 / 5.
    """
    exact, losses = ROLLED.gradient, ROLLED.loss(np.eye(6))
    size = float(np.sum(exact**2))
    if name == "score function":
        return Quality(0.0, float(np.mean(losses**2)) * 5 / 6 - size)
    mean, share = means(tau), kept(tau)
    own = mean.itself if name == "relaxed" else mean.winner
    square = 4 / tau**2 * (own + mean.one_entry * float(np.sum((np.array(DIE) - 1 / 6) ** 2)) / 5)
    return Quality((1 - share) ** 2 * size, square - share**2 * size)


@dataclass(frozen=True)
class Setting:
    """A problem with the exact quality of its estimators and a title; the width that intervals should have, and may have."""

    problem: Problem
    exactly: Callable[[str, float], Quality]
    title: str
    width: float
    tolerance: float


def measured(setting: Setting, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold drawn squared bias, variance and squared error to the exact ones, each as a share of the exact squared error.

    From two independent gradients g and h and the exact one e: (g - e)(h - e) has the squared bias for its mean,
    |g - h|^2 / 2 the variance, |g - e|^2 the squared error. The estimators look at the same draws.
    """
    found: dict[str, list[Sample]] = {name: [] for name in ESTIMATORS}
    due: dict[str, list[Sample]] = {name: [] for name in ESTIMATORS}
    for tau in TEMPERATURES:
        sizes = {name: _size(setting, name, tau, rates) for name in ESTIMATORS}
        one, other = (_relaxed(setting.problem, tau, max(sizes.values()), rng) for _ in range(2))
        for name, n in sizes.items():
            found[name] += _samples(setting, name, tau, one[:n], other[:n])
            right = setting.exactly(name, tau)
            shares = (right.squared_bias / right.error(), right.variance / right.error(), 1.0)
            due[name] += [Sample(2, share, 0.0, 0.0) for share in shares]
    drawn, wanted = ([sample for row in side.values() for sample in row] for side in (found, due))
    made = equal(drawn, wanted, rates, exhibit=_panels(setting, found, rates), notes=_best(setting))
    return replace(made, n=made.n // 3)


def _relaxed(problem: Problem, tau: float, n: int, rng: np.random.Generator) -> Floats:
    return draw("relaxed", np.log(problem.p), n, rng=rng, temperature=tau)


def _span(setting: Setting, name: str, tau: float) -> float:
    return 4 * bound(setting.problem, name, tau) ** 2 / setting.exactly(name, tau).error()


def _size(setting: Setting, name: str, tau: float, rates: Rates) -> int:
    count = 3 * len(ESTIMATORS) * len(TEMPERATURES)
    return bernstein_size(_span(setting, name, tau), 3.0, setting.width, rates, 2 * count)


def _samples(setting: Setting, name: str, tau: float, one: Floats, other: Floats) -> list[Sample]:
    """Return squared bias, variance and squared error of the gradients of two sets of relaxed draws, as shares."""
    problem = setting.problem
    scale, span = setting.exactly(name, tau).error(), _span(setting, name, tau)
    g, h = (estimate(name, problem, b, np.argmax(b, axis=1), tau) - problem.gradient for b in (one, other))
    pairs = ((g, h), (g - h, g - h), (g, g))
    products = [np.einsum("ni,ni->n", left, right) for left, right in pairs]
    values = (products[0], products[1] / 2, products[2])
    return [Sample.of(value / scale, span) for value in values]


def least(setting: Setting, name: str, draws: int) -> float:
    """Return the temperature of the least mean squared error, to the 12 % between those shown."""
    return float(SHOWN[np.argmin([setting.exactly(name, float(tau)).error(draws) for tau in SHOWN])])


def _best(setting: Setting) -> dict[str, float | str]:
    return {
        f"temperature of least error, {name}, {draws} draws": least(setting, name, draws)
        for name in ("relaxed", "straight-through")
        for draws in (1, BATCH)
    }


def _panels(setting: Setting, found: dict[str, list[Sample]], rates: Rates) -> dict[str, Any]:
    """Return panels of squared bias, variance, and squared error of one draw and of a batch: lines exact, points drawn."""
    columns: dict[str, tuple[Callable[[Quality], float], int]] = {
        "squared bias (intervals that reach 0 end at the axis)": (lambda one: one.squared_bias, 0),
        "variance": (lambda one: one.variance, 0),
        "mean squared error of one draw": (lambda one: one.error(), 1),
        f"mean squared error of {BATCH} draws (exact only)": (lambda one: one.error(BATCH), BATCH),
    }
    panels = []
    for at, (label, (value, draws)) in enumerate(columns.items()):
        names = [name for name in ESTIMATORS if at or name != "score function"]  # which has no bias
        exact = {name: [value(setting.exactly(name, float(tau))) for tau in SHOWN] for name in names}
        series = [line(name, SHOWN, values) for name, values in exact.items()]
        if at < 3:
            floor = min(min(values) for values in exact.values())
            series += [_points(setting, name, found[name][at::3], floor, rates) for name in names]
        if draws:
            marked = _least(setting, draws)
            series.append(marked)
            label += ", least at {:.2g} and {:.2g}".format(*marked["x"])
        panels.append(curves(label, "temperature", "", series, log_x=True, log_y=True))
    return {"kind": "panels", "title": setting.title, "panels": panels}


def _least(setting: Setting, draws: int) -> dict[str, Any]:
    """Return the points of the least error that is shown of each estimator whose error depends on the temperature."""
    at = [(least(setting, name, draws), name) for name in ("relaxed", "straight-through")]
    errors = [setting.exactly(name, tau).error(draws) for tau, name in at]
    return line("least error shown", [tau for tau, _ in at], errors, "points")


def _points(setting: Setting, name: str, shares: list[Sample], floor: float, rates: Rates) -> dict[str, Any]:
    """Return the points of an estimator, none below ``floor``, with intervals that hold for all points of all panels."""
    scales = [setting.exactly(name, tau).error() for tau in TEMPERATURES]
    scaled = [
        Sample(s.n, s.mean * scale, s.variance * scale**2, s.span * scale)
        for s, scale in zip(shares, scales, strict=True)
    ]
    shown = band(name, TEMPERATURES, scaled, Rates(rates.level / (3 * len(ESTIMATORS)), rates.beta))
    return {**shown, **{key: [max(one, floor) for one in shown[key]] for key in ("y", "low")}, "style": "points"}


KEPT = {0.5: 0.05, 1.0: 0.05, 2.0: 0.05, 5.0: 0.05}
"""Temperatures at which the loss of gradient is told apart for the die, and to what width."""


def kept_gradient(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Measure at the document's start, equal logits, what share of the exact gradient the relaxed mean lacks: it rises.

    The share is 1 - g e / |e|^2 on average over gradients g; the exact gradient e is enumerated. It is held to its exact
    curve, too, at half of the level each.
    """
    exact = ROLLED.gradient
    size = float(np.sum(exact**2))
    samples, biases = [], {}
    for tau, width in KEPT.items():
        span = 2 * math.sqrt(2) / tau / math.sqrt(size)
        n = bernstein_size(span, 2.2 / tau, width, rates, len(KEPT))
        g = drawn(ROLLED, "relaxed", tau, n, rng)
        samples.append(Sample.of(1 - np.sum(g * exact, axis=1) / size, span))
        bias = float(np.sqrt(np.sum((g.mean(axis=0) - exact) ** 2) / size))
        biases[f"relative bias at tau = {tau:g}"] = bias
    exhibit = curves(
        "What the relaxed gradient of the die's loss lacks of the exact discrete one, at equal logits", "temperature",
        "share of the gradient",
        [line("exact", SHOWN, [1 - kept(float(tau)) for tau in SHOWN]),
         {**band("draws", tuple(KEPT), samples, rates), "style": "points"}], log_x=True,
    )  # fmt: skip
    made = rising(samples, rates, exhibit=exhibit, notes=biases)
    held = equal(samples, [Sample(2, 1 - kept(tau), 0.0, 0.0) for tau in KEPT], rates)
    assert made.p_value is not None and held.p_value is not None
    return replace(made, p_value=min(1.0, 2 * min(made.p_value, held.p_value)))


def unbiased(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the mean score-function gradient to the exact one, for both losses, coordinate by coordinate."""
    found, due, count = [], [], ROLLED.p.size + SQUARE.p.size
    for problem in (ROLLED, SQUARE):
        span = 2 * float(np.max(problem.loss(np.eye(problem.p.size))))
        n = bernstein_size(span, 0.5 * span / 2, 0.01 * span, rates, 2 * count)
        g = drawn(problem, "score function", 1.0, n, rng) / span
        found += [Sample.of(g[:, i], 1.0) for i in range(problem.p.size)]
        due += [Sample(2, float(one) / span, 0.0, 0.0) for one in problem.gradient]
    return equal(found, due, rates)


SETTINGS = {
    "gradient-error-die": Setting(ROLLED, of_die, "Error of a gradient of the die's loss, at equal logits", 0.3, 0.5),
    "gradient-error": Setting(
        SQUARE, of_square, "Error of a gradient of the squared face, three faces at 0.5, 0.3, 0.2", 0.15, 0.25
    ),
}


def checks(options: Options, rates: Rates) -> tuple[Check, ...]:
    """Return the checks that say what a high temperature costs."""
    stem = "trick/high-temperature-spreads"
    method = "simultaneous intervals"
    return (
        identity(f"identity/{stem}/enumeration", "the gradient that estimators aim at", enumerated, bound=1e-12,
                 method="complex step"),
        identity(f"identity/{stem}/estimators", "each gradient is the derivative that it is called", differentiated,
                 bound=1e-12, method="complex step"),
        *(chance(f"simulation/{stem}/{name}", "bias against variance, over the temperature",
                 partial(measured, setting, rates), tolerance=setting.tolerance, unit="share of the squared error",
                 method=method) for name, setting in SETTINGS.items()),
        chance(f"simulation/{stem}/gradient-lost", "what easier costs: the gradient shrinks as tau rises",
               partial(kept_gradient, rates), tolerance=1.0, unit="share of the smallest step", method=method),
        chance(f"simulation/{stem}/score-unbiased", "one estimator has no bias at any temperature",
               partial(unbiased, rates), tolerance=0.025, unit="share of the largest value", method=method),
    )  # fmt: skip
