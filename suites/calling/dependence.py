"""Draws of one call, or of many, know nothing of each other: by twos at every distance, by threes, in how they scatter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.arrays import Bools, Floats
from harness.methods.cells import grown, shift
from harness.methods.scores import normal_scores
from harness.methods.tails import binomial_two_sided
from harness.questions.check import Evidence, Scenario
from suites.calling.afford import too_long
from suites.calling.bits import Told, told
from suites.calling.caller import Caller
from suites.calling.copies import LEAST, chance, copied
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


@dataclass(frozen=True)
class Draws:
    """A scenario, its ``dimension`` (1 for categories), and the level that its checks are held to."""

    scenario: Scenario
    dimension: int
    cells: int
    level: float
    beta: float

    def told(self, calls: int, size: int, rng: np.random.Generator) -> Told:
        """Return the cells of calls one after the other."""
        caller = Caller(self.scenario)
        made = [caller(-(-size // max(caller.rows, 1)), rng) for _ in range(calls)]
        return told(self.scenario, np.concatenate(made))

    @cached_property
    def kept(self) -> float:
        """What of an agreement the bits keep."""
        if self.dimension > 1 or self.scenario.emits != "index":
            return 1.0
        return told(self.scenario, Caller(self.scenario)(1, np.random.default_rng(0))).kept

    def exposed(self, n: int, tests: int) -> float:
        """Return the share of draws, determined by others, that so many pairs or threes expose."""
        return 2 * shift(n, 0.5, self.level / tests, self.beta) / self.kept


def own(rng: np.random.Generator) -> np.random.Generator:
    """Return a generator that a sampler's use of ``rng`` does not move."""
    return np.random.default_rng(rng.integers(0, 2**63, 4))


def one_call(draws: Draws, rng: np.random.Generator) -> Evidence:
    """Ask one call for agreements at every distance, of each coordinate with each, and for blocks that come again."""
    return _twos(draws, 1, _designed(draws, TOLERANCE["every-distance"]), rng)


