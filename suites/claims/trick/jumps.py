"""The argmax is constant but for jumps: with the noise held fixed, moving a logit changes as many winners as the law says.

Moving logit i from l_i - h to l_i + h, noise fixed, only makes i win where it did not: with probability
p_i(l_i + h) - p_i(l_i - h), which is 2 h p_i (1 - p_i) to first order. So a draw has derivative 0 with probability 1,
and all of the slope of the expectation sits in jumps, which no derivative of a draw shows.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.laws.log_space import log_softmax
from harness.methods.tails import binomial_two_sided
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.draw import draw
from suites.cases import case
from suites.claims.proof.relaxation import DRAWS, closed_jacobian
from suites.evidence.chance import Rates, Sample, bernstein_size, chance, curves, line
from suites.evidence.identities import complex_step, deviation, identity

STEPS = (0.5, 0.1, 0.02)
FOLLOWED = 25
"""Draws that are followed one by one, each with a step of its own."""


def winners(logits: Floats, n: int, seed: int) -> NDArray[np.intp]:
    """Return (n,) categories of the Gumbel-max sampler, from the noise that ``seed`` fixes."""
    return np.asarray(draw("gumbel-max", logits, n, rng=seed, emits="index"), np.intp)


def due(logits: Floats, i: int, step: float) -> float:
    """Return p_i(l_i + h) - p_i(l_i - h)."""
    move = step * np.eye(logits.size)[i]
    return float(np.exp(log_softmax(logits + move)[i]) - np.exp(log_softmax(logits - move)[i]))


def jumps(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Count the winners that change as one logit moves by 2 h, and hold the counts to exact binomial tests.

    Whoever wins differently must be i, who did not win before: any other change is impossible.
    """
    logits, seed = case("l8").logits, int(rng.integers(2**62))
    n = bernstein_size(1.0, 0.5, tolerance, rates, len(STEPS) * 2)
    p_values, shares, wrong = [], {}, ""
    for i in (0, 3):
        for h in STEPS:
            move = h * np.eye(logits.size)[i]
            before, after = winners(logits - move, n, seed), winners(logits + move, n, seed)
            changed = before != after
            if np.any(after[changed] != i):
                wrong = f"as logit {i} rises, a draw changes to category {after[changed & (after != i)][0]}"
            count = int(changed.sum())
            p_values.append(float(binomial_two_sided(count, n, due(logits, i, h))))
            shares[i, h] = (count / n, due(logits, i, h))
    worst = max(abs(found - right) for found, right in shares.values())
    reach = Sample(n, 0.5, 0.25, 1.0).resolution(rates, len(shares))
    return Evidence(
        statistic=worst, p_value=min(1.0, len(p_values) * min(p_values)), effect=worst, n=n, resolution=reach,
        impossible=wrong, exhibit=_picture(logits, shares),
        notes={f"winners that change, logit {i} by 2 x {h:g}": found for (i, h), (found, _) in shares.items()},
    )  # fmt: skip


def _picture(logits: Floats, shares: dict[tuple[int, float], tuple[float, float]]) -> dict[str, object]:
    h = np.geomspace(1e-3, 1.0, 60)
    series = [line(f"law, logit {i}", h, [due(logits, i, float(one)) for one in h]) for i in (0, 3)]
    series += [
        line(f"drawn, logit {i}", STEPS, [shares[i, one][0] for one in STEPS], "points") for i in (0, 3)
    ]  # fmt: skip
    return curves(
        "Winners that change as one logit moves by 2 h with the noise held fixed", "h", "share of draws", series,
        log_x=True, log_y=True,
    )  # fmt: skip


def constant_between(rng: np.random.Generator) -> Evidence:
    """Move a logit by less than half of what separates a draw's two largest: the one-hot draw's quotient is exactly 0."""
    logits, seed = case("l8").logits, int(rng.integers(2**62))
    rows = draw("gumbel-max", logits, DRAWS, rng=seed, emits="gumbel")
    top = np.sort(rows, axis=1)
    found = []
    for r in range(FOLLOWED):
        h = 0.49 * float(top[r, -1] - top[r, -2])
        for move in h * np.eye(logits.size):
            both = (draw("gumbel-max", logits + sign * move, DRAWS, rng=seed, emits="gumbel")[r] for sign in (1, -1))
            one, other = (int(np.argmax(row)) for row in both)
            found.append(float(one != other))
    return deviation(found, 0.0, bound=0.0, scale=1.0, what="a one-hot draw's change within half its gap")


def relaxation_moves(rng: np.random.Generator) -> Evidence:
    """The relaxed draw's derivative is the softmax's Jacobian at the draw: by complex steps, and nowhere 0."""
    logits, tau = case("l8").logits, 0.7
    noise = draw("gumbel-max", logits, 50, rng=rng, emits="gumbel") - logits
    found, due_there = [], []
    for row in noise:
        found.append(complex_step(partial(_relaxed, row, tau), logits))
        due_there.append(closed_jacobian(np.asarray(np.real(_relaxed(row, tau, logits)))[None], tau)[0])
    least = float(min(np.abs(np.diagonal(one)).max() for one in found))
    flat = f"a relaxed draw has derivative {least:.3g}" if least < 1e-12 else ""
    made = deviation(found, due_there, bound=1e-11, scale=1.0, what="the relaxed draw's derivative")
    return Evidence(
        statistic=made.statistic, effect=made.effect, n=made.n, resolution=made.resolution,
        impossible=made.impossible or flat, notes={"least of the draws' largest derivatives": least},
    )  # fmt: skip


def _relaxed(noise: Floats, tau: float, logits: Floats) -> Floats:
    """Return softmax((l + g) / tau), for complex l too."""
    a = (logits + noise) / tau
    weights = np.exp(a - np.max(np.real(a)))
    return np.asarray(weights / weights.sum())


def corrected(options: Options) -> Claim:
    """Return what holds of any argmax, with JAX or without it."""
    rates, stem = Rates.of(options), "trick/jax-differentiable.corrected"
    tolerance = max(0.01, options.tolerance)
    return Claim(
        "trick.jax-differentiable.corrected",
        where="introduction",
        says="The argmax is constant but for jumps, with derivative 0 where it has one; the relaxation has another.",
        checks=(
            chance(f"binomial/{stem}/jumps", "all change sits in jumps, as often as the law says",
                   partial(jumps, 0.9 * tolerance, rates), tolerance=tolerance, unit="share of draws", method="binomial",
                   suite="binomial"),
            identity(f"identity/{stem}/constant", "between jumps nothing changes", constant_between, bound=0.0,
                     unit="changes", method="finite differences"),
            identity(f"identity/{stem}/relaxation", "the relaxation's derivative", relaxation_moves, bound=1e-11,
                     unit="error over 1", method="complex step"),
        ),
    )  # fmt: skip
