"""The claims of the four documents, one file a document, each claim in one place with the checks that are its own."""

from __future__ import annotations

from harness.options import Options
from harness.questions.check import Claim


def claims(options: Options) -> tuple[Claim, ...]:
    """Return all claims in the order of the documents."""
    from suites.claims import density, posterior, proof, trick

    return tuple(claim for document in (proof, density, posterior, trick) for claim in document.claims(options))
