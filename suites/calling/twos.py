"""Of fair bits of several coordinates, the two coordinates and the distance whose products sum up to the least probable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.arrays import Bools, Floats
from harness.methods.tails import binomial_two_sided
from suites.calling import shown
from suites.calling.asked import Asked, agree
from suites.calling.lags import linear

FEWEST = 256
"""Pairs below which no distance is looked at."""


@dataclass(frozen=True)
class Worst:
    """The pair of coordinates (i, j) of (d, m) bits and the distance at which the products sum up to the least probable.

    ``farthest`` (m,) is of all pairs of coordinates the sum at each distance that deviates most.
    """

    bits: Bools
    i: int
    j: int
    apart: int
    total: float
    farthest: Floats

    @property
    def tests(self) -> int:
        """The pairs of coordinates times the distances."""
        d, m = map(int, self.bits.shape)
        return d * d * (m - FEWEST - 1)

    @property
    def pairs(self) -> int:
        """The pairs of draws at the distance."""
        m: int = self.bits.shape[1]
        return m - self.apart

    @property
    def p_value(self) -> float:
        """Exact, over all distances and coordinates."""
        return min(1.0, float(binomial_two_sided((self.pairs + self.total) / 2, self.pairs, 0.5)) * self.tests)

    @property
    def effect(self) -> float:
        """The share of draws that are repeated, about."""
        return abs(self.total) / self.pairs

    @property
    def notes(self) -> dict[str, float | str]:
        """Where it is."""
        return {
            "draws apart": float(self.apart),
            "coordinate": float(self.i),
            "of the later draw": float(self.j),
        }

    def words(self, asked: Asked) -> str:
        """What was seen beside what is due."""
        what = f"{asked.coordinate(self.i)}draws {self.apart:,} apart"
        if self.i != self.j:
            what = f"coordinate {self.i} of a draw and coordinate {self.j} of the one {self.apart:,} later"
        return agree(what, (self.pairs + self.total) / 2, self.pairs)

    def exhibit(self, asked: Asked, parts: int) -> shown.Exhibit:
        """How often draws agree at each distance, with what one of ``parts`` of the level leaves."""
        m = self.bits.shape[1]
        return shown.by_distance(
            "Draws on the same side, by distance" + (", all pairs of coordinates" if len(self.bits) > 1 else ""),
            self.farthest[1 : m - FEWEST],
            m - np.arange(1.0, m - FEWEST),
            lambda apart, pairs: shown.coins(pairs, parts * self.tests, asked.level),
        )


def distances(bits: Bools) -> Worst:
    """Return the pair of coordinates and the distance that deviates most."""
    d, m = bits.shape
    root = np.sqrt(np.arange(m, 0, -1.0))[1 : m - FEWEST]
    worst, chosen, farthest = 0.0, (0, 0, 1, 0.0), np.zeros(m)
    for i in range(d):
        for j in range(d):
            sums = linear(bits[i], bits[j])
            farthest = np.where(np.abs(sums) > np.abs(farthest), sums, farthest)
            deviation = np.abs(sums[1 : m - FEWEST]) / root
            at = 1 + int(np.argmax(deviation))
            if deviation[at - 1] > worst:
                worst, chosen = float(deviation[at - 1]), (i, j, at, float(sums[at]))
    return Worst(bits, *chosen, farthest)
