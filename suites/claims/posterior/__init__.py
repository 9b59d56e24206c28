"""Claims of the document 'posterior', in its order of statement: prior, sets, uniformity, conditionals, sampler, cost."""

from __future__ import annotations

from functools import partial

from suites.scan import claims_of

ORDER = 30
claims = partial(claims_of, __name__)
