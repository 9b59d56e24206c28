"""Maxima of n exponentials, less log n, are as close to a Gumbel as 0.27 / n: not told apart by 1000, but by millions."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.methods.tails import massart, massart_distance
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.claims.trick.skew import REPETITIONS, SIZE, exponential, exponential_maxima
from suites.evidence.chance import Rates, chance, curves, line
from suites.evidence.identities import deviation, identity, integral

ORDER = 30


def gap(n: int, t: Any) -> Any:
    """Return e^-t - (1 - t / n)^n for 0 <= t < n: how far the shifted maximum's CDF lies below the Gumbel's, t = e^-x."""
    return np.exp(-t) * -np.expm1(n * np.log1p(-t / n) + t)


def distance(n: int) -> float:
    """Return the largest distance of the two distribution functions; it lies where (1 - t / n)^(n - 1) = e^-t."""
    from scipy import optimize

    root = optimize.brentq(lambda t: (n - 1) * math.log1p(-t / n) + t, 0.5, n * (1 - 1e-9), xtol=1e-12)
    return float(gap(n, root))


def falls_as_one_over_n(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold n times the distance to 2 / e^2 (1 + 1 / (3 n)), to which t = 2 and the next term of the logarithm lead."""
    sizes = np.array([100, 300, 1000, 10_000, 100_000, 1_000_000])
    found = np.array([n * distance(int(n)) for n in sizes])
    shown = np.unique(np.geomspace(3, 1_000_000, 60).astype(int))
    exhibit = curves(
        "Distance of the shifted exponential maximum from the Gumbel law", "draws of which the maximum is taken",
        "largest distance of the distribution functions",
        [line("exact", shown, [distance(int(n)) for n in shown]), line("2 / (e^2 n)", shown, 2 / math.e**2 / shown)],
        log_x=True, log_y=True, lines=[{"x": SIZE, "label": "the document's 100"}],
    )  # fmt: skip
    due = 2 / math.e**2 * (1 + 1 / (3 * sizes))
    return deviation(found, due, bound=1e-4, what="n times the distance", exhibit=exhibit, notes=_sizes(rates))


def _sizes(rates: Rates) -> dict[str, float | str]:
    """Return how many maxima of 100 it takes to tell them from a Gumbel law: by KS, and by any test at all."""
    d = distance(SIZE)
    affinity = integral(
        lambda t: float(math.exp(0.5 * ((SIZE - 1) * math.log1p(-t / SIZE) - t))), [0.0, 5.0, 20.0, 60.0, 99.0]
    )[0]
    # Total variation of N draws is at most sqrt(1 - affinity^(2 N)); both errors at 5 % need 0.9.
    return {
        "largest distance at n = 100": d,
        "maxima that expose it, KS at 5 % and power 95 %": float(
            math.ceil((2 * math.sqrt(math.log(2 / 0.05) / 2) / d) ** 2)
        ),
        "maxima that expose it, KS at this run's rates": float(size_that_tells(rates)),
        "maxima below which no test exposes it, errors 5 %": math.log(1 - 0.9**2) / (2 * math.log(affinity)),
    }


def size_that_tells(rates: Rates) -> int:
    """Return the number of maxima of 100 whose KS test against the Gumbel law has the run's two error rates."""
    return math.ceil(
        (sum(math.sqrt(math.log(2 / rate) / 2) for rate in (rates.level, rates.beta)) / distance(SIZE)) ** 2
    )


def ks_distance(values: Floats) -> float:
    """Return the KS distance of values from the standard Gumbel law."""
    uniform = np.exp(-np.exp(-np.sort(values)))
    grid = np.arange(values.size + 1) / values.size
    return float(max(np.max(grid[1:] - uniform), np.max(uniform - grid[:-1])))


def many_maxima(n: int, rng: np.random.Generator) -> Floats:
    """Return n maxima of 100 exponentials, less log 100, each from exponentials of its own, as the document draws them."""
    parts = [exponential(rng, (min(10_000, n - start), SIZE)).max(axis=1) for start in range(0, n, 10_000)]
    return np.asarray(np.concatenate(parts) - math.log(SIZE))


def documents_sizes(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold maxima of 100 exponentials, less log 100, to the Gumbel law, up to the exact distance of the two laws.

    As many as expose the tolerance, not the document's 1000: those could miss a KS distance of 0.17.
    """
    reach = sum(math.sqrt(math.log(2 / rate) / 2) for rate in (rates.level, rates.beta))
    n = math.ceil((reach / (tolerance - distance(SIZE))) ** 2)
    maxima = many_maxima(n, rng)
    d, first = ks_distance(maxima), ks_distance(maxima[:REPETITIONS])
    return Evidence(
        statistic=d,
        p_value=massart(max(d - distance(SIZE), 0.0), n),
        effect=d,
        n=n,
        resolution=distance(SIZE) + massart_distance(n, rates.level) + massart_distance(n, rates.beta),
        exhibit=_apart(maxima, massart_distance(n, rates.level)),
        notes={"KS distance of the first 1000": first, "its p-value": massart(first, REPETITIONS)},
    )


def _apart(maxima: Floats, reach: float) -> dict[str, Any]:
    """Return how far the distribution function of all maxima lies from the Gumbel law's, with the DKW band; and exactly."""
    x = np.linspace(-2.5, 8, 211)
    found = np.searchsorted(np.sort(maxima), x, side="right") / maxima.size - np.exp(-np.exp(-x))
    return curves(
        f"{maxima.size} maxima of 100 exponentials, less log 100, against the Gumbel law", "maximum - log 100",
        "distribution function less the Gumbel law's",
        [
            line("maxima", x, found, low=found - reach, high=found + reach),
            line("exact", x, -gap(SIZE, np.minimum(np.exp(-x), SIZE * (1 - 1e-12)))),
        ],
    )  # fmt: skip


def told_apart(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Measure the distance on as many maxima as KS needs: it is the exact one, within the DKW distance."""
    n = size_that_tells(rates)
    d = ks_distance(exponential_maxima(rng, SIZE, n) - math.log(SIZE))
    error = abs(d - distance(SIZE))
    reach = massart_distance(n, rates.level) + massart_distance(n, rates.beta)
    notes = {"distance measured": d, "distance computed": distance(SIZE), "p against the Gumbel law": massart(d, n)}
    return Evidence(statistic=d, p_value=massart(error, n), effect=error, n=n, resolution=reach, notes=notes)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim about maxima of exponentials."""
    rates = Rates.of(options)
    stem, tolerance = "trick/exponential-maxima", max(0.01, options.tolerance)
    gumbel = Claim(
        "trick.exponential-maxima",
        where="second figure",
        says="For the exponential the maxima, less log n, are near the Gumbel law: at n = 100 within a distance of 0.0027.",
        checks=(
            chance(
                f"simulation/{stem}/document", "maxima drawn as the document does, as many as show a hundredth",
                partial(documents_sizes, tolerance, rates), tolerance=tolerance, unit="KS distance", method="ks",
            ),
            identity(
                f"identity/{stem}/distance", "the distance is exact, and falls as 1 / n",
                partial(falls_as_one_over_n, rates), bound=1e-4,
            ),
            chance(
                f"simulation/{stem}/told-apart", "with enough maxima the distance shows, and it is the exact one",
                partial(told_apart, rates), tolerance=0.0028, unit="KS distance", method="ks",
            ),
        ),
    )  # fmt: skip
    return (gumbel,)
