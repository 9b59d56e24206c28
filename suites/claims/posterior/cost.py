"""What parameter-free noise saves, counted in random variates, which is the same on any machine.

[1] The posterior document, first paragraph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.measurements import winner_and_maximum
from harness.laws import PerturbedLogits
from harness.laws.log_space import log_softmax
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Check, Claim, Evidence, Scenario
from harness.questions.law import masses
from harness.samplers.registry import get
from harness.statistics import Counts
from suites.cases import L8, case
from suites.claims.posterior.exact import Counting, consumed
from suites.evidence.chance import Rates, chance, held
from suites.evidence.identities import deviation, identity
from suites.evidence.posterior_draws import claimant
from suites.families.independence import WINNER

ORDER = 100
CELLS = 4
FLOOR = 1e6
"""How far below the winner the losers are put where only winner and maximum are drawn."""


def settings(count: int) -> list[Floats]:
    """Return so many parameter values: the eight logits, stretched."""
    return [np.array(L8) * stretch for stretch in np.linspace(0.1, 2.0, count)]


STRETCHES = np.linspace(0.1, 2.0, 5).tolist()


def reused(logits: list[Floats], n: int, source: Counting) -> list[NDArray[np.intp]]:
    """Draw noise once and add every parameter value to it."""
    noise = consumed("gumbel-max", np.zeros(logits[0].size), n, source)
    return [np.argmax(noise + values, axis=1) for values in logits]


def afresh(logits: list[Floats], n: int, sources: Callable[[], Counting]) -> list[NDArray[np.intp]]:
    """Draw anew for every parameter value."""
    return [np.argmax(consumed("gumbel-max", values, n, sources()), axis=1) for values in logits]


def _reuse(rng: np.random.Generator) -> Evidence:
    """Count variates for 1 to 50 parameter values, and compare the draws with those of the same stream drawn afresh."""
    n, seed, counts = 2000, int(rng.integers(2**31)), {}
    different = 0
    for values in (1, 2, 5, 10, 20, 50):
        once = Counting(np.random.default_rng(seed))
        sources: list[Counting] = []

        def fresh(sources: list[Counting] = sources) -> Counting:
            sources.append(Counting(np.random.default_rng(seed)))
            return sources[-1]

        logits = settings(values)
        pairs = zip(reused(logits, n, once), afresh(logits, n, fresh), strict=True)
        different += sum(int((one != other).sum()) for one, other in pairs)
        counts[values] = (once.filled, sum(source.filled for source in sources))
    found = [(1 + different) * fresh / once for once, fresh in counts.values()]
    what = "variates drawn afresh per variate reused (times 1 + draws that differ)"
    return deviation(found, list(counts), bound=0.0, what=what, exhibit=_growth(counts, n), notes={"draws": float(n)})


def reused_law(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold the winners that one array of noise gives at five parameter values to the softmax of each.

    They depend on one another, which Bonferroni's bound allows; each alone is a sample of its own law.
    """
    values = settings(5)
    methods = [ChiSquare(np.exp(log_softmax(logits))) for logits in values]
    level = Rates(rates.level / len(values), rates.beta)
    n = methods[0].required(tolerance, level.level, level.beta)
    drawn = reused(values, n, Counting(rng))
    made = [
        held(method, (Counts.of(winners, (logits.size,)),), rng, level)
        for method, winners, logits in zip(methods, drawn, values, strict=True)
    ]
    worst = min(made, key=lambda one: one.p_value if one.p_value is not None else 0.0)
    p_values = {f"p at stretch {stretch:g}": one.p_value or 0.0 for stretch, one in zip(STRETCHES, made, strict=True)}
    return replace(worst, p_value=min(1.0, len(made) * (worst.p_value or 0.0)), notes=p_values)


def _growth(counts: dict[int, tuple[int, int]], n: int) -> dict[str, Any]:
    once, fresh = zip(*counts.values(), strict=True)
    series = [
        {"label": label, "x": list(counts), "y": [total / n for total in totals], "style": "line"}
        for label, totals in (("noise drawn once", once), ("drawn for each value", fresh))
    ]
    return {
        "kind": "curves",
        "title": "Random variates per draw of eight categories",
        "x_label": "parameter values",
        "y_label": "variates per draw",
        "log_x": True,
        "log_y": True,
        "series": series,
    }


def top_of(logits: Floats, size: int, source: Any) -> Floats:
    """Draw the winner, then the maximum, and put all others far below: two variates a draw, however many categories."""
    from harness.samplers.builtin.uniforms import fill_exponentials

    winner = np.empty(size, np.intp)
    prepare: Any = get("direct").form("index").prepare
    prepare(logits)(winner, source)
    exponential = np.empty(size)
    fill_exponentials(exponential, source)
    rows = np.full((size, logits.size), -FLOOR)
    rows[np.arange(size), winner] = PerturbedLogits(logits).maximum.location - np.log(exponential)
    return rows


def _top_draw(logits: Floats, size: int, *, rng: Any = None) -> Floats:
    return top_of(logits, size, np.random.default_rng(rng))


def _top_count(rng: np.random.Generator) -> Evidence:
    """Count the variates of winner and maximum, top-down and bottom-up."""
    found, expected, n = [], [], 1000
    for categories in (2, 6, 100, 1000):
        logits = rng.normal(size=categories)
        top, bottom = Counting(rng), Counting(rng)
        top_of(logits, n, top)
        consumed("gumbel-max", logits, n, bottom)
        found += [top.filled / n, bottom.filled / n]
        expected += [2.0, float(categories)]
    what = "variates per winner and maximum, top-down (2) and bottom-up (K)"
    return deviation(found, expected, bound=0.0, what=what, notes={"saved at K = 1000": 1000 / 2})


def _top_law(options: Options) -> Check:
    chosen = case("die")
    p = masses(chosen)
    return Check(
        name="independence/posterior/decomposition-accelerates/winner-maximum",
        suite="independence",
        why="two variates have to give the law that K give",
        inputs=(
            (Scenario(claimant("winner-then-maximum", _top_draw), "gumbel", chosen), winner_and_maximum(p.size, CELLS)),
        ),
        method=ChiSquare(
            np.repeat(p[:, None] / CELLS, CELLS, axis=1), name="winner x maximum", exhibit="table", axes=WINNER
        ),
        tolerance=2 * options.tolerance,
        judges=False,
    )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.decomposition-accelerates."""
    count = partial(identity, bound=0.0, method="counting", unit="relative, in variates")
    tolerance = max(0.005, options.tolerance)
    return (
        Claim(
            "posterior.decomposition-accelerates",
            where="first paragraph, as a possibility",
            says="To split sampling into parameter-free noise and a deterministic map can save work.",
            checks=(
                count(
                    "counting/posterior/decomposition-accelerates/reuse",
                    "noise drawn once serves all parameters",
                    _reuse,
                ),
                count(
                    "counting/posterior/decomposition-accelerates/top-down", "two variates where K were due", _top_count
                ),
                chance(
                    "chi_square/posterior/decomposition-accelerates/reused-law",
                    "the noise that is drawn once gives every parameter its own law",
                    partial(reused_law, tolerance, Rates.of(options)),
                    tolerance=tolerance,
                    unit="total variation",
                    method="chi-square",
                    suite="chi_square",
                ),
                _top_law(options),
            ),
        ),
    )