def across_calls(draws: Draws, rng: np.random.Generator) -> Evidence:
    """Ask many short calls, one after the other, likewise."""
    return _twos(draws, -(-_designed(draws, TOLERANCE["across-calls"]) // STEPS), STEPS, rng)


def many_calls(draws: Draws, rng: np.random.Generator) -> Evidence:
    """Ask calls of one draw (and step) for agreements at every distance, beyond 2^16 calls too."""
    d, spread = draws.dimension, own(rng)
    pairs = grown(lambda m: draws.exposed(m, d * d * (RETURN + m)), TOLERANCE["many-calls"], 2 * FEWEST)
    probe, parts = (lambda: draws.told(PROBE, 1, np.random.default_rng(0))), (RETURN + pairs) / PROBE
    if words := too_long(draws.scenario.sampler, probe, parts):
        return Evidence(missing=f"{RETURN + pairs:,} calls {words}")
    seen = draws.told(RETURN + pairs, 1, rng)
    bits = np.ascontiguousarray(seen.bits(spread)[:, :: max(Caller(draws.scenario).rows, 1)])
    p, effect, notes = _distances(bits)
    return Evidence(
        statistic=effect,
        p_value=p,
        effect=effect,
        n=bits.shape[1],
        resolution=draws.exposed(bits.shape[1] - RETURN, d * d * bits.shape[1]),
        impossible=seen.impossible,
        notes={**notes, "calls": float(bits.shape[1])},
    )


def _designed(draws: Draws, tolerance: float) -> int:
    return grown(lambda m: _exposed(draws, m), tolerance, 2 * FEWEST)


def _exposed(draws: Draws, m: int) -> float:
    """Half of the pairs that m draws have are promised: distances of at most half of all, one of two parts of the level."""
    return draws.exposed(m // 2, 2 * draws.dimension**2 * m)


def _twos(draws: Draws, calls: int, size: int, rng: np.random.Generator) -> Evidence:
    spread = own(rng)
    seen = draws.told(calls, size, rng)
    bits = seen.bits(spread)
    d, m = bits.shape
    p, effect, notes = _distances(bits)
    if (places := copied(np.ascontiguousarray(bits.T).ravel())) is not None and (by_chance := chance(bits.size)) < p:
        first, second = (place // d for place in places)
        p, effect = by_chance, LEAST / bits.size
        notes = {"a run of draws stands first at": float(first), "and again at": float(second)}
    return Evidence(
        statistic=effect,
        p_value=min(1.0, 2 * p),
        effect=effect,
        n=m,
        resolution=_exposed(draws, m),
        impossible=seen.impossible,
        notes=notes,
    )


def _distances(bits: Bools) -> tuple[float, float, dict[str, float | str]]:
    """Return the p-value of the pair of coordinates and the distance that deviates most, exact, over all of them."""
    d, m = bits.shape
    pairs = np.arange(m, 0, -1.0)
    worst, chosen = 0.0, (0, 0, 1, 0.0)
    for i in range(d):
        for j in range(d):
            sums = linear(bits[i], bits[j])
            deviation = np.abs(sums[1 : m - FEWEST]) / np.sqrt(pairs[1 : m - FEWEST])
            at = 1 + int(np.argmax(deviation))
            if deviation[at - 1] > worst:
                worst, chosen = float(deviation[at - 1]), (i, j, at, float(sums[at]))
    i, j, at, total = chosen
    p = float(binomial_two_sided((m - at + total) / 2, m - at, 0.5)) * d * d * (m - FEWEST - 1)
    words: dict[str, float | str] = {"draws apart": float(at), "coordinate": float(i), "of the later draw": float(j)}
    return min(1.0, p), abs(total) / (m - at), words


def threes(draws: Draws, rng: np.random.Generator) -> Evidence:
    """Ask whether two draws determine a third, at all distances up to 256 in one coordinate, up to 64 in the others.

    Draws taken coordinate after coordinate are one more series.
    """
    tests = couples(REACH) + draws.dimension * couples(NEAR)
    n = grown(lambda n: draws.exposed(n, tests), TOLERANCE["threes"], 16)
    spread = own(rng)
    seen = draws.told(1, n + REACH, rng)
    bits = seen.bits(spread)
    series = [*bits, *([np.ascontiguousarray(bits.T).ravel()[: n + NEAR]] if len(bits) > 1 else [])]
    found = [(*_threes(signs(one), REACH if j == 0 else NEAR, n), j) for j, one in enumerate(series)]
    total, a, b, j = max(found, key=lambda one: abs(one[0]))
    p = float(binomial_two_sided((n + total) / 2, n, 0.5)) * tests
    where = "all in turn" if j == len(bits) else f"coordinate {j}"
    return Evidence(
        statistic=total / n,
        p_value=min(1.0, p),
        effect=abs(total) / n,
        n=bits.shape[1],
        resolution=draws.exposed(n, tests),
        impossible=seen.impossible,
        notes={"second draw after": float(a), "third draw after": float(b), "where": where},
    )


def couples(reach: int) -> int:
    """Return how many pairs a < b <= reach there are."""
    return reach * (reach - 1) // 2


def _threes(x: NDArray[np.float32], reach: int, n: int) -> tuple[float, int, int]:
    """Return the sum of x_i x_{i+a} x_{i+b} over i < n that is farthest from 0, of all a < b <= reach, with a and b."""
    later = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(x[1:], n)[: min(reach, x.size - n)])
    sums = np.triu((later * x[:n]) @ later.T, 1)  # whole numbers below 2^24: exact in single precision
    a, b = np.unravel_index(int(np.argmax(np.abs(sums))), sums.shape)
    return float(sums[a, b]), int(a) + 1, int(b) + 1


def scatter(draws: Draws, rng: np.random.Generator) -> Evidence:
    """Hold counts of blocks of consecutive draws to the scatter of chance: more if they clump, less if they fit.

    The squared scores of a block's counts are chi-square exactly; so is their sum over blocks, in both tails.
    """
    alpha = draws.level / (draws.dimension * (len(BLOCKS) + len(LONGER)))
    freedom = draws.cells - 1
    blocks = grown(lambda n: variance_exposed(n * freedom, alpha, draws.beta), TOLERANCE["scatter"], 16)
    spread = own(rng)
    seen = draws.told(1, blocks * max(BLOCKS), rng)
    p_values, found = [], []
    for length in (*BLOCKS, *LONGER):
        for j, cells in enumerate(seen.cells):
            total, dof = _scored(cells, length, blocks, seen.masses, spread)
            p_values.append(2 * min(special.gammainc(dof / 2, total / 2), special.gammaincc(dof / 2, total / 2)))
            found.append((total / dof - 1, length or cells.size, j))
    worst = int(np.argmin(p_values))
    change, length, j = found[worst]
    return Evidence(
        statistic=change,
        p_value=float(min(1.0, p_values[worst] * len(p_values))),
        effect=abs(change),
        n=int(seen.cells.shape[1]),
        resolution=variance_exposed(blocks * freedom, alpha, draws.beta),
        impossible=seen.impossible,
        notes={"draws of a block": float(length), "coordinate": float(j)},
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
