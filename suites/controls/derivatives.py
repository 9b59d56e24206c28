"""Right draws whose derivatives are not theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import OWN, control, gumbels, softmax, winner
from suites.families.jacobian import exact

ORDER = 115
Slopes = Callable[[Floats, Floats, float, np.random.Generator], Floats]
"""Of logits, scores (n, K), a temperature and a generator: derivatives (n, K, K)."""


def scores(logits: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Return logits plus noise; rightly."""
    return logits + gumbels(rng, size, logits.size)


def relaxed(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Draw rows; rightly."""
    return softmax(scores(logits, size, rng) / temperature)


def hard(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw winners; rightly."""
    return winner(scores(logits, size, rng))


def _jacobian(
    slopes: Slopes, logits: Floats, size: int, *, rng: np.random.Generator, temperature: float
) -> tuple[Floats, Floats]:
    perturbed = scores(logits, size, rng)
    return softmax(perturbed / temperature), slopes(logits, perturbed, temperature, rng)


def right(logits: Floats, perturbed: Floats, tau: float, rng: np.random.Generator) -> Floats:
    """Return the derivatives at the draws; rightly."""
    return exact(softmax(perturbed / tau), tau)


def _no_temperature(logits: Floats, perturbed: Floats, tau: float, rng: np.random.Generator) -> Floats:
    return exact(softmax(perturbed / tau), 1.0)


def _no_normalisation(logits: Floats, perturbed: Floats, tau: float, rng: np.random.Generator) -> Floats:
    y = softmax(perturbed / tau)
    made: Floats = y[:, :, None] * np.eye(logits.size) / tau
    return made


def _no_noise(logits: Floats, perturbed: Floats, tau: float, rng: np.random.Generator) -> Floats:
    return exact(np.broadcast_to(softmax(logits / tau), perturbed.shape), tau)


def _other_noise(logits: Floats, perturbed: Floats, tau: float, rng: np.random.Generator) -> Floats:
    return exact(softmax(scores(logits, len(perturbed), rng) / tau), tau)


def _at_one_hot(logits: Floats, perturbed: Floats, tau: float, rng: np.random.Generator) -> Floats:
    """Return the derivatives with the one-hot winner in the place of the relaxed row: zero."""
    return exact(np.eye(logits.size)[winner(perturbed)], tau)


def _at_temperature_one(logits: Floats, perturbed: Floats, tau: float, rng: np.random.Generator) -> Floats:
    return exact(softmax(perturbed), 1.0)


def _control(
    name: str, emits: str, slopes: Slopes, why: str, *, trigger: str, draw: Callable[..., Any], source: str = OWN
) -> Control:
    return control(
        name,
        emits,
        draw,
        why=why,
        source=source,
        trigger=trigger,
        suite="jacobian",
        jacobian=partial(_jacobian, slopes),
    )


soft = partial(_control, emits="simplex", trigger="die@2", draw=relaxed)
through = partial(_control, emits="index", trigger="l8", draw=hard)

CONTROLS: tuple[Control, ...] = (
    soft(
        "derivative_without_temperature", slopes=_no_temperature, why="the derivative is not divided by the temperature"
    ),
    soft(
        "derivative_of_detached_sum",
        slopes=_no_normalisation,
        why="the softmax's sum is detached, so that only the own entry has a derivative",
    ),
    soft(
        "derivative_without_noise",
        slopes=_no_noise,
        why="the derivative is taken at the softmax of the logits, the noise left out",
    ),
    soft("derivative_at_other_noise", slopes=_other_noise, why="the way back draws noise of its own"),
    through(
        "hard_without_straight_through", slopes=_at_one_hot, why="the one-hot row has no derivative, and none is put in"
    ),
    through(
        "straight_through_at_one",
        slopes=_at_temperature_one,
        why="the way back takes temperature 1, whatever is asked for",
    ),
)
