"""An identity is held to points: its largest relative deviation refutes it once it exceeds what rounding explains."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.questions.check import Check, Evidence

Point = Any
Line = tuple[str, Callable[[Point], ArrayLike]]
STEP = 1e-100
"""Step of a complex-step derivative: its square vanishes beside anything, so that no digit is traded for a small step."""


def identity(
    name: str,
    why: str,
    function: Callable[[np.random.Generator], Evidence],
    *,
    bound: float,
    unit: str = "relative error",
    method: str = "identity",
    suite: str = "identity",
    judges: bool = False,
    profile: str = "quick",
) -> Check:
    """Return a computed check; it is blind, and so inconclusive, where its resolution is coarser than ``bound``."""
    return Check(
        name=name,
        suite=suite,
        why=why,
        compute=function,
        computed_method=method,
        computed_unit=unit,
        tolerance=bound,
        judges=judges,
        profile=profile,
    )


line_by_line = partial(identity, suite="derivation", method="line by line")
"""Return a computed check that holds every line of a derivation to the one before it."""


def deviation(
    found: ArrayLike,
    expected: ArrayLike,
    *,
    bound: float,
    what: str,
    scale: ArrayLike | None = None,
    exhibit: Mapping[str, Any] | None = None,
    notes: Mapping[str, float | str] | None = None,
) -> Evidence:
    """Return the largest |found - expected| / max(|expected|, scale) as evidence; beyond ``bound`` it is impossible.

    ``found`` and ``expected`` broadcast. What is not finite where something finite is due counts as infinitely far.
    """
    errors = relative_error(found, expected, scale)
    one, other = (np.broadcast_to(np.asarray(side, np.float64), errors.shape).ravel() for side in (found, expected))
    worst = int(np.argmax(errors)) if errors.size else 0
    effect = float(errors.ravel()[worst]) if errors.size else float("nan")
    sentence = ""
    if effect > bound:
        sentence = (
            f"{what}: {one[worst]:.10g} where {other[worst]:.10g} is due "
            f"(point {worst} of {errors.size}, off by {effect:.3g}, at most {bound:.3g} is rounding)"
        )
    return Evidence(
        statistic=effect,
        effect=effect,
        n=errors.size,
        resolution=bound if errors.size else float("inf"),
        impossible=sentence,
        exhibit=exhibit or residuals([("at all points", errors)], bound, f"Residual of {what}"),
        notes=notes or {},
    )


def residuals(lines: Sequence[tuple[str, Floats]], bound: float, title: str = "") -> dict[str, Any]:
    """Return the exhibit of (label, residuals at all points) of each line against the one before it, and what is allowed."""
    named = {"title": title} if title else {}
    rows = [
        {"label": label, "points": int(found.size), "median": float(np.median(found)), "largest": float(np.max(found))}
        for label, found in lines
        if found.size
    ]
    return {"kind": "lines", "lines": rows, "bound": bound, **named} if rows else {}


GROUPS = 150
NONE, FAR = 1e-18, 1e9
"""Where no difference is drawn on a logarithmic axis: below one rounding of any number near 1; and an infinite one."""


def differences(
    title: str, x_label: str, series: Sequence[tuple[str, Floats, Floats]], bound: float, *, log_x: bool = False
) -> dict[str, Any]:
    """Return the exhibit of (label, x, differences) as points below what is allowed: what is judged, and not its parts.

    Of many points the largest difference of each of at most `GROUPS` neighbourhoods is kept; inf is shown at `FAR`.
    """
    return {
        "kind": "curves",
        "title": title,
        "x_label": x_label,
        "y_label": f"difference ({NONE:g}: none)",
        "log_x": log_x,
        "log_y": True,
        "series": [
            {"label": label, "x": x[at].tolist(), "y": np.clip(errors[at], NONE, FAR).tolist(), "style": "points"}
            for label, x, errors in series
            for at in [_peaks(x, errors)]
        ],
        "lines": [{"y": bound, "label": "allowed"}],
    }


def _peaks(x: Floats, errors: Floats) -> NDArray[np.intp]:
    """Return where the largest of each group of neighbours in x stands."""
    parts = np.array_split(np.argsort(x, kind="stable"), min(GROUPS, x.size))
    return np.array([part[np.argmax(errors[part])] for part in parts])


def relative_error(found: ArrayLike, expected: ArrayLike, scale: ArrayLike | None = None) -> Floats:
    """Return |found - expected| / max(|expected|, scale), elementwise: 0 where they are equal, inf where undefined."""
    one, other = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        size = np.maximum(np.abs(other), 0.0 if scale is None else np.asarray(scale, np.float64))
        errors = np.abs(one - other) / size
    errors = np.where(np.isnan(errors) | (np.isinf(other) & (one != other)), np.inf, errors)
    return np.asarray(np.where(one == other, 0.0, errors))


def derivation(
    lines: Sequence[Line], points: Sequence[Point], *, bound: float, what: str, scale: float = 0.0
) -> Evidence:
    """Return whether each line equals the one before it at all points, up to ``bound`` times the largest entry.

    ``scale`` stands in for the largest entry where all are smaller, as when terms of that size cancel. A line is a label
    and a function of a point; it may return a number or an array. The sentence names the first line that does not follow,
    so that a wrong step is blamed and not what comes after it.
    """
    sentence, effect, found = "", 0.0, []
    previous = [np.asarray(lines[0][1](point), np.float64) for point in points]
    for number, (label, function) in enumerate(lines[1:], start=2):
        current = [np.asarray(function(point), np.float64) for point in points]
        errors = [
            float(np.max(relative_error(after, before, max(scale, _largest(before))), initial=0.0))
            for before, after in zip(previous, current, strict=True)
        ]
        effect = max(effect, *errors)
        found.append((label, np.array(errors)))
        if not sentence and max(errors) > bound:
            at = int(np.argmax(errors))
            sentence = (
                f"{what}: line {number} ({label}) does not equal the line before it: "
                f"{_shown(current[at])} against {_shown(previous[at])} at point {at}"
            )
        previous = current
    notes = {"lines": float(len(lines)), "points": float(len(points))}
    return Evidence(
        statistic=effect,
        effect=effect,
        n=len(points),
        resolution=bound,
        impossible=sentence,
        exhibit=residuals(found, bound),
        notes=notes,
    )


def _largest(values: Floats) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0))


def _shown(values: Floats) -> str:
    return np.array2string(values, precision=6, threshold=8)


def complex_step(function: Callable[[Any], Any], x: ArrayLike) -> Floats:
    """Return the Jacobian (m, d) of a function of (d,) values that is analytic: Im f(x + ih) / h, exact to rounding.

    [1] Squire and Trapp 1998, "Using complex variables to estimate derivatives of real functions", eq. (2).
    """
    real = np.asarray(x, np.float64)
    columns = []
    for i in range(real.size):
        moved = real.astype(np.complex128)
        moved[i] += 1j * STEP
        columns.append(np.atleast_1d(np.imag(function(moved))) / STEP)
    return np.stack(columns, axis=-1)


def integral(
    integrand: Callable[[float], float],
    edges: Sequence[float] | Floats,
    *,
    outside: float = 0.0,
    relative: float = 1e-13,
) -> tuple[float, float]:
    """Return the integral over the pieces between ``edges``, and an error: QUADPACK's own and what lies ``outside``."""
    from scipy import integrate

    values, errors = [], []
    for low, high in itertools.pairwise(edges):
        # full_output keeps QUADPACK from warning: what it could not reach is in the error that it returns.
        value, error = integrate.quad(integrand, low, high, epsabs=0, epsrel=relative, limit=200, full_output=1)[:2]
        values.append(value)
        errors.append(error)
    return float(np.sum(values)), float(np.sum(errors)) + outside


def quadrature(
    integrals: Sequence[tuple[float, float]],
    expected: ArrayLike,
    *,
    bound: float,
    what: str,
    scale: ArrayLike | None = None,
    rounding: float = 0.0,
    exhibit: Mapping[str, Any] | None = None,
    notes: Mapping[str, float | str] | None = None,
) -> Evidence:
    """Return the evidence of integrals (value, error) against what they should be; the resolution is their largest error.

    ``rounding`` bounds the relative error of the integrand, of which quadrature knows nothing. Only what exceeds
    ``bound`` and the resolution is impossible.
    """
    values, errors = (np.array(side) for side in zip(*integrals, strict=True))
    size = np.maximum(np.abs(np.asarray(expected, np.float64)), 0.0 if scale is None else np.asarray(scale))
    resolution = rounding + float(np.max(errors / np.broadcast_to(size, errors.shape)))
    limit = max(bound, resolution)
    made = deviation(values, expected, bound=limit, what=what, scale=scale, exhibit=exhibit, notes=notes)
    return replace(made, resolution=resolution)
