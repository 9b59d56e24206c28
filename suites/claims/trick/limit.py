"""The maximum of 100 exponentials is no Gumbel, whatever location and scale: the nearest lies 0.0005 away."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.methods import ChiSquare, design
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.statistics import Counts
from harness.verdict import Verdict
from suites.claims.trick.extremes import distance, falls_as_one_over_n
from suites.claims.trick.skew import SIZE, exponential_maxima
from suites.evidence.chance import Rates, chance, curves, held, line
from suites.evidence.identities import deviation, identity

ORDER = 40
LEVELS = np.arange(1, 1000) / 1000
"""Levels of the exact distribution function at which a Gumbel law is held to it."""
CUTS = np.array([1e-4, 1e-3, 1e-2, *np.linspace(0.1, 0.9, 9), 0.99, 0.999])
"""Levels between the cells in which maxima are counted; the left tail is where no Gumbel fits."""
PARTS = 1_000_000


def quantiles(n: int, u: Floats) -> Floats:
    """Return where the maximum of n exponentials, less log n, has distribution function u: -log(n (1 - u^(1 / n)))."""
    return np.asarray(-np.log(-n * np.expm1(np.log(u) / n)))


def admits(n: int, d: float) -> bool:
    """Tell whether some Gumbel law lies within d of the maximum's law at all `LEVELS`.

    -log(-log G) is a line for a Gumbel law G: it has to pass between those of u - d and u + d, a linear programme in two
    unknowns. Where there is none, no Gumbel law is within d anywhere else either.
    """
    from scipy import optimize

    x = quantiles(n, LEVELS)
    upper = -np.log(-np.log(np.minimum(LEVELS + d, 1 - 1e-16)))
    floor = LEVELS - d > 0
    lower = -np.log(-np.log(np.where(floor, LEVELS - d, 0.5)))[floor]
    rows = np.column_stack([np.ones_like(x), x])
    made = optimize.linprog(
        [0.0, 0.0], A_ub=np.vstack([rows, -rows[floor]]), b_ub=np.concatenate([upper, -lower]), bounds=(None, None)
    )
    return bool(made.status == 0)


def nearest(n: int) -> float:
    """Return a distance within which no Gumbel law lies, at most 2^-11 of the standard one's below the least."""
    low, high = 0.0, distance(n)
    for _ in range(11):
        middle = (low + high) / 2
        low, high = (low, middle) if admits(n, middle) else (middle, high)
    return low


def any_gumbel(rng: np.random.Generator) -> Evidence:
    """Hold the distance to the nearest Gumbel law at n = 100 to 0."""
    found = nearest(SIZE)
    shown = [3, 10, 30, 100, 300, 1000, 5000]
    exhibit = curves(
        "Distance of the exponential maximum from Gumbel laws", "draws of which the maximum is taken",
        "largest distance of the distribution functions",
        [
            line("to the nearest Gumbel law", shown, [nearest(n) for n in shown]),
            line("to the Gumbel law at log n", shown, [distance(n) for n in shown]),
        ],
        log_x=True, log_y=True, lines=[{"x": SIZE, "label": "the document's 100"}],
    )  # fmt: skip
    what = "the distance of the maximum of 100 exponentials from the nearest Gumbel law"
    notes = {"least distance of any Gumbel": found, "distance of the one at log 100": distance(SIZE)}
    return deviation(found, 0.0, bound=1e-5, scale=1.0, what=what, exhibit=exhibit, notes=notes)


def cells(location: float, scale: float) -> Floats:
    """Return the masses that a Gumbel law has in the cells between `CUTS`."""
    inner = np.exp(-np.exp(-(quantiles(SIZE, CUTS) - location) / scale))
    return np.diff(np.concatenate([[0.0], inner, [1.0]]))


def closest(masses: Floats) -> tuple[Floats, float]:
    """Return the cell masses of the Gumbel law with the least chi-square distance from ``masses``, and that distance."""
    from scipy import optimize

    def far(given: Floats) -> float:
        q = cells(float(given[0]), math.exp(float(given[1])))
        return float(np.sum((masses - q) ** 2 / q))

    options = {"xatol": 1e-9, "fatol": 1e-15, "maxiter": 2000}
    made = optimize.minimize(far, [0.0, 0.0], method="Nelder-Mead", options=options)
    return cells(float(made.x[0]), math.exp(float(made.x[1]))), float(made.fun)


def due() -> Floats:
    """Return the masses that the maximum's own law has in the cells."""
    return np.diff(np.concatenate([[0.0], CUTS, [1.0]]))


def maxima_needed(rates: Rates) -> int:
    """Return the maxima whose counts refute every Gumbel law: n times the least chi-square distance is a noncentrality."""
    needed = design.noncentrality(CUTS.size, rates.level, rates.beta)
    return math.ceil(needed / closest(due())[1])


def counted(n: int, rng: np.random.Generator) -> Counts:
    """Count maxima of 100 exponentials, less log 100, in the cells."""
    total, edges = np.zeros(CUTS.size + 1, np.int64), quantiles(SIZE, CUTS)
    for start in range(0, n, PARTS):
        drawn = exponential_maxima(rng, SIZE, min(PARTS, n - start)) - math.log(SIZE)
        total += np.bincount(np.searchsorted(edges, drawn), minlength=total.size)
    return Counts(n, total)


def by_draws(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the counts to the Gumbel law that fits them best.

    The least chi-square of all Gumbel laws is at most that of the right one, if there is one: its p-value, taken without
    degrees of freedom subtracted, is conservative.
    """
    counts = counted(maxima_needed(rates), rng)
    best, _ = closest(counts.counts / counts.n)
    return held(ChiSquare(best), (counts,), rng, rates)


def own_law(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the same counts, of other draws, to the exact law of the maximum."""
    return held(ChiSquare(due()), (counted(maxima_needed(rates), rng),), rng, rates)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the sentence that maxima of exponentials are Gumbel, and what is right."""
    rates, stem, where = Rates.of(options), "trick/exponential-maxima-exactly", "second figure, in words"
    counts: Any = partial(chance, tolerance=0.005, unit="total variation", method="chi-square", suite="chi_square")
    wrong = Claim(
        "trick.exponential-maxima-exactly",
        where=where,
        says="The largest of 100 exponentials has a Gumbel distribution.",
        expect=Verdict.REFUTED,
        checks=(
            identity(f"identity/{stem}/any-gumbel", "no location and scale will do", any_gumbel, bound=1e-5,
                     unit="KS distance", method="linear programme"),
            counts(f"chi_square/{stem}/draws", "nor for draws, whichever Gumbel law fits them best",
                   partial(by_draws, rates)),
        ),
    )  # fmt: skip
    right = Claim(
        "trick.exponential-maxima-exactly.corrected",
        where=where,
        says="Less log n, the largest of n exponentials tends to a Gumbel law, at a distance that falls as 1 / n.",
        checks=(
            identity(f"identity/{stem}.corrected/falls", "the distance, exactly", partial(falls_as_one_over_n, rates),
                     bound=1e-4),
            counts(f"chi_square/{stem}.corrected/own-law", "draws follow (1 - e^-x)^n", partial(own_law, rates)),
        ),
    )  # fmt: skip
    return wrong, right
