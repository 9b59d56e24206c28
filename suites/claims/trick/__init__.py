"""Claims of the document 'trick', in its order; each stands in one of the files named here, with its checks."""

from __future__ import annotations

from harness.check import Claim
from harness.options import Options
from suites.claims import (
    trick_die,
    trick_extremes,
    trick_gradient,
    trick_gumbel,
    trick_jax,
    trick_logits,
    trick_noise,
    trick_property,
    trick_sampler_code,
    trick_skew,
    trick_spread,
    trick_temperature,
    trick_toy,
)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    return (
        *trick_skew.claims(options),
        *trick_extremes.claims(options),
        *trick_gumbel.claims(options),
        *trick_property.claims(options),
        *trick_logits.claims(options),
        *trick_temperature.claims(options),
        *trick_spread.claims(options),
        *trick_toy.claims(options),
        *trick_noise.claims(options),
        *trick_gradient.claims(options),
        *trick_sampler_code.claims(options),
        *trick_die.claims(options),
        *trick_jax.claims(options),
    )
