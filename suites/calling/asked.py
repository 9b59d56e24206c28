"""Who is asked: a scenario with the cells of its draws, how many coordinates they have, and the level of its checks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from harness.arrays import Floats
from harness.methods import ChiSquare
from harness.methods.cells import shift
from harness.methods.tails import binomial_at_least, binomial_at_most, binomial_two_sided
from harness.questions.check import Scenario
from harness.space.rounding import grain
from suites.calling.bits import Told, told
from suites.calling.caller import Caller


@dataclass(frozen=True)
class Asked:
    """A scenario, the ``masses`` (C,) of its cells, its ``dimension`` (1 for categories), and the level of its checks."""

    scenario: Scenario
    masses: Floats
    dimension: int
    level: float
    beta: float

    @property
    def cells(self) -> int:
        """The cells that can be hit."""
        return int((self.masses > 0).sum())

    @cached_property
    def kept(self) -> float:
        """What the bits of draws keep of an agreement."""
        return Told(np.zeros((1, 0), np.intp), self.masses).kept

    @property
    def law(self) -> ChiSquare:
        """The test of one coordinate's cells."""
        return ChiSquare(self.masses)

    def required(self, tolerance: float, tests: int) -> int:
        """Return the draws that expose the tolerance in one coordinate, in one of so many tests."""
        return self.law.required(tolerance, self.level / tests, self.beta)

    @cached_property
    def unfair(self) -> float:
        """By how much more than a half two right bits may agree, if rounding makes bits unfair by a grain g: g^2 / 2."""
        return grain(self.scenario.case, self.scenario.sampler.dtype) ** 2 / 2

    def coins(self, agreed: ArrayLike, pairs: ArrayLike) -> Floats:
        """Return two-sided p-values of agreements of independent pairs of bits, which are fair but for rounding."""
        exact = binomial_two_sided(agreed, pairs, 0.5)
        if not self.unfair:
            return exact
        more = binomial_at_least(agreed, pairs, 0.5 + self.unfair)
        made: Floats = np.minimum(1.0, 2 * np.minimum(more, binomial_at_most(agreed, pairs, 0.5)))
        return made

    def exposed(self, n: int, tests: int) -> float:
        """Return the share of draws, determined by others, that so many pairs or threes expose."""
        return 2 * (shift(n, 0.5, self.level / tests, self.beta) + self.unfair) / self.kept

    def told(self, calls: int, size: int, rng: np.random.Generator) -> Told:
        """Return the cells of calls one after the other."""
        caller = Caller(self.scenario)
        made = [caller(-(-size // max(caller.rows, 1)), rng) for _ in range(calls)]
        return told(self.scenario, np.concatenate(made))

    def at(self, where: str) -> str:
        """Return a place with the case, for a sentence: "in one call of 4,096 draws, K = 6"."""
        return f"{where}, {self.scenario.case.words}"

    def coordinate(self, j: int, rows: int = 1) -> str:
        """Return the name of a coordinate of draws, nothing where they have one: "coordinate 3 of ".

        Of a batch the coordinates of each of its ``rows`` stand side by side: "coordinate 3 of row 1 of ".
        """
        name = f"coordinate {j // rows} of " if self.dimension > 1 else ""
        return name + (f"row {j % rows} of " if rows > 1 else "")


def own(rng: np.random.Generator) -> np.random.Generator:
    """Return a generator that a sampler's use of ``rng`` does not move."""
    return np.random.default_rng(rng.integers(0, 2**63, 4))


def agree(what: str, agreed: float, pairs: float, due: float = 0.5, how: str = "lie on the same side in") -> str:
    """Return how often something was so beside how often it should: "... in 412 of 1,000 where 167 are due".

    Fair bits lie on the same side; what is counted otherwise says how.
    """
    return f"{what} {how} {agreed:,.0f} of {pairs:,.0f} where {pairs * due:,.0f} are due"
