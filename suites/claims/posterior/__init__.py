"""Claims of the document 'posterior', in its order of statement: prior, sets, uniformity, conditionals, sampler, cost."""

from __future__ import annotations

from harness.check import Claim
from harness.options import Options


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    from suites.claims import (
        posterior_conditional,
        posterior_cost,
        posterior_exact,
        posterior_mixture,
        posterior_prior,
        posterior_sampler,
        posterior_sets,
        posterior_uniform,
        posterior_volume,
    )

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
