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
    tie = [float(np.abs(tie_quotient(h)).max()) for h in steps]
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


def flat(rng: np.random.Generator) -> Evidence:
    """Off ties the quotient of the one-hot argmax is exactly 0, so that it carries no gradient."""
    seed, logits = int(rng.integers(2**62)), np.array(case("l8").logits)
    step = 1e-9
    perturbed = np.sort(draw("gumbel-max", logits, DRAWS, rng=seed, emits="gumbel"), axis=1)
    off = perturbed[:, -1] - perturbed[:, -2] > 4 * step
    rows = draw("gumbel-max", logits, DRAWS, rng=seed, emits="gumbel")[off]
    found = []
    for i in range(logits.size):
        move = step * np.eye(logits.size)[i]
        found.append((np.argmax(rows + move, axis=1) != np.argmax(rows - move, axis=1)) / (2 * step))
    notes = {"draws off ties": float(off.sum()), "draws": float(off.size)}
    return deviation(found, 0.0, bound=0.0, scale=1.0, what="the quotient of the one-hot argmax", notes=notes)


def tie_quotient(step: float) -> Floats:
    """Return the one-sided quotient of the one-hot argmax of (0, 0) when the second entry grows by ``step``."""
    before, after = np.eye(2)[np.argmax([0.0, 0.0])], np.eye(2)[np.argmax([0.0, step])]
    return np.asarray((after - before) / step)


def tie(rng: np.random.Generator) -> Evidence:
    """At a tie the quotient is 1 / step: it grows without bound, so that no derivative exists."""
    steps = 2.0 ** -np.arange(1, 41)
    found = np.array([tie_quotient(step)[1] * step for step in steps])
    return deviation(found, 1.0, bound=0.0, what="quotient times step of the argmax at a tie")


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
