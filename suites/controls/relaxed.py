"""Relaxed draws whose temperature, noise or joint law is wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.questions.content import Control
from harness.questions.precision import rounded
from suites.controls.making import EULER, OWN, SPREAD, control, gumbels, probabilities, softmax
from suites.controls.noise import dependent_uniforms, sum_modulo_one, to_gumbel
from suites.controls.posterior import APART, FIRST

ORDER = 110
Scores = Callable[[Floats, Floats, float], Floats]


def _drawn(
    scores: Scores,
    noise: Callable[..., Floats],
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: float,
) -> Floats:
    return softmax(scores(logits, noise(rng, size, logits.size), temperature))


def _right(logits: Floats, noise: Floats, temperature: float) -> Floats:
    return (logits + noise) / temperature


def _inverted(logits: Floats, noise: Floats, temperature: float) -> Floats:
    return (logits + noise) * temperature


def _square_root(logits: Floats, noise: Floats, temperature: float) -> Floats:
    scores: Floats = (logits + noise) / np.sqrt(temperature)
    return scores


def _outside(logits: Floats, noise: Floats, temperature: float) -> Floats:
    return logits / temperature + noise


def _inside_only(logits: Floats, noise: Floats, temperature: float) -> Floats:
    return logits + noise / temperature


def _of_probabilities(logits: Floats, noise: Floats, temperature: float) -> Floats:
    p = probabilities(logits)
    return (np.where(p > 0, p, -np.inf) + noise) / temperature


def _normal(rng: np.random.Generator, *shape: int) -> Floats:
    return rng.normal(EULER, SPREAD, shape)


def _scaled(rng: np.random.Generator, *shape: int) -> Floats:
    return 1.02 * gumbels(rng, *shape)


def _coarse(rng: np.random.Generator, *shape: int) -> Floats:
    return to_gumbel((rng.integers(0, 2**12, shape).astype(np.float64) + 0.5) * 2.0**-12)


def _dependent(rng: np.random.Generator, *shape: int) -> Floats:
    return to_gumbel(dependent_uniforms(rng, *shape))


def _joint(rng: np.random.Generator, *shape: int) -> Floats:
    return to_gumbel(sum_modulo_one(rng, *shape))


def clamped(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Keep possible coordinates at 1e-3 and above, and divide by the sum again."""
    y = np.where(
        logits > -np.inf, np.maximum(softmax((logits + gumbels(rng, size, logits.size)) / temperature), 1e-3), 0
    )
    result: Floats = y / y.sum(axis=1, keepdims=True)
    return result


def halved(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Round the scores to bfloat16."""
    return softmax(rounded((logits + gumbels(rng, size, logits.size)) / temperature, "bfloat16"))


def _of_uniforms(logits: Floats, uniforms: Floats, temperature: float) -> Floats:
    """Return the simplex draws whose Rosenblatt coordinates are these (m, K - 1): the law's own transform, backwards."""
    keep = np.flatnonzero(logits > -np.inf)
    order = np.arange(1, keep.size)
    sums = np.cumprod(np.concatenate([np.ones((len(uniforms), 1)), uniforms ** (-1 / order)], axis=1), axis=1)
    scores = np.zeros((len(uniforms), keep.size))
    scores[:, :-1] = logits[keep[:-1]] - logits[keep[-1]] - np.log(np.diff(sums, axis=1))
    made = np.zeros((len(uniforms), logits.size))
    made[:, keep] = softmax(scores / temperature)
    return made


def three_way(
    places: tuple[int, int, int], logits: Floats, size: int, *, rng: np.random.Generator, temperature: float
) -> Floats:
    """Let the halves of three coordinates have an even number of upper ones, in one draw of ten."""
    uniforms = rng.random((size, int((logits > -np.inf).sum()) - 1)) + 2.0**-54
    if uniforms.shape[1] > max(places):
        odd = ((uniforms[:, places] >= 0.5).sum(axis=1) % 2 == 1) & (rng.random(size) < 0.1)
        uniforms[odd, places[1]] = (uniforms[odd, places[1]] + 0.5) % 1
    return _of_uniforms(logits, uniforms, temperature)


def one_of_many(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Move 2.2 % of one coordinate from its upper half to its lower, where there are ninety or more."""
    uniforms = rng.random((size, int((logits > -np.inf).sum()) - 1)) + 2.0**-54
    if uniforms.shape[1] >= 90:
        moved = (uniforms[:, 57] > 0.5) & (rng.random(size) < 0.044)
        uniforms[moved, 57] -= 0.5
    return _of_uniforms(logits, uniforms, temperature)


def _control(
    name: str,
    why: str,
    scores: Scores = _right,
    noise: Callable[..., Floats] = gumbels,
    trigger: str = "die@2",
    suite: str = "ks",
    source: str = OWN,
    draw: Callable[..., Any] | None = None,
) -> Control:
    drawn = draw or partial(_drawn, scores, noise)
    return control(f"relaxed_{name}", "simplex", drawn, why=why, source=source, trigger=trigger, suite=suite)


CONTROLS: tuple[Control, ...] = (
    _control("temperature_inverted", "scores are multiplied by the temperature", scores=_inverted),
    _control("temperature_square_root", "the density has the wrong power of the temperature", scores=_square_root),
    _control("noise_outside", "the noise is added after the division by the temperature", scores=_outside),
    _control("logits_outside", "the logits are added after the division by the temperature", scores=_inside_only),
    _control(
        "of_probabilities",
        "the noise is added to probabilities",
        scores=_of_probabilities,
        source="after sgl-project/sglang-omni #1238",
    ),
    _control("noise_scale", "the noise is 2 % too wide", noise=_scaled),
    _control("normal_noise", "normal noise of the right mean and variance", noise=_normal),
    _control("noise_of_12_bits", "the noise takes 4096 values", noise=_coarse, suite="noise", trigger="pair@1"),
    _control("coordinates_dependent", "the noise of neighbouring categories is slightly correlated", noise=_dependent),
    _control("jointly_wrong", "the noise is independent two by two, but not together", noise=_joint, trigger="three@1"),
    _control(
        "three_way",
        "the halves of three coordinates have an even number of upper ones too often",
        suite="independence",
        draw=partial(three_way, FIRST),
    ),
    _control(
        "three_way_apart",
        "the halves of three of 99 coordinates have an even number of upper ones too often",
        suite="independence",
        trigger="zipf-100@1",
        draw=partial(three_way, APART),
    ),
    _control(
        "one_of_many",
        "one of 99 coordinates is off by 0.022 in KS distance",
        trigger="zipf-100@1",
        draw=one_of_many,
    ),
    _control("clamped", "coordinates below 1e-3 are lifted", trigger="l8@0.1", draw=clamped),
    _control("in_bfloat16", "the scores have 8 bits", suite="noise", trigger="pair@1", draw=halved),
)
