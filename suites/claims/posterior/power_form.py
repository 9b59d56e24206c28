"""The constraint in its power form, which the document states after the uniformity on the set."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim
from suites.claims.posterior.sets import power_form

ORDER = 50


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.constraint-power-form."""
    return (power_form(options),)
