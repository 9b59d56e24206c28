"""Sample sizes follow from a tolerance and two error rates.

For chi-square the noncentrality of a law q against p is n sum (q - p)^2 / p >= 4 n TV(p, q)^2 (Cauchy-Schwarz), with
equality when |q - p| is proportional to p; so the n that exposes that worst alternative exposes all others.
"""

from __future__ import annotations

import math

from harness.laws import special


def noncentrality(dof: int, alpha: float, beta: float) -> float:
    """Return lambda with P(noncentral chi-square(dof, lambda) > its central upper alpha point) = 1 - beta."""
    critical = special.chdtri(dof, alpha)
    return float(special.chndtrinc(critical, dof, beta))


def chi_square_draws(dof: int, tolerance: float, alpha: float, beta: float) -> int:
    """Return the n at which a total variation of ``tolerance`` is exposed."""
    return math.ceil(noncentrality(dof, alpha, beta) / (4 * tolerance**2))


def chi_square_detectable(dof: int, n: int, alpha: float, beta: float) -> float:
    """Return the total variation that n units expose."""
    return math.sqrt(noncentrality(dof, alpha, beta) / (4 * n)) if n else math.inf
