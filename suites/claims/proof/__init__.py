"""Claims of the document 'proof', in its order; each stands in one of the files named here, with its checks."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim
from suites.claims.proof import gumbel as proof_gumbel
from suites.claims.proof import largest as proof_largest
from suites.claims.proof import relaxation as proof_relaxation
from suites.claims.proof import softmax as proof_softmax


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    return (
        *proof_softmax.claims(options),
        *proof_relaxation.claims(options),
        *proof_gumbel.claims(options),
        *proof_largest.claims(options),
    )
