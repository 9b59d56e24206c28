"""Claims of the document 'posterior', in its order of statement: prior, sets, uniformity, conditionals, sampler, cost."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim
from suites.scan import modules

ORDER = 30


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    return tuple(claim for module in modules(__name__, "claims") for claim in module.claims(options))
