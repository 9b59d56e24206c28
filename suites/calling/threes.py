"""No two draws of a call determine a third.

[1] A. M. Ferrenberg, D. P. Landau, Y. J. Wong, Monte Carlo simulations: hidden errors from "good" random number
    generators, Phys. Rev. Lett. 69 (1992), 3382.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.methods.cells import grown
from harness.methods.tails import binomial_two_sided
from harness.questions.check import Evidence
from suites.calling import shown
from suites.calling.asked import Asked, agree, own
from suites.calling.lags import signs

REACH, NEAR = 256, 64
"""Distances: in the first coordinate (shift registers of 250 bits have 103 and 250 [1]), and in all others."""
TOLERANCE = 0.2


def threes(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Ask whether two draws determine a third, at all distances up to 256 in one coordinate, up to 64 in the others.

    Draws taken coordinate after coordinate are one more series.
    """
    tests = couples(REACH) + asked.dimension * couples(NEAR)
    n = grown(lambda n: asked.exposed(n, tests), TOLERANCE, 16)
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
