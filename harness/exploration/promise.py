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
from harness.space.rounding import GRAIN, HELD

DEVIATION = 0.25
"""The total variation d: of the categories over their cells, or of the uniforms of a continuous law."""
COARSE = 0.4
"""The total variation d for types whose rounding is allowed for (`nearly`)."""
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


def designed(share: float, level: float, beta: float, dtype: str = "float64") -> Design:
    """Return the sweep of a type that finds a defect of this share at a level, with probability 1 - beta."""
    pi = POWERED * NOTICED * (1 - beta)
    points = math.ceil(math.log(beta) / math.log1p(-share * pi))
    deviation, draws = draws_for(dtype)
    return Design(points, draws, needed(dtype, level / QUESTIONS, beta), share, deviation, beta)


def draws_for(dtype: str) -> tuple[float, int]:
    """Return the deviation that points of a type are designed for, and the draws of a point."""
    coarse = dtype not in HELD
    deviation = COARSE if coarse else DEVIATION
    return deviation, needed(dtype, SUSPECT / QUESTIONS, 1 - NOTICED)


def needed(dtype: str, level: float, beta: float) -> int:
    """Return the draws at which a point of a type exposes its deviation."""
    return exposing(DEVIATION, level, beta) if dtype in HELD else _exposing_rounded(level, beta)


def _exposing_rounded(level: float, beta: float) -> int:
    """Return the draws at which ``nearly``'s inequality exposes COARSE, by Hoeffding's for what the draws show of it.

    What a set of cells gains is the mean of n variables in 0..1: it falls short by sqrt(ln(1 / beta) / 2 n) with
    probability at most beta.
    """
    n = 1
    for _ in range(50):
        cells = n / ALONE + GROUPS
        room = COARSE - GRAIN / 2 - math.sqrt(cells / n) / 2
        root = math.sqrt(math.log(1 / level) / 2) + math.sqrt(math.log(1 / beta) / 2)
        n = math.ceil((root / room) ** 2) if room > 0.01 else 2 * n + 16
    return n


def reached(points: int, beta: float) -> float:
    """Return the share of the space that so many points find with probability 1 - beta."""
    return min(1.0, -math.expm1(math.log(beta) / max(points, 1)) / (POWERED * NOTICED * (1 - beta)))


def exposing(deviation: float, level: float, beta: float) -> int:
    """Return the draws at which the chi-square of the most cells that they can have exposes the deviation."""
    n = 1
    for _ in range(20):  # cells grow with n and n with their square root: settled after a few steps
        n = math.ceil(SCORES * design.chi_square_draws(int(n / ALONE) + GROUPS, deviation, level, beta))
    return n
