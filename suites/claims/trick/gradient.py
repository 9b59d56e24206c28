"""The gradient of the trick, line by line: every line is a function here, held to the next and to exact derivatives.

l are logits, g noise held fixed, a = l + g, b = softmax(a / tau), y the observation, R = sum (y - b)^2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.evidence.dual import differentiator, like, traced_softmax
from suites.evidence.identities import complex_step, derivation, deviation, identity

ORDER = 140
BOUND, SCALE = 1e-12, 0.1
"""Sums of K <= 50 products, none above 2 / tau < 7, are off by 8e-14 at worst: 1e-12 of the largest entry, or of 0.1 where
a sample next to a corner of the simplex makes all entries cancel."""


@dataclass(frozen=True)
class Point:
    """Logits, noise, observation (K,) and a temperature."""

    logits: Floats
    noise: Floats
    observed: Floats
    tau: float

    @property
    def b(self) -> Floats:
        """The relaxed sample."""
        return np.asarray(softmax((self.logits + self.noise) / self.tau))


def points(rng: np.random.Generator, count: int = 60) -> list[Point]:
    """Draw points with K from 2 to 50 and tau from 0.3 to 5; observations are means of 20 rolls."""
    made = []
    for _ in range(count):
        k = int(rng.integers(2, 51))
        observed = rng.multinomial(20, rng.dirichlet(np.ones(k))) / 20
        made.append(
            Point(
                rng.normal(0, 2, k), rng.gumbel(size=k), observed, float(np.exp(rng.uniform(np.log(0.3), np.log(5.0))))
            )
        )
    return made


def softmax(a: Any) -> Any:
    """Return e^a / sum e^a, for complex a too."""
    weights = np.exp(a - np.max(np.real(a)))
    return weights / weights.sum()


def loss(b: Any, y: Floats) -> Any:
    """Return the squared error."""
    return np.sum((y - b) ** 2)


def loss_slope(y: Floats, b: Floats) -> Floats:
    """Return dR / db_j = -2 (y_j - b_j)."""
    return -2 * (y - b)


def softmax_slope(b: Floats, tau: float) -> Floats:
    """Return d b_j / d a_i = b_j (delta_ji - b_i) / tau, as [j, i]."""
    return np.asarray(b[:, None] * (np.eye(b.size) - b[None, :]) / tau)


def quotient_rule(b: Floats, tau: float) -> Floats:
    """Return (delta_ji e_j sum e - e_j e_i) / (tau (sum e)^2), the quotient rule on e_j / sum e, e = b up to a factor."""
    e = 3.0 * b
    total = e.sum()
    return np.asarray((np.diag(e) * total - np.outer(e, e)) / (tau * total**2))


def line_definition(p: Point) -> Floats:
    """Return the derivative of the whole loss in the logits, by complex steps."""
    return np.asarray(complex_step(lambda x: loss(softmax((x + p.noise) / p.tau), p.observed), p.logits)[0])


def line_chain(p: Point) -> Floats:
    """Return sum over j of dR/db_j db_j/da_i, each factor by complex steps, times da_i/dl_i = 1 + 0."""
    outer = complex_step(lambda b: loss(b, p.observed), p.b)[0]
    inner = complex_step(lambda a: softmax(a / p.tau), p.logits + p.noise)
    return np.asarray(np.sum(outer[:, None] * inner, axis=0) * (1 + 0))


def line_inserted(p: Point) -> Floats:
    """Return sum over j of -2 (y_j - b_j) (1 / tau) b_j (delta_ji - b_i)."""
    b, delta = p.b, np.eye(p.b.size)
    return np.array([np.sum(-2 * (p.observed - b) * (1 / p.tau) * b * (delta[:, i] - b[i])) for i in range(b.size)])


def line_factored(p: Point) -> Floats:
    """Return (2 / tau) sum over j of (b_j - y_j) b_j (delta_ji - b_i)."""
    b, delta = p.b, np.eye(p.b.size)
    return 2 / p.tau * np.array([np.sum((b - p.observed) * b * (delta[:, i] - b[i])) for i in range(b.size)])


def line_split(p: Point) -> Floats:
    """Return (2 / tau) (sum (b_j - y_j) b_j delta_ji - sum (b_j - y_j) b_j b_i)."""
    b, delta = p.b, np.eye(p.b.size)
    terms = (b - p.observed) * b
    return 2 / p.tau * np.array([np.sum(terms * delta[:, i]) - np.sum(terms * b[i]) for i in range(b.size)])


def line_delta(p: Point) -> Floats:
    """Return (2 / tau) ((b_i - y_i) b_i - sum (b_j - y_j) b_j b_i)."""
    b = p.b
    return (
        2
        / p.tau
        * np.array([(b[i] - p.observed[i]) * b[i] - np.sum((b - p.observed) * b * b[i]) for i in range(b.size)])
    )


def line_common(p: Point) -> Floats:
    """Return (2 b_i / tau) ((b_i - y_i) - sum (b_j - y_j) b_j)."""
    b = p.b
    return np.array([2 * b[i] / p.tau * ((b[i] - p.observed[i]) - np.sum((b - p.observed) * b)) for i in range(b.size)])


def line_constant(p: Point) -> Floats:
    """Return (2 b_i / tau) ((b_i - y_i) - c)."""
    b = p.b
    c = np.sum((b - p.observed) * b)
    return np.array([2 * b[i] / p.tau * ((b[i] - p.observed[i]) - c) for i in range(b.size)])


def line_vector(p: Point) -> Floats:
    """Return (2 / tau) b * (b - y - c)."""
    b = p.b
    return np.asarray(2 / p.tau * (b * (b - p.observed - np.sum((b - p.observed) * b))))


def every_line(rng: np.random.Generator) -> Evidence:
    """Hold every line of the derivation to the one before it."""
    lines = [
        ("the derivative of the loss", lambda p: line_definition(p)),
        ("chain rule", lambda p: line_chain(p)),
        ("both factors inserted", lambda p: line_inserted(p)),
        ("constants in front", lambda p: line_factored(p)),
        ("sum split", lambda p: line_split(p)),
        ("delta resolved", lambda p: line_delta(p)),
        ("b_i in front", lambda p: line_common(p)),
        ("c named", lambda p: line_constant(p)),
        ("all indices at once", lambda p: line_vector(p)),
    ]
    return derivation(lines, points(rng), bound=BOUND, scale=SCALE, what="the gradient")


def traced_loss(p: Point, x: Any, exp: Any) -> Any:
    """Return the loss at logits x likewise; framework tensors come first, so that their arithmetic is used."""
    error = traced_softmax(p.tau, x - like(x, -p.noise), exp) - like(x, p.observed)
    return (error * error).sum()


def autograd_gradient(rng: np.random.Generator) -> Evidence:
    """Hold the gradient to automatic differentiation of the loss."""
    name, jacobian = differentiator()
    tried = points(rng, 20)
    lines = [
        ("automatic", lambda p: jacobian(partial(traced_loss, p), p.logits).ravel()),
        ("closed form", lambda p: line_vector(p)),
    ]
    return replace(
        derivation(lines, tried, bound=BOUND, scale=SCALE, what="the gradient"), notes={"differentiated by": name}
    )


def autograd_softmax(rng: np.random.Generator) -> Evidence:
    """Hold the softmax's Jacobian to automatic differentiation."""
    name, jacobian = differentiator()
    tried = points(rng, 20)
    lines = [
        ("automatic", lambda p: jacobian(partial(traced_softmax, p.tau), p.logits + p.noise)),
        ("closed form", lambda p: softmax_slope(p.b, p.tau)),
    ]
    return replace(
        derivation(lines, tried, bound=BOUND, scale=SCALE, what="the Jacobian"), notes={"differentiated by": name}
    )


