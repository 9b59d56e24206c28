"""Counts of consecutive draws scatter as chance has it: more if draws clump, less if they fit too well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.laws import special
from harness.methods.cells import grown
from harness.methods.scores import normal_scores
from harness.questions.check import Evidence
from suites.calling import shown
from suites.calling.asked import Asked, own

BLOCKS = (16, 64)
"""Consecutive draws whose counts are scored together; so many blocks of each as expose the tolerance."""
LONGER = (1024, 0)
"""Longer blocks, which show only what fits much better or worse than chance; 0 is the whole call."""
TOLERANCE = 0.5


def scatter(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Hold counts of blocks of consecutive draws to the scatter of chance: more if they clump, less if they fit.

    The squared scores of a block's counts are chi-square exactly; so is their sum over blocks, in both tails.
    """
    alpha = asked.level / (asked.dimension * (len(BLOCKS) + len(LONGER)))
    freedom = asked.cells - 1
    blocks = grown(lambda n: variance_exposed(n * freedom, alpha, asked.beta), TOLERANCE, 16)
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
