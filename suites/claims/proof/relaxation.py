"""A draw can be differentiated if, with its noise held fixed, difference quotients in the logits settle as steps shrink."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.draw import draw
from suites.cases import case
from suites.evidence.identities import deviation, identity

ORDER = 20
DRAWS = 200
TEMPERATURES = (0.3, 1.0, 3.0)
STEP = 2.0**-9
"""Step over temperature. Richardson's extrapolation of central differences leaves 4 h^4 / 5! times a fifth derivative,
at most 24 / tau^5, and rounding of 1e-16 / h: about 2e-11 and 2e-13 of 1 / tau."""


def closed_jacobian(b: Floats, temperature: float) -> Floats:
    """Return (n, K, K) derivatives of the j-th coordinate in the i-th logit: b_j (delta_ji - b_i) / tau."""
    return np.asarray((b[:, :, None] * (np.eye(b.shape[1]) - b[:, None, :])) / temperature)


def relaxed(logits: Floats, temperature: float, seed: int) -> Floats:
    """Draw relaxed samples from the stream of ``seed``, which fixes their noise."""
    return draw("relaxed", logits, DRAWS, rng=seed, temperature=temperature)


def central(sampler: Any, logits: Floats, temperature: float, seed: int, step: float) -> Floats:
    """Return (n, K, K) central differences of a sampler's draws in each logit."""
    columns = []
    for i in range(logits.size):
        move = step * np.eye(logits.size)[i]
        up, down = (sampler(logits + sign * move, temperature, seed) for sign in (1, -1))
        columns.append((up - down) / (2 * step))
    return np.stack(columns, axis=-1)


def differences(rng: np.random.Generator) -> Evidence:
    """Hold extrapolated differences of the relaxed sampler to the closed Jacobian at its own draws."""
    seed, logits = int(rng.integers(2**62)), np.array(case("l8").logits)
    found, due = [], []
    for tau in TEMPERATURES:
        coarse, fine = (central(relaxed, logits, tau, seed, step * tau) for step in (STEP, STEP / 2))
        found.append(tau * (4 * fine - coarse) / 3)
        due.append(tau * closed_jacobian(relaxed(logits, tau, seed), tau))
    exhibit = _picture(seed, logits)
    return deviation(
        found, due, bound=1e-9, scale=1.0, what="the difference quotient of the relaxed draw", exhibit=exhibit
    )


def _picture(seed: int, logits: Floats) -> dict[str, Any]:
    steps = 2.0 ** -np.arange(1, 13)
    closed = closed_jacobian(relaxed(logits, 1.0, seed), 1.0)
    errors = [float(np.abs(central(relaxed, logits, 1.0, seed, h) - closed).max()) for h in steps]
    tie = [abs(tie_quotient(float(h), seed)) for h in steps]
    return {
        "kind": "curves",
        "title": "Difference quotients as the step shrinks: the relaxed draw settles, the argmax at a tie does not",
        "x_label": "step in a logit",
        "y_label": "error of the quotient, and the quotient at a tie",
        "log_x": True,
        "log_y": True,
        "series": [
            {"label": "relaxed draw, largest error", "x": steps.tolist(), "y": errors, "style": "line"},
            {"label": "one-hot argmax at a tie", "x": steps.tolist(), "y": tie, "style": "line"},
        ],
        "lines": [],
    }


def order(rng: np.random.Generator) -> Evidence:
    """Halving the step divides the error by four: the quotient converges at second order, as for a smooth function."""
    seed, logits = int(rng.integers(2**62)), np.array(case("l8").logits)
    steps = 2.0 ** -np.arange(3, 8)
    closed = closed_jacobian(relaxed(logits, 1.0, seed), 1.0)
    # Sums and not norms: BLAS adds in an order that depends on its threads.
    errors = np.array([np.sqrt(np.sum((central(relaxed, logits, 1.0, seed, h) - closed) ** 2)) for h in steps])
    return deviation(errors[:-1] / errors[1:], 4.0, bound=0.05, what="the error's ratio when the step is halved")


