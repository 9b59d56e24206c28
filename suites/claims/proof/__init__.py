"""Claims of the document 'proof', in its order; each stands in one of the modules of this folder, with its checks."""

from __future__ import annotations

from functools import partial

from suites.scan import claims_of

ORDER = 10
claims = partial(claims_of, __name__)
