"""Claims of the document 'density', in its order: relaxation, noise, margins, limits, symmetry, map, Jacobian, simplex."""

from __future__ import annotations

from functools import partial

from suites.scan import claims_of

ORDER = 20
claims = partial(claims_of, __name__)
