"""Eqs (9) to (11) and (13) of the density note: the map from u to the simplex, its inverse, and how far both are exact.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.claims.density.relaxation import ROUNDING, Noise, noise_points, with_log_pi
from suites.evidence.identities import derivation, deviation, identity, line_by_line

ORDER = 70
ULP = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Pair:
    """u (k - 1,) and the temperature."""

    u: Floats
    tau: float


def mapped(point: Pair) -> Floats:
    """Eqs (9) to (11): y_i = exp(u_i / tau) / (1 + sum), y_k = 1 / (1 + sum)."""
    weights = np.exp(point.u / point.tau)
    total = 1 + weights.sum()
    return np.append(weights / total, 1 / total)


def last_by_difference(point: Pair) -> Floats:
    """Eqs (9) to (11) with y_k = 1 - sum y_i."""
    weights = np.exp(point.u / point.tau)
    y = weights / (1 + weights.sum())
    return np.append(y, 1 - y.sum())


def inverted(y: Floats, tau: float) -> Floats:
    """Eq. (13), last line: u_i = tau (log y_i - log y_k)."""
    u: Floats = tau * (np.log(y[:-1]) - np.log(y[-1]))
    return u


def inverted_by_difference(y: Floats, tau: float) -> Floats:
    """Eq. (13), last line, with y_k written as 1 - sum y_j."""
    u: Floats = tau * (np.log(y[:-1]) - np.log(1 - y[:-1].sum()))
    return u


def fraction(point: Pair) -> Floats:
    """Eq. (13), first line, in logs."""
    weights = np.exp(point.u / point.tau)
    logs: Floats = np.log(weights / (1 + weights.sum()))
    return logs


def times_last(point: Pair) -> Floats:
    """Eq. (13), second line, in logs: y_k exp(u_i / tau)."""
    logs: Floats = np.log(mapped(point)[-1] * np.exp(point.u / point.tau))
    return logs


def log_sum(point: Pair) -> Floats:
    """Eq. (13), third line: log y_k + u_i / tau."""
    logs: Floats = np.log(mapped(point)[-1]) + point.u / point.tau
    return logs


def _u(point: Noise) -> Pair:
    x = np.log(point.pi)
    return Pair(x[:-1] + point.g[:-1] - (x[-1] + point.g[-1]), point.tau)


def _same(rng: np.random.Generator) -> Evidence:
    """Compare the logs of y, so that small coordinates count as much as large ones."""
    lines: list[tuple[str, Callable[[Noise], Floats]]] = [
        ("eq. (1)", lambda point: np.log(with_log_pi(point))),
        ("eqs (9) to (11)", lambda point: np.log(mapped(_u(point)))),
    ]
    return derivation(lines, noise_points(rng), bound=ROUNDING, what="log y through u")


def _rest(rng: np.random.Generator) -> Evidence:
    lines: list[tuple[str, Callable[[Noise], Floats]]] = [
        ("y_k = 1 / (1 + sum)", lambda point: mapped(_u(point))),
        ("y_k = 1 - sum y_i", lambda point: last_by_difference(_u(point))),
    ]
    return derivation(lines, noise_points(rng), bound=ROUNDING, what="y with its last coordinate by difference")


def _pairs(rng: np.random.Generator, reach: float) -> list[Pair]:
    """Return points whose log ratios u / tau spread over (-reach, reach), so that coordinates go down to e^(-2 reach)."""
    made = []
    for k in (2, 3, 5, 20, 50):
        for tau in (0.05, 0.3, 1.0, 10.0):
            made += [Pair(tau * rng.uniform(-spread, spread, k - 1), tau) for spread in (1.0, reach / 10, reach)]
    return made


def _lines(rng: np.random.Generator) -> Evidence:
    lines = [
        ("eq. (13), the fraction", fraction),
        ("eq. (13), y_k times an exponential", times_last),
        ("eq. (13), in logs", log_sum),
    ]
    compared = [(label, partial(_less_fraction, line)) for label, line in lines]
    return derivation(compared, _pairs(rng, 300.0), bound=ROUNDING, what="log y_i, less the first line's, plus 1")


def _less_fraction(line: Callable[[Pair], Floats], point: Pair) -> Floats:
    """An error of this is a relative error of y_i, however near to 0 or 1 that is."""
    return line(point) - fraction(point) + 1.0


def _there_and_back(rng: np.random.Generator) -> Evidence:
    """Go from u to y to u; the condition counts the roundings that reach u: of u / tau, of both logs, of a sum of k."""
    found, expected, condition = [], [], []
    for point in _pairs(rng, 340.0):
        y = mapped(point)
        found.append(inverted(y, point.tau))
        expected.append(point.u)
        logs = np.abs(np.log(y))
        condition.append(2 * np.abs(point.u).max() + point.tau * (logs[:-1] + logs[-1] + y.size + 6))
    parts = (np.concatenate(side) for side in (found, expected, condition))
    return _conditioned(*parts, what="u after y = h(u) and back")


def _back_and_there(rng: np.random.Generator) -> Evidence:
    """Go from y to u to y, from the middle of the simplex to within 1e-250 of its faces."""
    found, expected, condition = [], [], []
    for k in (2, 3, 5, 20, 50):
        for tau in (0.05, 0.3, 1.0, 10.0):
            for depth in (1.0, 50.0, 570.0):
                y = np.exp(-rng.uniform(0, depth, k))
                y /= y.sum()
                found.append(mapped(Pair(inverted(y, tau), tau)))
                expected.append(y)
                condition.append(y * (4 * np.abs(np.log(y)).max() + 2 * k + 8))
    parts = (np.concatenate(side) for side in (found, expected, condition))
    return _conditioned(*parts, what="y after u = h^-1(y) and back")


def _conditioned(found: Floats, expected: Floats, condition: Floats, *, what: str) -> Evidence:
    return deviation(found, expected, bound=ULP, what=what, scale=condition)


def _difference(rng: np.random.Generator) -> Evidence:
    """Take y_k as 1 - sum y_j, as (13) ends: a rounding of the sum, k ulp at most, then weighs 1 / y_k."""
    found, expected, condition = [], [], []
    lost: dict[str, float | str] = {}
    for small in (1e-1, 1e-4, 1e-8, 1e-12):
        for k in (2, 5, 20):
            others = rng.dirichlet(np.ones(k - 1)) * (1 - small)
            y = np.append(others, math.fsum([1.0, *-others]))  # the last coordinate, added exactly
            found.append(inverted_by_difference(y, 1.0))
            expected.append(inverted(y, 1.0))
            condition.append(np.abs(np.log(y)).max() + 2 * k / y[-1])
            lost[f"error of u at y_k = {small:g}, k = {k}"] = float(np.abs(found[-1] - expected[-1]).max())
    one, other = np.concatenate(found), np.concatenate(expected)
    scale = np.repeat(condition, [part.size for part in found])
    return deviation(one, other, bound=ULP, what="u with y_k as 1 less the others", scale=scale, notes=lost)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.map-h and density.inverse-h."""
    trip = partial(identity, bound=ULP, unit="error per condition")
    return (
        Claim(
            "density.map-h",
            where="eqs (9) to (11)",
            says="y_i = exp(u_i / tau) / (1 + sum exp(u_j / tau)), and y_k is 1 less the others.",
            checks=(
                line_by_line("derivation/density/map-h", "y from u is y from the same noise", _same, bound=ROUNDING),
                line_by_line("derivation/density/map-h/last", "the last coordinate, two ways", _rest, bound=ROUNDING),
            ),
        ),
        Claim(
            "density.inverse-h",
            where="eq. (13)",
            says="The map is undone by u_i = tau (log y_i - log y_k).",
            checks=(
                line_by_line("derivation/density/inverse-h", "eq. (13), line by line", _lines, bound=ROUNDING),
                trip("identity/density/inverse-h/from-u", "u to y to u, out to the faces", _there_and_back),
                trip("identity/density/inverse-h/from-y", "y to u to y, out to the faces", _back_and_there),
                trip("identity/density/inverse-h/difference", "y_k as 1 less the others", _difference),
            ),
        ),
    )
