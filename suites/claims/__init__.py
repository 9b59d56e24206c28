"""The claims of the four documents, a folder a document, each claim in one place with the checks that are its own."""

from __future__ import annotations

from dataclasses import replace

from harness.options import Options
from harness.questions.check import Claim
from suites.formulas import FORMULAS
from suites.scan import claims_of


def claims(options: Options) -> tuple[Claim, ...]:
    """Return all claims in the order of the documents."""
    made = claims_of(__name__, options)
    return tuple(replace(claim, formula=claim.formula or FORMULAS.get(claim.id, "")) for claim in made)
