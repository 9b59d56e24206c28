"""Claims of the document 'trick', in its order; each stands in one of the files named here, with its checks."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim
from suites.claims.trick import die as trick_die
from suites.claims.trick import extremes as trick_extremes
from suites.claims.trick import gradient as trick_gradient
from suites.claims.trick import gumbel as trick_gumbel
from suites.claims.trick import jax as trick_jax
from suites.claims.trick import limit as trick_limit
from suites.claims.trick import logits as trick_logits
from suites.claims.trick import mirrored as trick_mirrored
from suites.claims.trick import noise as trick_noise
from suites.claims.trick import property as trick_property
from suites.claims.trick import quantifier as trick_quantifier
from suites.claims.trick import reason as trick_reason
from suites.claims.trick import sampler_code as trick_sampler_code
from suites.claims.trick import skew as trick_skew
from suites.claims.trick import spread as trick_spread
from suites.claims.trick import temperature as trick_temperature
from suites.claims.trick import toy as trick_toy


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    return (
        *trick_skew.claims(options),
        *trick_reason.claims(options),
        *trick_extremes.claims(options),
        *trick_limit.claims(options),
        *trick_gumbel.claims(options),
        *trick_property.claims(options),
        *trick_quantifier.claims(options),
        *trick_mirrored.claims(options),
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
