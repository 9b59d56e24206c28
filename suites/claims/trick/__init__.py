"""Claims of the document 'trick', in its order; each stands in one of the modules of this folder, with its checks."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim
from suites.scan import modules

ORDER = 40


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims in the order of the document."""
    return tuple(claim for module in modules(__name__, "claims") for claim in module.claims(options))
