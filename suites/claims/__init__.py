"""The claims of the four documents, a folder a document, each claim in one place with the checks that are its own."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim
from suites.scan import modules


def claims(options: Options) -> tuple[Claim, ...]:
    """Return all claims in the order of the documents."""
    return tuple(claim for document in modules("suites.claims", "claims") for claim in document.claims(options))
