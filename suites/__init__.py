"""What is claimed and which evidence counts: cases, suites of checks, claims of the documents, controls.

Reading order: cases, then one suite a file, then claims (one file a document), then controls.
"""

from __future__ import annotations

from harness.options import Options
from harness.questions.content import Content


def content(options: Options) -> Content:
    """Return the project's own content for the options of a run."""
    from suites.cases import CASES
    from suites.cases_rows import RANKINGS, SPECULATIVE
    from suites.cases_truncated import TRUNCATED
    from suites.claims import claims
    from suites.controls import controls
    from suites.families import FAMILIES

    return Content((*CASES, *TRUNCATED, *RANKINGS, *SPECULATIVE), claims, FAMILIES, controls)
