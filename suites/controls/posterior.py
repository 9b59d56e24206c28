"""Perturbed logits given their argmax, with the maximum or what lies below it wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from harness.samplers.builtin.weights import log_sum_exp
from suites.controls.making import OWN, control, gumbels

ORDER = 120
Given = Callable[[Floats, int, int, np.random.Generator], Floats]


def _drawn(given: Given, logits: Floats, size: int, *, rng: np.random.Generator, observed: int | None = None) -> Floats:
    """Draw right perturbed logits where nothing is observed."""
    if observed is None:
        return logits + gumbels(rng, size, logits.size)
    with np.errstate(all="ignore"):
        return given(logits, size, observed, rng)


def _maximum(logits: Floats, size: int, rng: np.random.Generator) -> Floats:
    return log_sum_exp(logits) + gumbels(rng, size)


def _below(logits: Floats, top: Floats, exponentials: Floats) -> Floats:
    """Return Gumbels at the logits, truncated at the top of their row; rightly."""
    rows: Floats = top[:, None] - np.log1p(exponentials * np.exp(top[:, None] - logits))
    return np.minimum(rows, np.nextafter(top, -np.inf)[:, None])


def _placed(rows: Floats, top: Floats, logits: Floats, observed: int) -> Floats:
    rows[:, observed] = top
    rows[:, np.isneginf(logits)] = -np.inf
    return rows


def right(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Draw the maximum first and the others below it."""
    top = _maximum(logits, size, rng)
    return _placed(_below(logits, top, rng.standard_exponential((size, logits.size))), top, logits, observed)


