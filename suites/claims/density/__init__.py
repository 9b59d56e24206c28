"""Claims of the document 'density', in its order: relaxation, noise, margins, limits, symmetry, map, Jacobian, simplex."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    from suites.claims.density import jacobian as density_jacobian
    from suites.claims.density import limits as density_limits
    from suites.claims.density import map as density_map
    from suites.claims.density import marginal as density_marginal
    from suites.claims.density import noise as density_noise
    from suites.claims.density import relaxation as density_relaxation
    from suites.claims.density import simplex as density_simplex
    from suites.claims.density import symmetric as density_symmetric

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
