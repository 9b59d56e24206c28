"""A single call of millions: no draw repeats another at any distance, no run stands in it twice, its ends have the law."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np

from harness.arrays import Bools, Floats
from harness.methods import ChiSquare
from harness.questions.check import Evidence, Scenario
from harness.statistics import Counts
from suites.calling import shown
from suites.calling.afford import too_long
from suites.calling.asked import agree
from suites.calling.bits import Told, told
from suites.calling.caller import Caller
from suites.calling.copies import LEAST, WINDOW, chance, copied
from suites.calling.lags import Folded, folded_exposed, folded_reach, folded_worst

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
    """A call of the first of ``values`` that fits; ``coordinates`` are looked at for distances, all for their law.

    ``values`` are numbers of noise values, in falling order: where memory or a minute is too short for one, the next is
    taken, and what it exposes is said.
    """

    scenario: Scenario
    values: tuple[int, ...]
    coordinates: int
    level: float
    beta: float

    def draws(self, values: int) -> int:
        """Return the draws of a call (steps times rows, for a batch)."""
        return values // self.scenario.case.logits.size

    def exposed(self, draws: int) -> float:
        """Return the share of draws, repeated at one distance, that a call exposes."""
        return folded_exposed(draws, self.level / PARTS / self.coordinates, self.beta)

    def __call__(self, rng: np.random.Generator) -> Evidence:
        """Return the worst of what was asked, each with its factor."""
        own, said = np.random.default_rng(rng.integers(0, 2**63, 4)), list[str]()
        for values in self.values:
            if not (words := self._unfit(values)):
                return self._asked(self.draws(values), rng, own, "; ".join(said))
            said.append(f"a call of {self.draws(values):,} draws {words}")
        return Evidence(missing="; ".join(said))

    def _unfit(self, values: int) -> str:
        """Say why a call of so many values is not made; nothing if it can be."""
        if (free := _available()) < BYTES * values:
            return f"needs {BYTES * values / 2**30:.1f} GiB of memory, {free / 2**30:.1f} are free"
        caller = Caller(self.scenario)
        return too_long(self.scenario.sampler, lambda: caller(PROBE, _timer()), self.draws(values) / PROBE)

    def _asked(self, draws: int, rng: np.random.Generator, own: np.random.Generator, said: str) -> Evidence:
        caller = Caller(self.scenario)
        seen = told(self.scenario, caller(draws // max(caller.rows, 1), rng))
        series = seen.bits(own)[: self.coordinates]
        worst = min(
            (self._distances(series), self._copies(series), self._tiles(seen, own)), key=lambda one: one.p_value
        )
        size = int(seen.cells.shape[1])
        return Evidence(
            statistic=worst.effect,
            p_value=min(1.0, PARTS * worst.p_value),
            effect=worst.effect,
            n=size,
            resolution=self.exposed(draws),
            impossible=seen.impossible,
            notes={**worst.notes, "draws of the call": float(draws)} | ({"not made": said} if said else {}),
            seen=f"{worst.said}, one call of {size:,} draws, {self.scenario.case.words}",
            exhibit=worst.exhibit,
        )

    def _distances(self, series: Bools) -> _Part:
        every = [folded_worst(bits) for bits in series]
        j = min(range(len(every)), key=lambda i: every[i].p_value)
        one = every[j]
        of = f"coordinate {j} of " if len(every) > 1 else ""
        words = agree(f"{of}draws {one.distance:,} apart", (one.size + one.total) / 2, one.size)
        notes: Notes = {"draws apart": float(one.distance), "coordinate": float(j)}
        p = min(1.0, one.p_value * len(every))
        return _Part(p, abs(one.correlation), words, notes, self._by_distance(one, len(every)))

    def _by_distance(self, one: Folded, series: int) -> shown.Exhibit:
        """Return the sums at all distances, within what the inequality leaves of the level."""
        level = self.level / (PARTS * series * one.sums.size)

        def reach(apart: Floats, pairs: Floats) -> tuple[Floats, Floats]:
            far = np.array([folded_reach(one.size, int(s), level) for s in apart])
            return (pairs - far) / 2, (pairs + far) / 2

        title = "Draws on the same side, by distance, once round the call"
        return shown.by_distance(title, one.sums, float(one.size), reach)

    def _copies(self, series: Bools) -> _Part:
        places = next((places for bits in series if (places := copied(bits)) is not None), None)
        if places is None:
            return _Part()
        earlier, later = places
        notes: Notes = {"a run of draws stands first at": float(earlier), "and again at": float(later)}
        run = f"draws {earlier:,} to {earlier + WINDOW:,} come again from draw {later:,} on"
        p = min(1.0, chance(series.shape[1]) * len(series))
        exhibit = shown.twice("Runs of draws", run, p)
        return _Part(p, LEAST / series.shape[1], f"{run}, where no run is due twice", notes, exhibit)

    def _tiles(self, seen: Told, own: np.random.Generator) -> _Part:
        """Hold the first and the last draws, and all between the longest of these, to the law."""
        size, longest = seen.cells.shape[1], TILES[-1]
        parts = {f"the first {tile:,}": slice(0, tile) for tile in TILES}
        parts |= {f"the last {tile:,}": slice(size - tile, size) for tile in TILES}
        parts["all between"] = slice(longest, size - longest)
        method, found = ChiSquare(seen.masses), []
        for name, part in parts.items():
            for j, cells in enumerate(seen.cells[:, part]):
                one = method.evidence((Counts.of(cells, (seen.masses.size,)),), own)
                p = 0.0 if one.impossible else 1.0 if one.p_value is None else one.p_value
                found.append((p, one, name, j))
        p, one, name, j = min(found, key=lambda item: item[0])
        of = f"coordinate {j} of " if len(seen.cells) > 1 else ""
        title = f"{'Eighths' if of else 'Categories'} of {of}{name} draws"
        exhibit = shown.shared(one.exhibit, PARTS * len(found), title)
        said = f"{of}{name} draws are {one.effect:.2g} off in total variation"
        return _Part(min(1.0, p * len(found)), one.effect, said, {"where": name, "coordinate": float(j)}, exhibit)


Notes = dict[str, float | str]


@dataclass(frozen=True)
class _Part:
    """What one of the three questions found: p-value, effect, the sentence, where it is, and its figure."""

    p_value: float = 1.0
    effect: float = 0.0
    said: str = ""
    notes: Notes = field(default_factory=dict)
    exhibit: shown.Exhibit = field(default_factory=dict)


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
