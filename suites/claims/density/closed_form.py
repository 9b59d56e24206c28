"""The closed form of the density, which follows where the margin and its limits are known."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim
from suites.claims.density.marginal import closed_form

ORDER = 50


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.closed-form."""
    return (closed_form(options),)
