"""Eqs (14) and (15) of the density note against derivatives that know no formula, and the determinant they imply.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.evidence.identities import complex_step, derivation, deviation, identity, line_by_line

ORDER = 80
NEAREST = 1e-3
"""No coordinate of a point lies nearer to a face, so that 1 - sum y_j keeps 13 digits."""
EXACT = 1e-11
"""Relative: k <= 50 ulp of a sum over y_k >= 1e-3, doubled."""
DIFFERENCES = 1e-5
"""Relative, of central differences with step h = 1e-5 min y: h^2 / (3 y^2) < 1e-10 of truncation, and rounding of u,
12 ulp tau of |log y| < 12, over 2 h = 2e-8 and an entry of at least tau / y_k > tau: below 1e-6."""


@dataclass(frozen=True)
class Place:
    """A point of the simplex without its last coordinate (k - 1,), and the temperature."""

    y: Floats
    tau: float

    @property
    def last(self) -> float:
        """The last coordinate."""
        return float(1 - self.y.sum())


def inverse(y: Any, tau: float) -> Any:
    """Eq. (13), of real or complex y (k - 1,)."""
    return tau * (np.log(y) - np.log(1 - y.sum()))


def entries(point: Place) -> Floats:
    """Eqs (14) and (15), right: tau (1 / y_i + 1 / y_k) on the diagonal, tau / y_k off it."""
    matrix = np.full((point.y.size, point.y.size), point.tau / point.last)
    np.fill_diagonal(matrix, point.tau * (1 / point.y + 1 / point.last))
    return matrix


def by_chain_rule(point: Place) -> Floats:
    """Eqs (14) and (15), middle: tau (delta_ij / y_i - (1 / y_k) dy_k / dy_j) with the derivative of y_k taken by steps."""
    slopes = complex_step(lambda y: 1 - y.sum(), point.y)[0]
    matrix: Floats = point.tau * (np.diag(1 / point.y) - slopes / point.last)
    return matrix


def by_complex_step(point: Place) -> Floats:
    """The Jacobian of (13) without a formula, exact to rounding."""
    return complex_step(partial(inverse, tau=point.tau), point.y)


def by_differences(point: Place) -> Floats:
    """The Jacobian of (13) by central differences."""
    step = 1e-5 * min(point.y.min(), point.last)
    moves = step * np.eye(point.y.size)
    columns = [(inverse(point.y + move, point.tau) - inverse(point.y - move, point.tau)) / (2 * step) for move in moves]
    return np.stack(columns, axis=1)


def log_determinant(point: Place) -> float:
    """What (12) needs, in closed form: log of tau^(k-1) / prod y_i over all k coordinates."""
    return float(point.y.size * np.log(point.tau) - np.log(point.y).sum() - np.log(point.last))


def places(rng: np.random.Generator, sizes: tuple[int, ...]) -> list[Place]:
    """Return points at five temperatures for each number of categories, none nearer to a face than 1e-3."""
    made = []
    for k in sizes:
        for tau in (0.05, 0.3, 1.0, 3.0, 20.0):
            y = np.maximum(rng.dirichlet(np.ones(k)), 2 * NEAREST)
            made.append(Place((y / y.sum())[:-1], tau))
    return made


def _entries(rng: np.random.Generator) -> Evidence:
    lines = [("complex step", by_complex_step), ("chain rule", by_chain_rule), ("eqs (14) and (15)", entries)]
    return derivation(lines, places(rng, (2, 3, 5, 10, 20)), bound=EXACT, what="Jacobian of the inverse map")


def _one_by_one(jacobian: Callable[[Place], Floats], bound: float, rng: np.random.Generator) -> Evidence:
    """Compare entry by entry, so that a small one counts as much as a large one."""
    points = places(rng, (2, 3, 5, 10, 20))
    found = np.concatenate([jacobian(point).ravel() for point in points])
    expected = np.concatenate([entries(point).ravel() for point in points])
    return deviation(expected, found, bound=bound, what="entry of eq. (14) or (15) against the derivative")


def _determinant(rng: np.random.Generator) -> Evidence:
    """Compare signs and logs; an error of the log is a relative error of the determinant."""
    points = places(rng, (2, 3, 4, 6, 10, 20, 35, 50))
    signs, logs = zip(*(np.linalg.slogdet(entries(point)) for point in points), strict=True)
    closed = np.array([log_determinant(point) for point in points])
    worst = deviation(np.array(logs), closed, bound=1e-10, what="log determinant of eqs (14), (15)", scale=1.0)
    if min(signs) <= 0:
        return deviation(signs, 1.0, bound=0.0, what="sign of the determinant")
    return worst


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.jacobian-entries and density.jacobian-determinant."""
    why = "derivatives of the inverse map that use no formula of its"
    stepped = identity(
        "identity/density/jacobian-entries/complex-step", why, partial(_one_by_one, by_complex_step, EXACT), bound=EXACT
    )
    divided = identity(
        "identity/density/jacobian-entries/differences",
        why,
        partial(_one_by_one, by_differences, DIFFERENCES),
        bound=DIFFERENCES,
    )
    lines = line_by_line(
        "derivation/density/jacobian-entries",
        "derivative, chain rule, and the entries as stated",
        _entries,
        bound=EXACT,
    )
    determinant = identity(
        "identity/density/jacobian-determinant",
        "the determinant of the stated matrix, 2 to 50 categories",
        _determinant,
        bound=1e-10,
    )
    return (
        Claim(
            "density.jacobian-entries",
            where="eqs (14) and (15)",
            says="du_i / dy_j is tau (1 / y_i + 1 / y_k) for j = i and tau / y_k for all other j.",
            checks=(lines, stepped, divided),
        ),
        Claim(
            "density.jacobian-determinant",
            where="eq. (12) with (14) and (15)",
            says="The determinant of that matrix is tau^(k-1) over the product of all y_i, and so positive.",
            checks=(determinant,),
        ),
    )
