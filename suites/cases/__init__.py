"""All cases, in the order in which a plan meets them."""

from __future__ import annotations

from harness.questions.case import Case
from suites.cases import CASES
from suites.cases_rows import RANKINGS, SPECULATIVE
from suites.cases_truncated import TRUNCATED

ALL: tuple[Case, ...] = (*CASES, *TRUNCATED, *RANKINGS, *SPECULATIVE)
