"""Words get numbers: the expected maximum and entropy of a relaxed draw, and how often one entry exceeds 0.99, exactly.

With three categories a mean is an integral over how far the largest perturbed logit lies above the other two, s_j >= 0;
the density is eq. (8) of the density note with the largest as the reference, and y_j / max y = e^(-s_j / tau).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.laws import special
from harness.methods.tails import binomial_two_sided
from harness.questions.check import Check, Evidence
from harness.samplers.draw import draw
from suites.claims.trick.logits import THREE
from suites.evidence.chance import Rates, Sample, band, bernstein_size, chance, curves, equal, line
from suites.evidence.cubature import gauss
from suites.evidence.largest_entry import entry_above

TEMPERATURES = (0.05, 0.1, 0.3, 1.0, 3.0, 10.0)
SHOWN = np.geomspace(0.02, 20, 49)
CURVE = 6
"""The order of the rule for a curve, which is off by less than 1e-5."""
NEAR, HALF = 0.99, 0.182
"""An entry that is as good as 1; the temperature at which half of the die's draws have one, to three digits."""
SHARES = (0.05, 0.1, HALF, 0.3, 0.5)


def grid(tau: float, order: int = 16) -> Iterator[tuple[Floats, Floats]]:
    """Yield for each winner r points y (n, 3), its entry first and the others in order, and weights (n,) of P(y, r)."""
    edges = np.unique(
        np.minimum(np.concatenate([[0.0], tau * 2.0 ** np.arange(-2, 6), np.linspace(0.5, 50, 12)]), 50.0)
    )
    node, weight = gauss(order)
    s = (edges[:-1, None] + np.diff(edges)[:, None] * node).ravel()
    w = (np.diff(edges)[:, None] * weight).ravel()
    one, other = (side.ravel() for side in np.meshgrid(s, s, indexing="ij"))
    both = np.outer(w, w).ravel()
    y = np.stack([np.ones_like(one), np.exp(-one / tau), np.exp(-other / tau)], axis=1)
    y /= y.sum(axis=1, keepdims=True)
    for r in range(THREE.size):
        a, b = np.delete(THREE, r)
        # e^(s + s') / (p_r + a e^s + b e^s')^3, multiplied through by e^(-3 (s + s')) so that nothing overflows
        scaled = THREE[r] * np.exp(-one - other) + a * np.exp(-other) + b * np.exp(-one)
        density = 2 * THREE[r] * a * b * np.exp(-2 * (one + other)) / scaled**3
        yield y, both * density


def expectation(value: Callable[[Floats], Floats], tau: float, order: int = 16) -> float:
    """Return the mean of value(y), y (n, 3) with the largest entry first, for the probabilities 0.5, 0.3, 0.2."""
    return sum(float(np.sum(weight * value(y))) for y, weight in grid(tau, order))


def largest(y: Floats) -> Floats:
    """Return each row's largest entry."""
    return np.asarray(y.max(axis=1))


def entropy(y: Floats) -> Floats:
    """Return each row's entropy in nats."""
    return np.asarray(special.entr(y).sum(axis=1))


def measured(
    value: Callable[[Floats], Floats], span: float, width: float, words: tuple[str, str], rates: Rates,
    rng: np.random.Generator,
) -> Evidence:  # fmt: skip
    """Hold means over draws at six temperatures to their exact curve, by simultaneous intervals.

    So many draws are made that each interval has about this half-width, if the deviation is what the law says.
    """
    due = [expectation(value, tau) for tau in TEMPERATURES]
    squares = [expectation(lambda y: value(y) ** 2, tau) for tau in TEMPERATURES]
    sizes = [
        bernstein_size(span, math.sqrt(max(square - mean**2, 0.0)), width, rates, 2 * len(TEMPERATURES))
        for mean, square in zip(due, squares, strict=True)
    ]
    samples = [
        Sample.of(value(draw("relaxed", np.log(THREE), n, rng=rng, temperature=tau)), span)
        for tau, n in zip(TEMPERATURES, sizes, strict=True)
    ]
    shown = [expectation(value, float(tau), CURVE) for tau in SHOWN]
    points = {**band("draws", TEMPERATURES, samples, rates), "style": "points"}
    exhibit = curves(
        f"{words[0]} against the temperature, probabilities 0.5, 0.3, 0.2", "temperature", words[1],
        [line("exact", SHOWN, shown), points], log_x=True,
    )  # fmt: skip
    notes: dict[str, float | str] = {f"exact at tau = {tau:g}": one for tau, one in zip(TEMPERATURES, due, strict=True)}
    made = equal(samples, [Sample(2, one, 0.0, 0.0) for one in due], rates, exhibit=exhibit, notes=notes)
    return replace(made, n=sum(sizes))