def naive(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Move the maximum of a draw from Z to T by -log(e^-T - e^-Z + e^-g) as it is written, in float32."""
    g = right(logits, size, observed, rng).astype(np.float32)
    z, t = g[:, [observed]], _maximum(logits, size, rng).astype(np.float32)[:, None]
    moved: Floats = -np.log(np.exp(-t) - np.exp(-z) + np.exp(-g)).astype(np.float64)
    return moved


def clipped(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Clip at the maximum what should be truncated below it."""
    top = _maximum(logits, size, rng)
    rows = np.minimum(logits + gumbels(rng, size, logits.size), np.nextafter(top, -np.inf)[:, None])
    return _placed(rows, top, logits, observed)


def own_logit(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Put the maximum at the logit of its category."""
    top = logits[observed] + gumbels(rng, size)
    return _placed(_below(logits, top, rng.standard_exponential((size, logits.size))), top, logits, observed)


def lifted(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Draw the others freely and lift the maximum above them."""
    rows = logits + gumbels(rng, size, logits.size)
    rows[:, observed] = -np.inf
    top = np.maximum(_maximum(logits, size, rng), np.nextafter(rows.max(axis=1), np.inf))
    return _placed(rows, top, logits, observed)


def wide(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Draw the maximum with a scale of 1.05."""
    top = log_sum_exp(logits) + 1.05 * gumbels(rng, size)
    return _placed(_below(logits, top, rng.standard_exponential((size, logits.size))), top, logits, observed)


def comonotone(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Draw all others with one exponential: each is right, together they are one."""
    top = _maximum(logits, size, rng)
    return _placed(_below(logits, top, rng.standard_exponential((size, 1))), top, logits, observed)


def slipped_exponent(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Forget the location of the others in their truncation."""
    top = _maximum(logits, size, rng)
    rows = _below(
        np.full(logits.size, float(np.mean(logits[logits > -np.inf]))),
        top,
        rng.standard_exponential((size, logits.size)),
    )
    return _placed(rows, top, logits, observed)


def dependent(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Let the exponentials of the others know a little of the maximum."""
    noise = rng.standard_exponential((size, logits.size))
    winner = rng.standard_exponential(size)
    swap = rng.random(size) < 0.05
    noise[swap] = winner[swap, None]
    top = log_sum_exp(logits) - np.log(winner)
    return _placed(_below(logits, top, noise), top, logits, observed)


def rows_in_pairs(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Use every maximum for two draws in a row."""
    top = np.repeat(_maximum(logits, -(-size // 2), rng), 2)[:size]
    return _placed(_below(logits, top, rng.standard_exponential((size, logits.size))), top, logits, observed)


def _others(logits: Floats, observed: int) -> Indices:
    """Return the possible categories other than the observed one, in their order."""
    losers: Indices = np.flatnonzero((logits > -np.inf) & (np.arange(logits.size) != observed))
    return losers


def nonadjacent(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Let the third loser's uniform be the first one's, stretched sixfold and wrapped, where there are six or more."""
    others, noise = _others(logits, observed), rng.standard_exponential((size, logits.size))
    if others.size >= 6:
        noise[:, others[2]] = -np.log((6 * np.exp(-noise[:, others[0]]) + 0.3) % 1 + 2.0**-54)
    top = _maximum(logits, size, rng)
    return _placed(_below(logits, top, noise), top, logits, observed)


FIRST, APART = (0, 1, 2), (11, 46, 83)
"""Three losers side by side, and three that no block of coordinates holds together."""


def three_way(
    places: tuple[int, int, int], logits: Floats, size: int, observed: int, rng: np.random.Generator
) -> Floats:
    """Let the halves of three losers' uniforms have an even number of upper ones, in one draw of ten."""
    others, noise = _others(logits, observed), rng.standard_exponential((size, logits.size))
    if others.size > max(places):
        uniforms = np.exp(-noise[:, others[list(places)]])
        odd = ((uniforms >= 0.5).sum(axis=1) % 2 == 1) & (rng.random(size) < 0.1)
        noise[odd, others[places[1]]] = -np.log((uniforms[odd, 1] + 0.5) % 1 + 2.0**-54)
    top = _maximum(logits, size, rng)
    return _placed(_below(logits, top, noise), top, logits, observed)


def repeats_one(logits: Floats, size: int, observed: int, rng: np.random.Generator) -> Floats:
    """Use the second loser's noise of every tenth draw again in the next draw."""
    others, noise = _others(logits, observed), rng.standard_exponential((size, logits.size))
    again = np.arange(1, size, 10)
    if others.size >= 2:
        noise[again, others[1]] = noise[again - 1, others[1]]
    top = _maximum(logits, size, rng)
    return _placed(_below(logits, top, noise), top, logits, observed)


def _control(
    name: str, why: str, given: Given, trigger: str = "die|5", suite: str = "ks", source: str = OWN
) -> Control:
    return control(name, "gumbel", partial(_drawn, given), why=why, source=source, trigger=trigger, suite=suite)


CONTROLS: tuple[Control, ...] = (
    _control(
        "posterior_gumbel_naive",
        "log(e^-T - e^-Z + e^-g) as written: e^100 is infinite in float32, and infinity less infinity is NaN",
        naive,
        trigger="shift|3",
        suite="support",
        source="Kool, van Hoof & Welling 2019, arXiv 1903.06059; Bonnevie/rebar #5",
    ),
    _control("posterior_clipped", "the others are clipped at the maximum, not truncated", clipped),
    _control("posterior_own_logit", "the maximum sits at its own logit, not at log sum exp", own_logit),
    _control("posterior_lifted", "the maximum is lifted above others that were drawn freely", lifted),
    _control("posterior_wide_maximum", "the maximum has a scale of 1.05", wide),
    _control("posterior_comonotone", "one exponential serves all others", comonotone),
    _control("posterior_locations_lost", "the truncated others forget their locations", slipped_exponent),
    _control("posterior_dependent", "one draw in twenty uses the maximum's exponential for the others", dependent),
    _control(
        "posterior_nonadjacent",
        "one loser is a function of another that is not its neighbour",
        nonadjacent,
        trigger="shift|3",
        suite="independence",
    ),
    _control(
        "posterior_three_way",
        "the halves of three losers have an even number of upper ones too often: two by two they are independent",
        partial(three_way, FIRST),
        suite="independence",
    ),
    _control(
        "posterior_three_way_apart",
        "the halves of three of 99 losers have an even number of upper ones too often",
        partial(three_way, APART),
        trigger="zipf-100|7",
        suite="independence",
    ),
    _control(
        "posterior_coordinate_repeats",
        "one loser's noise is used again in the next draw, once in ten",
        repeats_one,
        suite="independence",
    ),
    _control(
        "posterior_maximum_used_twice", "two draws in a row have the same maximum", rows_in_pairs, suite="independence"
    ),
)