def perturbed(logits: Floats, seed: int, n: int = DRAWS) -> Floats:
    """Draw logits plus noise from the stream of ``seed``, which fixes the noise."""
    return draw("gumbel-max", logits, n, rng=seed, emits="gumbel")


def one_hot(rows: Floats) -> Floats:
    """Return the one-hot argmax of each row."""
    return np.asarray(np.eye(rows.shape[1])[np.argmax(rows, axis=1)])


def flat(rng: np.random.Generator) -> Evidence:
    """Off ties the quotient of the one-hot draw is exactly 0: the sampler is asked again at logits moved up and down.

    That the logits reach the argmax at all is seen beside it: a move by 40 makes any category win, or lose, every draw.
    """
    seed, logits = int(rng.integers(2**62)), np.array(case("l8").logits)
    step = 1e-9
    top = np.sort(perturbed(logits, seed), axis=1)
    off = top[:, -1] - top[:, -2] > 4 * step
    found, forced = [], []
    for i in range(logits.size):
        move = np.eye(logits.size)[i]
        up, down = (one_hot(perturbed(logits + sign * step * move, seed)) for sign in (1, -1))
        found.append((up - down)[off] / (2 * step))
        forced += [one_hot(perturbed(logits + 40 * sign * move, seed))[:, i] - (sign > 0) for sign in (1, -1)]
    notes = {"draws off ties": float(off.sum()), "draws": float(off.size)}
    values = np.concatenate([np.concatenate(found).ravel(), np.concatenate(forced)])
    return deviation(values, 0.0, bound=0.0, scale=1.0, what="the quotient of the one-hot draw", notes=notes)


def tied(seed: int, row: int) -> tuple[Floats, int, int]:
    """Return logits at which a draw's two leading entries tie, and which these are: the runner-up's logit is raised."""
    logits = np.array(case("l8").logits)
    entries = perturbed(logits, seed)[row]
    second, first = np.argsort(entries)[-2:]
    logits[second] += entries[first] - entries[second]
    return logits, int(first), int(second)


def tie_quotient(step: float, seed: int = 0, row: int = 0) -> float:
    """Return the central quotient at such a tie of the one-hot draw's entry that was second, in its own logit."""
    logits, _, second = tied(seed, row)
    move = step / 2 * np.eye(logits.size)[second]
    up, down = (one_hot(perturbed(logits + sign * move, seed)[[row]])[0, second] for sign in (1, -1))
    return float((up - down) / step)


def tie(rng: np.random.Generator) -> Evidence:
    """At a tie of a sampler's draw the quotient is 1 / step: it grows without bound, so that no derivative exists."""
    seed = int(rng.integers(2**62))
    steps = 2.0 ** -np.arange(1, 41, 3)
    found = np.array([[tie_quotient(step, seed, row) * step for step in steps] for row in range(10)])
    return deviation(found, 1.0, bound=0.0, what="quotient times step of the one-hot draw at a tie")


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim that the relaxation can be differentiated where the discrete draw cannot."""
    stem = "identity/proof/relaxation-differentiable"
    return (
        Claim(
            "proof.relaxation-differentiable",
            where="Background",
            says="A softmax in place of the discrete draw makes the sample differentiable in the logits.",
            checks=(
                identity(
                    f"{stem}/jacobian", "with fixed noise the relaxed draw has the softmax's Jacobian", differences,
                    bound=1e-9, unit="error over 1 / tau", method="finite differences",
                ),
                identity(
                    f"{stem}/order", "the quotients converge as those of a smooth function do", order,
                    bound=0.05, method="finite differences",
                ),
                identity(
                    f"{stem}/argmax-flat", "the discrete draw has derivative 0 almost everywhere", flat,
                    bound=0.0, unit="absolute error", method="finite differences",
                ),
                identity(
                    f"{stem}/argmax-tie", "at a tie the discrete draw jumps", tie, bound=0.0, method="finite differences"
                ),
            ),
        ),
    )  # fmt: skip
