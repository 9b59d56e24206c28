"""Claims of the document 'density', in its order: relaxation, noise, margins, limits, symmetry, map, Jacobian, simplex."""

from __future__ import annotations

from harness.check import Claim
from harness.options import Options


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    from suites.claims import (
        density_jacobian,
        density_limits,
        density_map,
        density_marginal,
        density_noise,
        density_relaxation,
        density_simplex,
        density_symmetric,
    )

    return (
        *density_relaxation.claims(options),
        *density_noise.claims(options),
        density_marginal.marginalisation(options),
        *density_limits.claims(options),
        density_marginal.closed_form(options),
        *density_symmetric.claims(options),
        *density_map.claims(options),
        *density_jacobian.claims(options),
        *density_simplex.claims(options),
    )
