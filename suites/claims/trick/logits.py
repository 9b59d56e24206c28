"""From probabilities to logits: the larger win more often, a common shift changes no winner, and the noise knows neither."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.laws.log_space import log_softmax, log_sum_exp
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.draw import draw
from harness.statistics import Counts
from suites.cases import DIE, L8, case
from suites.evidence.chance import Rates, Sample, bernstein_size, chance, curves, held, line, rising
from suites.evidence.identities import deviation, differences, identity, relative_error

ORDER = 90
THREE = np.array([0.5, 0.3, 0.2])
"""Probabilities of a three-sided example, the largest first as in the document's figure."""
DRAWS = 20_000
SHIFTS = (1.0, -3.5, 1e3, -1e3, 1e6)
ROUNDING = 4 * float(np.spacing(1e6))
"""Two sums at a shift of 1e6 are each off by half a unit of their last place; their difference by no more than this."""


def win_frequencies(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Count wins among three Gumbels: from the rarest to the likeliest, the frequencies rise."""
    n = bernstein_size(1.0, 0.5, 0.03, rates, 3)
    won = draw("gumbel-max", np.log(THREE), n, rng=rng, emits="index")
    samples = [Sample.of((won == k).astype(np.float64), 1.0) for k in np.argsort(THREE)]
    widths = [sample.half_width(rates.level / 3) for sample in samples]
    exhibit = {
        "kind": "bars",
        "title": "How often each of three Gumbels is the largest",
        "x_label": "category",
        "y_label": "share of draws",
        "categories": [str(k) for k in np.argsort(THREE)],
        "series": [
            {"label": "wins", "values": [s.mean for s in samples],
             "low": [s.mean - w for s, w in zip(samples, widths, strict=True)],
             "high": [s.mean + w for s, w in zip(samples, widths, strict=True)]},
            {"label": "probability", "values": np.sort(THREE).tolist()},
        ],
    }  # fmt: skip
    return rising(samples, rates, exhibit=exhibit)


def farther_right(rng: np.random.Generator) -> Evidence:
    """With the noise held fixed, a category's every draw moves right by the log of the ratio as its p grows by that ratio.

    The sampler is asked for the same noise at the three probabilities in each order; what holds of every draw holds of
    every quantile.
    """
    seed, found, due = int(rng.integers(2**62)), [], []
    columns = {p: draw("gumbel-max", np.log(np.roll(THREE, -k)), DRAWS, rng=seed, emits="gumbel")[:, 0]
               for k, p in enumerate(THREE.tolist())}  # fmt: skip
    for small, large in ((0.2, 0.3), (0.3, 0.5), (0.2, 0.5)):
        found.append(np.sort(columns[large]) - np.sort(columns[small]))
        due.append(np.full(DRAWS, np.log(large / small)))
    level = (np.arange(DRAWS) + 0.5) / DRAWS
    labels = [f"{float(np.exp(shift[0])):.3g} times as likely" for shift in due]
    off = [relative_error(*pair) for pair in zip(found, due, strict=True)]
    exhibit = differences(
        "Distance of two categories' quantiles, less the log of their ratio", "level of the quantile",
        list(zip(labels, [level] * len(off), off, strict=True)), 1e-11,
    )  # fmt: skip
    return deviation(found, due, bound=1e-11, what="distance of two quantiles", exhibit=exhibit)


def farther_by_draws(rates: Rates, rng: np.random.Generator) -> Evidence:
    """From the rarest to the likeliest the mean of a category's perturbed logits rises, in draws of its own for each.

    The values are cut at -4 and 12 so that their mean has an interval; a cut keeps the order of laws that are shifts.
    """
    n = bernstein_size(16.0, 1.3, 0.08, rates, 3)
    logits = np.log(np.sort(THREE))
    rows = [draw("gumbel-max", logits, n, rng=rng, emits="gumbel")[:, k] for k in range(logits.size)]
    samples = [Sample.of(np.clip(column, -4.0, 12.0), 16.0) for column in rows]
    notes = {f"mean at p = {p:g}": sample.mean for p, sample in zip(np.sort(THREE), samples, strict=True)}
    return rising(samples, rates, notes=notes)


def _skew(rates: Rates) -> Claim:
    return Claim(
        "trick.skew-favours-largest",
        where="figure with K = 3",
        says="The larger p_i is, the farther right its Gumbel lies and the more often it wins.",
        checks=(
            chance(
                "simulation/trick/skew-favours-largest/wins", "win frequencies are ordered as the probabilities",
                partial(win_frequencies, rates), tolerance=1.0, unit="share of the smallest step",
                method="simultaneous intervals",
            ),
            chance(
                "simulation/trick/skew-favours-largest/means", "perturbed logits lie farther right, on average",
                partial(farther_by_draws, rates), tolerance=1.0, unit="share of the smallest step",
                method="simultaneous intervals",
            ),
            identity(
                "identity/trick/skew-favours-largest/quantiles", "every quantile moves right with p", farther_right,
                bound=1e-11,
            ),
        ),
    )  # fmt: skip


def winners(values: Floats, shift: float, noise: Floats) -> NDArray[np.intp]:
    """Return the argmax of logits plus shift plus noise."""
    return np.asarray(np.argmax(values + shift + noise, axis=1), np.intp)


def largest(values: Floats, shift: float, noise: Floats) -> Floats:
    """Return the maximum of logits plus shift plus noise."""
    return np.asarray(np.max(values + shift + noise, axis=1))


def same_winners(rng: np.random.Generator) -> Evidence:
    """With the stream fixed, both forms of the sampler choose as before, but where a tie lies within rounding."""
    seed, logits = int(rng.integers(2**62)), np.array(L8)
    index = draw("gumbel-max", logits, DRAWS, rng=seed, emits="index")
    noise = draw("gumbel-max", np.zeros(logits.size), DRAWS, rng=seed, emits="gumbel")
    top = np.sort(logits + noise, axis=1)
    clear = top[:, -1] - top[:, -2] > 2 * ROUNDING
    found, due = [], []
    for shift in SHIFTS:
        found += [
            draw("gumbel-max", logits + shift, DRAWS, rng=seed, emits="index")[clear],
            winners(logits, shift, noise)[clear],
        ]
        due += [index[clear], winners(logits, 0.0, noise)[clear]]
    notes = {"draws left out as tied within rounding": float((~clear).sum())}
    return deviation(found, due, bound=0.0, scale=1.0, what="the winner after a common shift", notes=notes)


def shifted_maximum(rng: np.random.Generator) -> Evidence:
    """The maximum moves by the shift; from logits to log probabilities it falls by log C, C = sum e^l."""
    seed, logits = int(rng.integers(2**62)), np.array(L8)
    noise = draw("gumbel-max", np.zeros(logits.size), DRAWS, rng=seed, emits="gumbel")
    log_c = float(log_sum_exp(logits))
    found = [largest(logits, shift, noise) - largest(logits, 0.0, noise) for shift in SHIFTS]
    found.append(largest(logits, 0.0, noise) - largest(log_softmax(logits), 0.0, noise))
    due = np.array([*SHIFTS, log_c])[:, None]
    return deviation(np.array(found) - due, 0.0, scale=1.0, bound=ROUNDING, what="the maximum's move less the shift")


def single_precision(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Add powers of two to the logits of a float32 Gumbel-max: right at 0, and wrong once the noise is rounded away."""
    logits, p = np.array(L8, np.float32), np.exp(log_softmax(np.array(L8)))
    method = ChiSquare(p)
    n = method.required(tolerance, rates.level, rates.beta)
    with np.errstate(divide="ignore"):
        noise = -np.log(-np.log(rng.random((n, logits.size), dtype=np.float32)))
    powers = 2.0 ** np.arange(4, 25)
    first = np.argmax(logits + noise, axis=1)
    counts, changed = {0.0: Counts.of(first, (logits.size,))}, {}
    for shift in powers.tolist():
        index = np.argmax((logits + np.float32(shift)) + noise, axis=1)
        counts[shift], changed[shift] = Counts.of(index, (logits.size,)), float(np.mean(index != first))
    distance = {shift: float(np.abs(one.counts / n - p).sum() / 2) for shift, one in counts.items()}
    p_values = {shift: method.evidence((one,), rng).p_value or 0.0 for shift, one in counts.items()}
    wrong = [shift for shift in powers.tolist() if p_values[shift] <= rates.level]
    notes = {
        "draws": float(n),
        "first power of two whose counts refute softmax": min(wrong, default=float("inf")),
        "share of winners changed at 2^10": changed[2.0**10],
        "share of winners changed at 2^20": changed[2.0**20],
        "total variation from softmax at 2^20": distance[2.0**20],
        "total variation from softmax at 2^24": distance[2.0**24],
    }
    exhibit = curves(
        "A float32 Gumbel-max under a common shift of its logits", "shift", "share",
        [
            line("winners that change", powers, [changed[shift] for shift in powers]),
            line("total variation from softmax", powers, [distance[shift] for shift in powers]),
        ],
        log_x=True,
    )  # fmt: skip
    made = held(method, (counts[0.0],), rng, rates)
    return replace(made, notes=notes, exhibit=exhibit)


def _shift(options: Options, rates: Rates) -> Claim:
    stem, tolerance = "trick/logits-shift-invariance", max(0.005, options.tolerance)
    return Claim(
        "trick.logits-shift-invariance",
        where="logits paragraph",
        says="A constant added to all logits changes no winner, only the maximum: by log C from probabilities to logits.",
        evidence=("chi_square/gumbel-max/*/shift-*", "chi_square/direct/*/shift-*"),
        checks=(
            identity(
                f"identity/{stem}/winners", "same noise, same winner, for shifts to 1e6 in float64", same_winners,
                bound=0.0, unit="index",
            ),
            identity(
                f"identity/{stem}/maximum", "the maximum moves by the constant", shifted_maximum,
                bound=1e-9, unit="absolute error",
            ),
            chance(
                f"chi_square/{stem}/float32", "the shift at which float32 stops being right is measured",
                partial(single_precision, tolerance, rates), tolerance=tolerance,
                unit="total variation", method="chi-square", suite="chi_square",
            ),
        ),
    )  # fmt: skip


def same_noise(rng: np.random.Generator) -> Evidence:
    """With the stream fixed, perturbed logits are logits plus one and the same noise, bit for bit."""
    found, due = [], []
    for values in (np.array(L8), np.log(DIE), np.array(case("shift-1e6").logits), np.linspace(-30, 30, 100)):
        seed = int(rng.integers(2**62))
        noise = draw("gumbel-max", np.zeros(values.size), DRAWS // 10, rng=seed, emits="gumbel")
        found.append(draw("gumbel-max", values, DRAWS // 10, rng=seed, emits="gumbel").ravel())
        due.append((values + noise).ravel())
    return deviation(
        np.concatenate(found), np.concatenate(due), bound=0.0, what="logits plus the noise drawn at logits 0"
    )


def same_relaxed(rng: np.random.Generator) -> Evidence:
    """With the stream fixed, the relaxed draw at any logits is that at 0, tilted by e^(l / tau): no other noise enters."""
    seed, values, tau = int(rng.integers(2**62)), np.array(L8), 1.5
    at_zero = draw("relaxed", np.zeros(values.size), DRAWS, rng=seed, temperature=tau)
    tilted = at_zero * np.exp(values / tau)
    found = draw("relaxed", values, DRAWS, rng=seed, temperature=tau)
    return deviation(
        found, tilted / tilted.sum(axis=1, keepdims=True), bound=1e-12, what="the relaxed draw at other logits"
    )


def _reparameterisation() -> Claim:
    stem = "identity/trick/reparameterisation"
    return Claim(
        "trick.reparameterisation",
        where="after the logits paragraph",
        says="A sample is a function of the logits and of noise whose law has no parameters.",
        evidence=("metamorphic/gumbel-max/*", "metamorphic/relaxed/*"),
        checks=(
            identity(f"{stem}/noise", "the noise does not know the logits", same_noise, bound=0.0),
            identity(
                f"{stem}/relaxed", "the relaxed draw uses the same noise at any logits", same_relaxed, bound=1e-12
            ),
        ),
    )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims between Property 2 and the softmax approximation."""
    rates = Rates.of(options)
    return _skew(rates), _shift(options, rates), _reparameterisation()
