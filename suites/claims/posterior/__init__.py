"""Claims of the document 'posterior', in its order of statement: prior, sets, uniformity, conditionals, sampler, cost."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    from suites.claims.posterior import conditional as posterior_conditional
    from suites.claims.posterior import cost as posterior_cost
    from suites.claims.posterior import exact as posterior_exact
    from suites.claims.posterior import mixture as posterior_mixture
    from suites.claims.posterior import prior as posterior_prior
    from suites.claims.posterior import sampler as posterior_sampler
    from suites.claims.posterior import sets as posterior_sets
    from suites.claims.posterior import uniform as posterior_uniform
    from suites.claims.posterior import volume as posterior_volume

    return (
        *posterior_prior.claims(options),
        *posterior_sets.claims(options),
        *posterior_volume.claims(options),
        *posterior_uniform.claims(options),
        posterior_sets.power_form(options),
        *posterior_conditional.claims(options),
        *posterior_sampler.claims(options),
        *posterior_mixture.claims(options),
        *posterior_exact.claims(options),
        *posterior_cost.claims(options),
    )