def softmax_lines(rng: np.random.Generator) -> Evidence:
    """Hold the softmax's Jacobian to complex steps and to the quotient rule."""
    lines = [
        ("complex step", lambda p: complex_step(lambda a: softmax(a / p.tau), p.logits + p.noise)),
        ("quotient rule", lambda p: quotient_rule(p.b, p.tau)),
        ("b_j (delta_ji - b_i) / tau", lambda p: softmax_slope(p.b, p.tau)),
    ]
    return derivation(lines, points(rng), bound=BOUND, scale=SCALE, what="the softmax's Jacobian")


def loss_lines(rng: np.random.Generator) -> Evidence:
    """Hold -2 (y - b) to complex steps, entry by entry; both are exact but for rounding."""
    tried = points(rng)
    found = np.concatenate([loss_slope(p.observed, p.b) for p in tried])
    due = np.concatenate([complex_step(partial(loss, y=p.observed), p.b)[0] for p in tried])
    return deviation(found, due, bound=BOUND, scale=1e-3, what="-2 (y_j - b_j)")


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims about the softmax's Jacobian, the loss's derivative and the gradient."""
    made = partial(identity, bound=BOUND, unit="error over the largest entry")
    jacobian = Claim(
        "trick.softmax-jacobian",
        where="chain rule",
        says="The softmax at temperature tau has derivatives d b_j / d a_i = b_j (delta_ji - b_i) / tau.",
        checks=(
            made(
                "identity/trick/softmax-jacobian/complex-step", "exact derivatives of the function itself", softmax_lines,
                method="complex step",
            ),
            made(
                "identity/trick/softmax-jacobian/autograd", "another way to differentiate", autograd_softmax,
                method="automatic differentiation",
            ),
        ),
    )  # fmt: skip
    slope = Claim(
        "trick.loss-derivative",
        where="chain rule",
        says="The squared error has derivatives dR / db_j = -2 (y_j - b_j).",
        checks=(
            made("identity/trick/loss-derivative/complex-step", "exact derivatives", loss_lines, method="complex step"),
        ),
    )
    gradient = Claim(
        "trick.gradient",
        where="final gradient",
        says="grad R = (2 / tau) b * (b - y - c), entry by entry, with c = sum (b_j - y_j) b_j.",
        checks=(
            made(
                "derivation/trick/gradient/lines", "every line against the next", every_line,
                method="derivation", suite="derivation",
            ),
            made(
                "identity/trick/gradient/autograd", "another way to differentiate", autograd_gradient,
                method="automatic differentiation",
            ),
        ),
    )  # fmt: skip
    return jacobian, slope, gradient
