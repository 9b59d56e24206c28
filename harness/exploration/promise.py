"""How many points and how many draws find a defect that fills a share f of the space with a total variation d.

Points are independent, so that m of them miss a share f of the space with probability (1 - f)^m; one that falls into it
is noticed with probability at least NOTICED and then confirmed by fresh draws with probability at least 1 - beta. The
defect is therefore missed with probability at most (1 - f pi)^m, pi = NOTICED (1 - beta), and m follows.

A point is noticed by the chi-square of its cells, whose noncentrality is at least 4 n d^2 (`methods.design`) for a total
variation d over them. Of n draws at most n / ALONE + GROUPS cells are made, and the question has a share of at least a
quarter of the point's level, so that n follows from d as for any chi-square. Normal scores of counts of at least ALONE
lose a part of the noncentrality to their randomisation, for which SCORES more draws are made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.exploration.counted import ALONE, GROUPS
from harness.methods import design
from harness.space.categories import BANDS, LARGE

DEVIATION = 0.25
"""The total variation d: of the categories over their cells, or of the uniforms of a continuous law."""
SUSPECT, NOTICED = 1e-3, 0.9
"""The p-value below which a point is asked again, and the probability that one of deviation d is."""
AGAIN = 16
"""Points that are asked again at most: the level is split over so many, asked or not."""
QUESTIONS = 4
"""The law's question has at least this part of a point's level: half of it, or a quarter beside that of the uniforms."""
SCORES = 1.1
POWERED = sum(share for _, high, share in BANDS if high <= LARGE)
"""The share of the points that get their full number of draws."""


@dataclass(frozen=True)
class Design:
    """A sweep of so many points with ``draws`` each, and ``more`` fresh ones where a point is asked again.

    ``share`` of the points of up to 4096 categories is what a defect must fill, by ``deviation``, to be found with
    probability 1 - ``beta``.
    """

    points: int
    draws: int
    more: int
    share: float
    deviation: float
    beta: float

    @property
    def words(self) -> str:
        """The promise as a sentence."""
        return (
            f"a deviation of {self.deviation:g} in total variation that fills {self.share:.2g} of the space "
            f"(up to {LARGE} categories) would have been found with probability {1 - self.beta:g}"
        )


def designed(share: float, level: float, beta: float, deviation: float = DEVIATION) -> Design:
    """Return the sweep that finds a defect of this share and deviation at a level, with probability 1 - beta."""
    pi = POWERED * NOTICED * (1 - beta)
    points = math.ceil(math.log(beta) / math.log1p(-share * pi))
    draws = exposing(deviation, SUSPECT / QUESTIONS, 1 - NOTICED)
    return Design(points, draws, exposing(deviation, level / QUESTIONS, beta), share, deviation, beta)


def reached(points: int, beta: float) -> float:
    """Return the share of the space that so many points find with probability 1 - beta."""
    return min(1.0, -math.expm1(math.log(beta) / max(points, 1)) / (POWERED * NOTICED * (1 - beta)))


def exposing(deviation: float, level: float, beta: float) -> int:
    """Return the draws at which the chi-square of the most cells that they can have exposes the deviation."""
    n = 1
    for _ in range(20):  # cells grow with n and n with their square root: settled after a few steps
        n = math.ceil(SCORES * design.chi_square_draws(int(n / ALONE) + GROUPS, deviation, level, beta))
    return n
