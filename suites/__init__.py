"""What is claimed and which evidence counts: cases, suites of checks, claims of the documents, controls.

Reading order: cases, then one suite a file, then claims (one file a document), then controls.
"""

from __future__ import annotations

from harness.options import Options
from harness.questions.content import Content


def content(options: Options) -> Content:
    """Return the project's own content for the options of a run."""
    from suites.asks import ASKS
    from suites.cases import ALL
    from suites.claims import claims
    from suites.controls import controls
    from suites.errata import ERRATA
    from suites.families import FAMILIES

    return Content(ALL, claims, FAMILIES, controls, ERRATA, ASKS)
