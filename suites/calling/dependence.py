"""Draws of one call, or of many, know nothing of each other: by twos at every distance, by threes, in how they scatter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.arrays import Bools, Floats
from harness.methods.cells import grown
from harness.methods.scores import normal_scores
from harness.methods.tails import binomial_two_sided
from harness.questions.check import Evidence
from suites.calling import shown
from suites.calling.afford import too_long
from suites.calling.asked import Asked, agree, own
from suites.calling.caller import Caller
from suites.calling.copies import LEAST, WINDOW, chance, copied
from suites.calling.lags import linear, signs

FEWEST = 256
"""Pairs below which no distance is looked at."""
REACH, NEAR = 256, 64
"""Distances of threes: in the first coordinate (shift registers of 250 bits have 103 and 250 [1]), and in all others.

[1] A. M. Ferrenberg, D. P. Landau, Y. J. Wong, Monte Carlo simulations: hidden errors from "good" random number
generators, Phys. Rev. Lett. 69 (1992), 3382."""
BLOCKS = (16, 64)
"""Consecutive draws whose counts are scored together; so many blocks of each as expose the tolerance."""
LONGER = (1024, 0)
"""Longer blocks, which show only what fits much better or worse than chance; 0 is the whole call."""
STEPS = 32
RETURN, PROBE = 2**16, 64
"""Calls after which counters of 16 bits come round, and calls from which it is told what so many would take."""
TOLERANCE = {"every-distance": 0.15, "across-calls": 0.4, "threes": 0.2, "scatter": 0.5, "many-calls": 0.4}


def one_call(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Ask one call for agreements at every distance, of each coordinate with each, and for blocks that come again."""
    return _twos(asked, 1, _designed(asked, TOLERANCE["every-distance"]), rng)


