"""A density is integrated to 1 in as many dimensions as can be: by product rules up to four categories, by nets beyond."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from harness.questions.check import Check, Evidence
from suites.evidence.identities import identity

Total = Callable[[int, np.random.Generator], Evidence]
"""The evidence that a density of so many categories integrates to 1."""
BOUND = 1e-10
NETS = 0.02
QUICK_NETS = 5
"""Categories of the one net that the quick profile affords."""


def integrals(name: str, where: str, cubature: Total, nets: Total) -> Iterable[Check]:
    """Yield the checks of quadrature/density/``name`` for K = 2 to 8; all nets but one belong to the full profile."""
    for k in range(2, 9):
        product = k <= 4
        yield identity(
            f"quadrature/density/{name}/k={k}",
            f"a density integrates to 1 {where}",
            partial(cubature if product else nets, k),
            bound=BOUND if product else NETS,
            method="product Gauss" if product else "scrambled nets",
            suite="quadrature",
            profile="quick" if product or k == QUICK_NETS else "full",
        )
