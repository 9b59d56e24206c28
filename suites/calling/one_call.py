"""A single call of millions: no draw repeats another at any distance, no run stands in it twice, its ends have the law."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from harness.arrays import Bools
from harness.methods import ChiSquare
from harness.questions.check import Evidence, Scenario
from harness.statistics import Counts
from suites.calling.afford import too_long
from suites.calling.bits import Told, told
from suites.calling.caller import Caller
from suites.calling.copies import LEAST, chance, copied
from suites.calling.lags import folded_exposed, folded_worst

TILES = (2**7, 2**10, 2**13, 2**16)
"""First and last draws of a call that are held to the law by themselves."""
PARTS = 3
"""Distances, copies and tiles share the level."""
PROBE = 2**13
"""Draws of a call from which it is told what the whole call would take."""
BYTES = 60
"""Memory that a value of a call takes, at worst: the draws, what they are made of, and their transforms."""


@dataclass(frozen=True)
class OneCall:
    """A call of ``values`` noise values at a level; ``coordinates`` are looked at for distances, all for their law."""

    scenario: Scenario
    values: int
    coordinates: int
    level: float
    beta: float

    @property
    def draws(self) -> int:
        """The draws of the call (steps times rows, for a batch)."""
        return self.values // self.scenario.case.logits.size

    @property
    def exposed(self) -> float:
        """The share of draws, repeated at one distance, that the call exposes."""
        return folded_exposed(self.draws, self.level / PARTS / self.coordinates, self.beta)

    def __call__(self, rng: np.random.Generator) -> Evidence:
        """Return the worst of what was asked, each with its factor."""
        if (free := _available()) < BYTES * self.values:
            need = BYTES * self.values / 2**30
            return Evidence(missing=f"needs {need:.1f} GiB of memory for one call, {free / 2**30:.1f} are free")
        own, caller = np.random.default_rng(rng.integers(0, 2**63, 4)), Caller(self.scenario)
        if words := too_long(self.scenario.sampler, lambda: caller(PROBE, _timer()), self.draws / PROBE):
            return Evidence(missing=f"a call of {self.draws:,} draws {words}")
        seen = told(self.scenario, caller(self.draws // max(caller.rows, 1), rng))
        series = seen.bits(own)[: self.coordinates]
        asked = [self._distances(series), self._copies(series), self._tiles(seen, own)]
        p, effect, notes = min(asked, key=lambda one: one[0])
        return Evidence(
            statistic=effect,
            p_value=min(1.0, PARTS * p),
            effect=effect,
            n=int(seen.cells.shape[1]),
            resolution=self.exposed,
            impossible=seen.impossible,
            notes={**notes, "draws of the call": float(self.draws)},
        )

    def _distances(self, series: Bools) -> _Asked:
        found = [(*folded_worst(bits), j) for j, bits in enumerate(series)]
        p, distance, correlation, j = min(found)
        words: Notes = {"draws apart": float(distance), "coordinate": float(j)}
        return min(1.0, p * len(found)), abs(correlation), words

    def _copies(self, series: Bools) -> _Asked:
        places = next((places for bits in series if (places := copied(bits)) is not None), None)
        if places is None:
            return 1.0, 0.0, {}
        earlier, later = (float(place) for place in places)
        words: Notes = {"a run of draws stands first at": earlier, "and again at": later}
        return min(1.0, chance(series.shape[1]) * len(series)), LEAST / series.shape[1], words

    def _tiles(self, seen: Told, own: np.random.Generator) -> _Asked:
        """Hold the first and the last draws, and all between the longest of these, to the law."""
        size, longest = seen.cells.shape[1], TILES[-1]
        parts = {f"the first {tile}": slice(0, tile) for tile in TILES}
        parts |= {f"the last {tile}": slice(size - tile, size) for tile in TILES}
        parts["all between"] = slice(longest, size - longest)
        method, found = ChiSquare(seen.masses), []
        for name, part in parts.items():
            for j, cells in enumerate(seen.cells[:, part]):
                one = method.evidence((Counts.of(cells, (seen.masses.size,)),), own)
                p = 0.0 if one.impossible else 1.0 if one.p_value is None else one.p_value
                found.append((p, one.effect, name, j))
        p, effect, name, j = min(found)
        return min(1.0, p * len(found)), effect, {"where": name, "coordinate": float(j)}


Notes = dict[str, float | str]
_Asked = tuple[float, float, Notes]


def _timer() -> np.random.Generator:
    """Return a generator that only times a call."""
    return np.random.default_rng(0)


def _available() -> float:
    """Return the bytes of memory that are free, or that the kernel would make so; infinite where it does not say."""
    try:
        with open("/proc/meminfo") as said:
            kib = {line.split(":")[0]: line.split()[1] for line in said}
        return 1024.0 * float(kib["MemAvailable"])
    except (OSError, KeyError, IndexError, ValueError):
        pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else -1
        return float(pages * os.sysconf("SC_PAGE_SIZE")) if pages > 0 else float("inf")