def maximum_check(rates: Rates) -> Check:
    """Return the check of the mean largest entry."""
    words = ("Mean largest entry of a relaxed draw", "mean of max y")
    return chance(
        "simulation/trick/softmax-relaxation/expected-maximum", "how close to one-hot a draw is, as a number",
        partial(measured, largest, 1.0, 0.01, words, rates), tolerance=0.011, unit="mean of max y",
        method="simultaneous intervals",
    )  # fmt: skip


def entropy_check(rates: Rates) -> Check:
    """Return the check of the mean entropy."""
    words = ("Mean entropy of a relaxed draw", "entropy, nats")
    return chance(
        "simulation/trick/high-temperature-spreads/expected-entropy", "how far a draw is spread, as a number",
        partial(measured, entropy, float(np.log(3)), 0.011, words, rates), tolerance=0.012, unit="nats",
        method="simultaneous intervals",
    )  # fmt: skip


def shares(
    p: Floats, tolerance: float, rates: Rates, rng: np.random.Generator, temperatures: Sequence[float] = SHARES
) -> Evidence:
    """Hold the share of draws with an entry above 0.99 to its law, by exact binomial tests.

    The law's bounds are narrower than 3e-4, which is added to the resolution and given to the draws in the test.
    """
    made, p_values, due = [], [], []
    for tau in temperatures:
        due.append(entry_above(p, tau, NEAR))
        n = bernstein_size(1.0, math.sqrt(max(due[-1] * (1 - due[-1]), 0.0)), tolerance, rates, len(temperatures))
        found = draw("relaxed", np.log(p), n, rng=rng, temperature=tau).max(axis=1) > NEAR
        made.append(Sample.of(found.astype(np.float64), 1.0))
        p_values.append(binomial_near(int(found.sum()), n, due[-1], SLACK))
    gaps = [abs(sample.mean - right) for sample, right in zip(made, due, strict=True)]
    notes: dict[str, float | str] = {
        f"law at tau = {tau:g}": right for tau, right in zip(temperatures, due, strict=True)
    }
    return Evidence(
        statistic=max(gaps), p_value=min(1.0, len(p_values) * min(p_values)), effect=max(gaps),
        n=sum(sample.n for sample in made),
        resolution=SLACK + max(sample.resolution(rates, len(made)) for sample in made),
        exhibit=_curve(p, temperatures, made, rates), notes=notes,
    )  # fmt: skip


SLACK = 3e-4
"""Half the width of the law's bounds at 1024 cells, and more than the error of its middle."""


def binomial_near(count: int, n: int, p: float, slack: float) -> float:
    """Return the largest two-sided binomial p-value of a count over probabilities within ``slack`` of p."""
    nearest = min(max(count / n, p - slack), p + slack)
    return float(binomial_two_sided(count, n, nearest))


def _curve(p: Floats, temperatures: Sequence[float], made: Sequence[Sample], rates: Rates) -> dict[str, Any]:
    shown = np.geomspace(0.02, 1, 27)  # a line of up to 25 points would show them, as if they were drawn
    points = {**band("draws", temperatures, made, rates), "style": "points"}
    return curves(
        "How often the largest entry of the die's relaxed draw exceeds 0.99", "temperature", "probability",
        [line("exact", shown, [entry_above(p, float(tau), NEAR, 128) for tau in shown]), points], log_x=True,
        lines=[{"x": 0.1, "label": "the document's 0.1"}, {"y": 0.5, "label": "half of the draws"}],
    )  # fmt: skip
