"""Fisher's combination of many uniforms costs a product and a polynomial, not a logarithm each and a gammainc.

R. A. Fisher, Statistical Methods for Research Workers, 1932, section 21.1: the sum of -log T is Gamma(d, 1).
"""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats
from harness.laws import special

PRODUCT = 128
"""Uniforms whose product stays above 1e-300 unless their sum of -log T lies beyond any tail that is counted."""
CLOSED = 32
"""Shapes up to which the Gamma distribution function is summed term by term."""


def fisher(uniforms: Floats, dimension: int) -> Floats:
    """Return the sums of -log T; up to 128 factors, a product below e^-690 is as good as that."""
    if dimension <= PRODUCT:
        product: Floats = -np.log(np.maximum(uniforms.prod(axis=1), 1e-300))
        return product
    total: Floats = -np.log(np.maximum(uniforms, 1e-300)).sum(axis=1)
    return total


def gamma_cdf(shape: int, x: Floats, small: float) -> Floats:
    """Return P(X <= x) of Gamma(shape, 1), values below ``small`` to full relative accuracy.

    For few exponentials 1 - e^-x (1 + x + ... + x^(shape-1) / (shape-1)!) is thirty times faster than gammainc.
    """
    if shape > CLOSED:
        made: Floats = special.gammainc(shape, x)
        return made
    coefficients = 1 / special.factorial(np.arange(shape))
    upper = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        upper *= x
        upper += coefficient
    upper *= np.exp(-x)
    lower = np.subtract(1.0, upper, out=upper)
    cancelled = np.flatnonzero(lower < 2 * small)
    lower[cancelled] = special.gammainc(shape, x[cancelled])
    return lower


def power(x: Floats, exponent: int) -> Floats:
    """Return x to a positive integer power by squaring, which is ten times faster than pow."""
    result, square = np.ones_like(x), x.copy()
    while exponent:
        if exponent & 1:
            result *= square
        exponent >>= 1
        square *= square
    return result
