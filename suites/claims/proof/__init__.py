"""Claims of the document 'proof', in its order; each stands in one of the files named here, with its checks."""

from __future__ import annotations

from harness.check import Claim
from harness.options import Options
from suites.claims import proof_gumbel, proof_largest, proof_relaxation, proof_softmax


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    return (
        *proof_softmax.claims(options),
        *proof_relaxation.claims(options),
        *proof_gumbel.claims(options),
        *proof_largest.claims(options),
    )
