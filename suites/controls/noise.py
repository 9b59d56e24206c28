"""Perturbed logits whose noise has the wrong scale, shape, ends, grid or joint law."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.laws import special
from harness.questions.content import Control
from harness.questions.precision import rounded
from harness.samplers.builtin.weights import log_sum_exp
from suites.controls.making import EULER, OWN, SPREAD, categories, control, gumbels, probabilities

ORDER = 100
CORRELATION = 0.05


def to_gumbel(u: Floats) -> Floats:
    """Return Gumbel noise from uniforms in (0, 1)."""
    noise: Floats = -np.log(-np.log(u))
    return noise


def dependent_uniforms(rng: np.random.Generator, size: int, categories: int) -> Floats:
    """Return uniforms of which neighbours are joined by a normal copula with correlation 0.05."""
    normal = rng.standard_normal((size, categories + 1))
    share = np.sqrt((1 + np.sqrt(1 - 4 * CORRELATION**2)) / 2)
    mixed = share * normal[:, 1:] + np.sqrt(1 - share**2) * normal[:, :-1]
    uniforms: Floats = np.clip(special.ndtr(mixed), 1e-300, 1 - 2.0**-53)
    return uniforms


def sum_modulo_one(rng: np.random.Generator, size: int, categories: int) -> Floats:
    """Return uniforms that are independent two by two, while the last is the sum of all others modulo 1."""
    u = rng.random((size, categories))
    if categories > 2:
        u[:, -1] = u[:, :-1].sum(axis=1) % 1.0
    return np.clip(u, 1e-300, 1 - 2.0**-53)


def _scaled(rng: np.random.Generator, *shape: int) -> Floats:
    return 1.02 * gumbels(rng, *shape)


def _normal(rng: np.random.Generator, *shape: int) -> Floats:
    return rng.normal(EULER, SPREAD, shape)


def _clipped(rng: np.random.Generator, *shape: int) -> Floats:
    return to_gumbel(np.clip(rng.random(shape), 1e-3, 1 - 1e-3))


def _squeezed(rng: np.random.Generator, *shape: int) -> Floats:
    u = rng.random(shape)
    return -np.log(1e-2 - np.log(u + 1e-2))


def _negative(rng: np.random.Generator, *shape: int) -> Floats:
    return -gumbels(rng, *shape)


def _bits_23(rng: np.random.Generator, *shape: int) -> Floats:
    return to_gumbel((rng.integers(0, 2**23, shape).astype(np.float64) + 0.5) * 2.0**-23)


def _cut(rng: np.random.Generator, *shape: int) -> Floats:
    least = 2.0**-23
    return to_gumbel(least + (1 - least) * rng.random(shape))


def _halved(rng: np.random.Generator, *shape: int) -> Floats:
    return rounded(gumbels(rng, *shape), "bfloat16")


def _shared(rng: np.random.Generator, *shape: int) -> Floats:
    """Draw the noise of a call once for two rows at a time."""
    rows, categories = shape
    return np.repeat(gumbels(rng, -(-rows // 2), categories), 2, axis=0)[:rows]


def _same_in_a_row(rng: np.random.Generator, *shape: int) -> Floats:
    """Draw one value of noise a row: the argmax is that of the logits."""
    return np.repeat(gumbels(rng, shape[0], 1), shape[1], axis=1)


def _dependent(rng: np.random.Generator, size: int, categories: int) -> Floats:
    return to_gumbel(dependent_uniforms(rng, size, categories))


def _joint(rng: np.random.Generator, size: int, categories: int) -> Floats:
    return to_gumbel(sum_modulo_one(rng, size, categories))


def _perturbed(noise: Callable[..., Floats], logits: Floats, size: int, *, rng: np.random.Generator) -> Floats:
    return logits + noise(rng, size, logits.size)


TOLD = 0.037
"""How often a set of winners tells at most: little enough for pairs and triples of coordinates to miss it."""


def winner_tells(logits: Floats, size: int, *, rng: np.random.Generator) -> Floats:
    """Draw the winner, the maximum and the others below it; now and then the last loser's half tells who won.

    Winners of even places say the upper half and the others the lower one, each set in proportion to the mass of the
    other: whoever has won, taken together, the last loser and the maximum are as they should be.
    """
    p = probabilities(logits)
    won, last = categories(logits, size, rng), int(np.flatnonzero(p > 0)[-1])
    uniforms, top = rng.random((size, logits.size)) + 2.0**-54, log_sum_exp(logits) + gumbels(rng, size)
    even, loses = np.arange(p.size) % 2 == 0, np.arange(p.size) != last
    masses = p[even & loses].sum(), p[~even & loses].sum()
    upper = even[won]
    tells = (rng.random(size) < TOLD * np.where(upper, masses[1], masses[0]) / max(masses)) & (won != last)
    uniforms[tells, last] = (uniforms[tells, last] % 0.5) + 0.5 * upper[tells] + 2.0**-54
    rows: Floats = top[:, None] - np.log1p(-np.log(uniforms) * np.exp(top[:, None] - logits))
    rows = np.minimum(rows, np.nextafter(top, -np.inf)[:, None])
    rows[np.arange(size), won] = top
    rows[:, np.isneginf(logits)] = -np.inf
    return rows


def _control(
    name: str,
    why: str,
    noise: Callable[..., Floats],
    trigger: str = "die",
    suite: str = "ks",
    source: str = OWN,
    price: str = "",
) -> Control:
    draw = partial(_perturbed, noise)
    return control(name, "gumbel", draw, why=why, source=source, trigger=trigger, suite=suite, price=price)


CONTROLS: tuple[Control, ...] = (
    _control("noise_scale", "the noise is 2 % too wide", _scaled),
    _control("noise_normal", "normal noise of the right mean and variance", _normal),
    _control("noise_clipped", "the uniform is clipped to [0.001, 0.999]", _clipped),
    _control(
        "noise_with_eps",
        "a guard of 0.01 against log 0 shifts both logarithms",
        _squeezed,
        source="after nec-research/tf-imle #1",
    ),
    _control("noise_negative", "the noise has the wrong sign", _negative, source="ermongroup/subsets #6"),
    _control(
        "noise_of_23_bits",
        "the noise lies on a grid of 2^23 values",
        _bits_23,
        suite="noise",
        source="jax PR #26974",
    ),
    _control("noise_in_bfloat16", "the noise has 8 bits", _halved, suite="noise", source="jax-ml/jax #30879"),
    _control("noise_shared_by_two_rows", "two draws in a row have the same noise", _shared, suite="independence"),
    _control("noise_shared_in_a_row", "all categories of a draw have the same noise", _same_in_a_row),
    _control("noise_dependent", "the noise of neighbours is slightly correlated", _dependent, suite="independence"),
    _control("noise_jointly_wrong", "the noise is independent two by two, but not together", _joint),
    control(
        "winner_tells",
        "gumbel",
        winner_tells,
        why="how far below the maximum a loser lies depends on who won",
        trigger="l8",
        suite="independence",
    ),
    _control(
        "gumbel_low_tail_cut",
        "a uniform of at least 2^-23 cuts the noise at -2.77",
        _cut,
        trigger="flat-256",
        suite="noise",
        source="jax-ml/jax PR #5348",
        price="2.6e8 noise values, for mass 1.2e-7 is moved: the full profile draws them",
    ),
)