def across_calls(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Ask many short calls, one after the other, likewise."""
    return _twos(asked, -(-_designed(asked, TOLERANCE["across-calls"]) // STEPS), STEPS, rng)


def many_calls(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Ask calls of one draw (and step) for agreements at every distance, beyond 2^16 calls too."""
    d, spread = asked.dimension, own(rng)
    pairs = grown(lambda m: asked.exposed(m, d * d * (RETURN + m)), TOLERANCE["many-calls"], 2 * FEWEST)
    probe, parts = (lambda: asked.told(PROBE, 1, np.random.default_rng(0))), (RETURN + pairs) / PROBE
    if words := too_long(asked.scenario.sampler, probe, parts):
        return Evidence(missing=f"{RETURN + pairs:,} calls {words}")
    seen = asked.told(RETURN + pairs, 1, rng)
    bits = np.ascontiguousarray(seen.bits(spread)[:, :: max(Caller(asked.scenario).rows, 1)])
    worst = _distances(bits)
    return Evidence(
        statistic=worst.effect,
        p_value=worst.p_value,
        effect=worst.effect,
        n=bits.shape[1],
        resolution=asked.exposed(bits.shape[1] - RETURN, d * d * bits.shape[1]),
        impossible=seen.impossible,
        notes={**worst.notes, "calls": float(bits.shape[1])},
        seen=asked.at(f"{worst.words(asked)}, {bits.shape[1]:,} calls of one draw"),
        exhibit=worst.exhibit(asked, 1),
    )


def _designed(asked: Asked, tolerance: float) -> int:
    return grown(lambda m: _exposed(asked, m), tolerance, 2 * FEWEST)


def _exposed(asked: Asked, m: int) -> float:
    """Half of the pairs that m draws have are promised: distances of at most half of all, one of two parts of the level."""
    return asked.exposed(m // 2, 2 * asked.dimension**2 * m)


def _twos(asked: Asked, calls: int, size: int, rng: np.random.Generator) -> Evidence:
    spread = own(rng)
    seen = asked.told(calls, size, rng)
    bits = seen.bits(spread)
    d, m = bits.shape
    worst = _distances(bits)
    p, effect, notes, said = worst.p_value, worst.effect, worst.notes, worst.words(asked)
    if (places := copied(np.ascontiguousarray(bits.T).ravel())) is not None and (by_chance := chance(bits.size)) < p:
        first, second = (place // d for place in places)
        p, effect = by_chance, LEAST / bits.size
        notes = {"a run of draws stands first at": float(first), "and again at": float(second)}
        said = (
            f"draws {first:,} to {first + WINDOW // d:,} come again from draw {second:,} on, where no run is due twice"
        )
    where = f"one call of {m:,} draws" if calls == 1 else f"{calls} calls of {size} draws"
    return Evidence(
        statistic=effect,
        p_value=min(1.0, 2 * p),
        effect=effect,
        n=m,
        resolution=_exposed(asked, m),
        impossible=seen.impossible,
        notes=notes,
        seen=asked.at(f"{said}, {where}"),
        exhibit=worst.exhibit(asked, 2),
    )


@dataclass(frozen=True)
class _Worst:
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


def _distances(bits: Bools) -> _Worst:
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
    return _Worst(bits, *chosen, farthest)


def threes(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Ask whether two draws determine a third, at all distances up to 256 in one coordinate, up to 64 in the others.

    Draws taken coordinate after coordinate are one more series.
    """
    tests = couples(REACH) + asked.dimension * couples(NEAR)
    n = grown(lambda n: asked.exposed(n, tests), TOLERANCE["threes"], 16)
    spread = own(rng)
    seen = asked.told(1, n + REACH, rng)
    bits = seen.bits(spread)
    series = [*bits, *([np.ascontiguousarray(bits.T).ravel()[: n + NEAR]] if len(bits) > 1 else [])]
    found = [_threes(signs(one), REACH if j == 0 else NEAR, n) for j, one in enumerate(series)]
    names = [f"coordinate {j}" for j in range(len(bits))] + ["all in turn"]
    j, (total, a, b) = max(enumerate(_extreme(one) for one in found), key=lambda item: abs(item[1][0]))
    p = float(binomial_two_sided((n + total) / 2, n, 0.5)) * tests
    of = f" ({names[j]})" if len(series) > 1 else ""
    said = f"of the draws at 0, {a} and {b}{of} an even number lies in the lower half"
    return Evidence(
        statistic=total / n,
        p_value=min(1.0, p),
        effect=abs(total) / n,
        n=bits.shape[1],
        resolution=asked.exposed(n, tests),
        impossible=seen.impossible,
        notes={"second draw after": float(a), "third draw after": float(b), "where": names[j]},
        seen=asked.at(f"{agree(said, (n + total) / 2, n, how='in')}, one call of {bits.shape[1]:,} draws"),
        exhibit=_listed(found, names, n, tests),
    )


def _listed(found: list[NDArray[np.float32]], names: list[str], n: int, tests: int) -> shown.Exhibit:
    """Return the least probable of all threes of all series."""
    flat = np.concatenate([sums[np.triu_indices(len(sums), 1)] for sums in found])
    starts = np.cumsum([0, *(couples(len(sums)) for sums in found)])

    def name(i: int) -> str:
        j = int(np.searchsorted(starts, i, side="right")) - 1
        a, b = (int(side[i - starts[j]]) + 1 for side in np.triu_indices(len(found[j]), 1))
        return f"0, {a}, {b}" + (f", {names[j]}" if len(found) > 1 else "")

    return shown.counted("Threes of draws, by their places", name, (n + flat) / 2, n, 0.5, tests)


def couples(reach: int) -> int:
    """Return how many pairs a < b <= reach there are."""
    return reach * (reach - 1) // 2


def _threes(x: NDArray[np.float32], reach: int, n: int) -> NDArray[np.float32]:
    """Return the sums (r, r) of x_i x_{i+a} x_{i+b} over i < n, of all a < b <= reach, at the place a - 1, b - 1."""
    later = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(x[1:], n)[: min(reach, x.size - n)])
    sums: NDArray[np.float32] = np.triu((later * x[:n]) @ later.T, 1)  # whole numbers below 2^24: exact
    return sums


def _extreme(sums: NDArray[np.float32]) -> tuple[float, int, int]:
    """Return the sum that is farthest from 0, with a and b."""
    a, b = np.unravel_index(int(np.argmax(np.abs(sums))), sums.shape)
    return float(sums[a, b]), int(a) + 1, int(b) + 1


def scatter(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Hold counts of blocks of consecutive draws to the scatter of chance: more if they clump, less if they fit.

    The squared scores of a block's counts are chi-square exactly; so is their sum over blocks, in both tails.
    """
    alpha = asked.level / (asked.dimension * (len(BLOCKS) + len(LONGER)))
    freedom = asked.cells - 1
    blocks = grown(lambda n: variance_exposed(n * freedom, alpha, asked.beta), TOLERANCE["scatter"], 16)
    spread = own(rng)
    seen = asked.told(1, blocks * max(BLOCKS), rng)
    p_values, found, rows = [], [], []
    for length in (*BLOCKS, *LONGER):
        long, ratios = length or int(seen.cells.shape[1]), []
        for j, cells in enumerate(seen.cells):
            total, dof = _scored(cells, length, blocks, seen.masses, spread)
            p_values.append(2 * min(special.gammainc(dof / 2, total / 2), special.gammaincc(dof / 2, total / 2)))
            found.append((total / dof - 1, long, j))
            ratios.append(total / dof)
        low, high = special.chdtri(dof, [1 - alpha / 2, alpha / 2]) / dof
        rows.append((float(long), np.array(ratios), float(low), float(high)))
    worst = int(np.argmin(p_values))
    change, length, j = found[worst]
    said = f"counts of {asked.coordinate(j)}{length:,} consecutive draws vary {1 + change:.3g} times as much as they should"
    return Evidence(
        statistic=change,
        p_value=float(min(1.0, p_values[worst] * len(p_values))),
        effect=abs(change),
        n=int(seen.cells.shape[1]),
        resolution=variance_exposed(blocks * freedom, alpha, asked.beta),
        impossible=seen.impossible,
        notes={"draws of a block": float(length), "coordinate": float(j)},
        seen=asked.at(f"{said}, one call of {seen.cells.shape[1]:,}"),
        exhibit=shown.scattered("How counts of consecutive draws scatter", "draws of a block", rows),
    )


def _scored(
    cells: NDArray[np.intp] | NDArray[np.uint8], length: int, most: int, masses: Floats, rng: np.random.Generator
) -> tuple[float, int]:
    """Return the sum of squared scores of blocks of a length, and its degrees of freedom."""
    length = length or cells.size
    kept = cells[: cells.size // length * length][: most * length].reshape(-1, length)
    flat = kept + masses.size * np.arange(len(kept))[:, None]
    counts = np.bincount(flat.ravel(), minlength=masses.size * len(kept)).reshape(-1, masses.size)
    scores = normal_scores(counts[:, masses > 0], masses[masses > 0], rng)
    return float(np.sum(scores**2)), scores.size


def variance_exposed(dof: int, level: float, beta: float) -> float:
    """Return the relative change of the variance of so many scores, up or down, that is exposed."""
    high, low = special.chdtri(dof, [level / 2, 1 - level / 2])
    least, most = special.chdtri(dof, [1 - beta, beta])
    return float(max(high / least - 1, 1 - low / most))
