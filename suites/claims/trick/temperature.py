"""The relaxed draw nears the one-hot argmax as the temperature falls: on average, draw by draw, and in the limit."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.laws import Categorical, special
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Claim, Evidence, Scenario
from harness.samplers.draw import draw
from harness.samplers.registry import get
from suites.cases import DIE, weights
from suites.claims.trick.numbers import HALF, NEAR, SLACK, binomial_near, maximum_check, shares
from suites.evidence.chance import (  # fmt: skip
    Rates,
    Sample,
    band,
    bernstein_size,
    chance,
    curves,
    hoeffding_size,
    line,
    rising,
    smallest_level,
)
from suites.evidence.identities import deviation, identity
from suites.evidence.largest_entry import entry_above
from suites.families.chi_square import of_counts

ORDER = 100
PROBABILITIES = np.array(DIE)
TEMPERATURES = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
LOW = 0.1
"""The document's low temperature."""
COLD = tuple(
    Case(
        f"die@{tau:g}",
        "so cold that most draws are an argmax to the last digit",
        weights(*DIE),
        ("simplex",),
        temperature=tau,
    )
    for tau in (0.01, 0.001)
)


def relaxed(tau: float, n: int, rng: Any) -> Floats:
    """Draw relaxed samples of the die."""
    return draw("relaxed", np.log(PROBABILITIES), n, rng=rng, temperature=tau)


def to_one_hot(b: Floats) -> Floats:
    """Return the distance of each row to its one-hot argmax, in the largest coordinate: 1 - max b, summed as the others."""
    return np.asarray(np.sort(b, axis=1)[:, :-1].sum(axis=1))


