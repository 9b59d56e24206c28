"""The wrong formula: noise of another law or sign, added to the wrong thing, at another temperature."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats, Indices
from harness.laws import special
from harness.questions.content import Control
from suites.controls.making import EULER, SPREAD, control, gumbels, inverse, probabilities, winner, winners

ORDER = 30
EPS = 0.5


def to_probabilities(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Add the noise to probabilities."""
    p = probabilities(logits)
    return winner(np.where(p > 0, p, -np.inf) + gumbels(rng, size, p.size))


def to_probabilities_law(logits: Floats) -> Floats:
    """Return softmax(p)."""
    p = probabilities(logits)
    return probabilities(np.where(p > 0, p, -np.inf))


def wrong_sign(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Subtract the noise."""
    return winner(logits - gumbels(rng, size, logits.size))


def wrong_sign_law(logits: Floats) -> Floats:
    """Integrate over the minimum-Gumbel law, P(-G <= x) = 1 - exp(-e^x)."""
    return winners(logits, lambda x: -np.expm1(-np.exp(x)), np.linspace(-30, 8, 20_001) + logits.max())


def temperature_as_eps(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Pass the temperature where the guard against log 0 is expected."""
    return winner(logits - np.log(EPS - np.log(rng.random((size, logits.size)) + EPS)))


def temperature_as_eps_law(logits: Floats) -> Floats:
    """Integrate over the law of -log(eps - log(U + eps))."""
    top = logits.max()
    return winners(logits, lambda x: np.clip(np.exp(EPS - np.exp(-x)) - EPS, 0, 1), np.linspace(-8, 4, 20_001) + top)


def normal_noise(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Use normal noise of the same mean and variance."""
    return winner(logits + rng.normal(EULER, SPREAD, (size, logits.size)))


def normal_noise_law(logits: Floats) -> Floats:
    """Integrate over the normal law."""
    return winners(logits, lambda x: special.ndtr((x - EULER) / SPREAD), np.linspace(-12, 14, 20_001) + logits.max())


def warm(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw at a temperature of 1.05."""
    return inverse(warm_law(logits), rng.random(size))


def warm_law(logits: Floats) -> Floats:
    """Return softmax(logits / 1.05)."""
    return probabilities(logits / 1.05)


def never_drawn(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Draw all categories but one, in proportion."""
    return inverse(never_drawn_law(logits), rng.random(size))


def never_drawn_law(logits: Floats) -> Floats:
    """Return the law without its second possible category, where there are two."""
    p = probabilities(logits)
    possible = np.flatnonzero(p > 0)
    if possible.size > 1:
        p[possible[1]] = 0.0
    law: Floats = p / p.sum()
    return law


CONTROLS: tuple[Control, ...] = (
    control(
        "gumbel_added_to_probs",
        "index",
        to_probabilities,
        why="noise is added to probabilities, which draws from softmax(p)",
        source="cupy/cupy PR #84; sgl-project/sglang-omni #1238; AITRICS/FREED PR #4",
        trigger="l8",
        suite="chi_square",
        law=to_probabilities_law,
    ),
    control(
        "gumbel_wrong_sign",
        "index",
        wrong_sign,
        why="minimum-Gumbel noise, which is invisible for two categories",
        source="chainer/chainerrl PR #104; ermongroup/subsets #6",
        trigger="l8",
        suite="chi_square",
        law=wrong_sign_law,
    ),
    control(
        "temperature_passed_as_eps",
        "index",
        temperature_as_eps,
        why="the temperature lands in the parameter that guards log 0, and the noise is squeezed",
        source="nec-research/tf-imle #1",
        trigger="l8",
        suite="chi_square",
        law=temperature_as_eps_law,
    ),
    control(
        "normal_noise",
        "index",
        normal_noise,
        why="normal noise of the right mean and variance is not Gumbel",
        trigger="l8",
        suite="chi_square",
        law=normal_noise_law,
    ),
    control(
        "temperature_not_one",
        "index",
        warm,
        why="logits are divided by 1.05",
        trigger="l8",
        suite="chi_square",
        law=warm_law,
    ),
    control(
        "category_never_drawn",
        "index",
        never_drawn,
        why="a possible category never comes, the others in proportion: tables of the values seen show nothing",
        source="after pytorch test_distributions.py _check_sampler_discrete, which cannot see it; jax-ml/jax PR #7040",
        trigger="die",
        suite="chi_square",
        law=never_drawn_law,
    ),
)