def nearer(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Measure the mean distance to the one-hot argmax at each temperature, each from draws of its own: it rises with tau."""
    n = hoeffding_size(1.0, 0.02, rates, len(TEMPERATURES))
    samples = [Sample.of(to_one_hot(relaxed(tau, n, rng)), 1.0) for tau in TEMPERATURES]
    exhibit = curves(
        "Mean distance of the relaxed draw to its one-hot argmax", "temperature", "mean of 1 - max b",
        [band("the die", TEMPERATURES, samples, rates)], log_x=True, log_y=True,
    )  # fmt: skip
    return rising(samples, rates, exhibit=exhibit)


def nearer_draw_by_draw(rng: np.random.Generator) -> Evidence:
    """With the noise fixed no single draw moves away from its argmax as tau falls, nor changes the argmax."""
    seed = int(rng.integers(2**62))
    rows = [relaxed(tau, 20_000, seed) for tau in TEMPERATURES]
    away = [np.maximum(to_one_hot(cold) - to_one_hot(warm), 0) for cold, warm in itertools.pairwise(rows)]
    changed = [(np.argmax(row, axis=1) != np.argmax(rows[-1], axis=1)).astype(np.float64) for row in rows[:-1]]
    return deviation([*away, *changed], 0.0, scale=1.0, bound=1e-14, what="the move away from the argmax as tau falls")


def vanishes(tau: float, limit: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """At a thousandth the mean distance to the one-hot argmax is below a hundredth: its upper limit is the resolution."""
    n = bernstein_size(1.0, 0.02, limit / 4, rates)
    sample = Sample.of(to_one_hot(relaxed(tau, n, rng)), 1.0)
    return Evidence(
        statistic=sample.mean,
        p_value=smallest_level(lambda level: sample.mean - sample.half_width(level) > limit),
        effect=sample.mean,
        n=n,
        resolution=sample.mean + sample.resolution(rates),
        notes={"mean distance": sample.mean, "mean distance over tau": sample.mean / tau},
    )


def _relaxation(options: Options, rates: Rates) -> Claim:
    stem = "trick/softmax-relaxation"
    return Claim(
        "trick.softmax-relaxation",
        where="Softmax Approximation",
        says="softmax((l + g) / tau) is a K-vector that approximates the one-hot argmax, the better the lower tau is.",
        evidence=("chi_square/relaxed/*", "support/relaxed/*", "independence/relaxed/*"),
        checks=(
            *(
                of_counts(
                    f"chi_square/{stem}/{cold.name}", Scenario(get("relaxed"), "simplex", cold),
                    Categorical(cold.logits).mass, judges=False,
                )
                for cold in COLD
            ),
            chance(
                f"simulation/{stem}/mean-distance", "the mean distance to the one-hot argmax shrinks as tau falls",
                partial(nearer, rates), tolerance=1.0, unit="share of the smallest step", method="simultaneous intervals",
            ),
            identity(
                f"identity/{stem}/draw-by-draw", "so does every draw's, with its noise held fixed", nearer_draw_by_draw,
                bound=1e-14, unit="distance",
            ),
            maximum_check(rates),
            chance(
                f"simulation/{stem}/tends-to-0", "the distance vanishes with tau", partial(vanishes, 0.001, 0.01, rates),
                tolerance=0.01, unit="mean distance", method="empirical Bernstein",
            ),
        ),
    )  # fmt: skip


STATED = 0.6967
"""P(max y > 0.99) at tau = 0.1 for the die, to four digits: the number that stands in the claim."""
GAPS = np.geomspace(1e-4, 0.5, 33)
POINTS = np.array([1e-4, 3e-4, 1e-3, 3e-3, 0.03, 0.1, 0.3, 0.5])
"""How far below 1 the largest entry may lie: for the curve of the law, and for the draws beside the number tested."""


def near_argmax(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the law's P(max y > 0.99) at tau = 0.1 to the number stated, and draws at five temperatures to the law."""
    law = entry_above(PROBABILITIES, LOW, NEAR, 2048)
    half = entry_above(PROBABILITIES, HALF, NEAR)
    wrong = ""
    if abs(law - STATED) > 1e-4 or abs(half - 0.5) > 2e-3:
        wrong = f"P(max y > 0.99) is {law:.4f} at tau = 0.1 and {half:.4f} at {HALF}, where {STATED} and 0.5 are stated"
    return replace(shares(PROBABILITIES, tolerance, rates, rng), impossible=wrong)


def few_draws(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the share of draws above 0.99 to the number stated, and show how the largest entry is distributed."""
    n = bernstein_size(1.0, math.sqrt(STATED * (1 - STATED)), tolerance, rates)
    top = relaxed(LOW, n, rng).max(axis=1)
    share = Sample.of((top > NEAR).astype(np.float64), 1.0)
    quantiles = np.quantile(top, [0.05, 0.25, 0.5])
    notes = {
        "share above 0.9": float((top > 0.9).mean()),
        "5 % quantile of the largest entry": float(quantiles[0]),
        "25 % quantile": float(quantiles[1]),
        "median": float(quantiles[2]),
    }
    return Evidence(
        statistic=share.mean,
        p_value=binomial_near(round(share.mean * n), n, STATED, 1e-4),
        effect=abs(share.mean - STATED),
        n=n,
        resolution=share.resolution(rates) + 1e-4,
        exhibit=_nearness(top, rates),
        notes=notes,
    )


def _nearness(top: Floats, rates: Rates) -> dict[str, Any]:
    """Return the distribution of the largest entry at tau = 0.1: the law, the draws, and what is allowed at 0.99.

    The range at 0.99 is that of the test: counts with a two-sided binomial p-value above the level.
    """
    exact = [entry_above(PROBABILITIES, LOW, 1 - float(gap), 128) for gap in GAPS]
    n, found = top.size, [float((top > 1 - gap).mean()) for gap in POINTS]
    low, high = (
        special.bdtrik(rates.level / 2, n, STATED - 1e-4) / n,
        1 - special.bdtrik(rates.level / 2, n, 1 - STATED - 1e-4) / n,
    )
    at = 1 - NEAR
    return curves(
        "How near to 1 the largest entry is, the die at tau = 0.1", "1 - largest entry, at most",
        "share of draws",
        [
            line("exact law", GAPS, exact),
            line("draws", POINTS, found, "points"),
            line("draws above 0.99, tested, with what is allowed", [at], [float((top > NEAR).mean())], "points",
                 low=[low], high=[high]),
        ],
        log_x=True, lines=[{"x": at, "label": "largest entry 0.99"}, {"y": STATED, "label": f"stated: {STATED}"}],
    )  # fmt: skip


def _low(options: Options, rates: Rates) -> Claim:
    tolerance = max(0.005, options.tolerance)  # finer would ask for more draws than fit in memory at once
    return Claim(
        "trick.low-temperature",
        where="figure at tau = 0.1",
        says="At tau = 0.1 the relaxed draw behaves like the argmax: 69.7 % have an entry above 0.99 (at 0.182, 50 %).",
        evidence=("chi_square/relaxed/simplex/l8@0.1*",),
        checks=(
            chance(
                "simulation/trick/low-temperature/share", "'behaves like' gets a definition and a number",
                partial(few_draws, 0.95 * tolerance, rates), tolerance=tolerance,
                unit="share of draws", method="binomial",
            ),
            chance(
                "simulation/trick/low-temperature/law", "the number is the law's, which draws follow as tau rises",
                partial(near_argmax, 0.95 * tolerance, rates), tolerance=tolerance + SLACK,
                unit="share of draws", method="binomial",
            ),
        ),
    )  # fmt: skip


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims about low temperatures."""
    rates = Rates.of(options)
    return _relaxation(options, rates), _low(options, rates)
