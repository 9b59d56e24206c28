"""Draws become fair bits, one a coordinate, so that agreements at any distance are fair coins exactly.

Of a continuous draw the bit of a coordinate says whether its Rosenblatt uniform is above a half; of a category, in which
of two halves of the mass it lies. Where one half is heavier, some of its draws go over to the other by chance of the
harness's own, so that the bits of a right sampler are independent and fair, whatever its law.

For bits x as signs, the products x_i x_{i+s} of a series at a distance s > 0 are independent and fair: given the first s
signs, products and signs determine one another. So are those of three, and those of two series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Bools, Floats
from harness.draws.chunk import Chunk
from harness.draws.sift import sift
from harness.questions.check import Scenario
from harness.questions.law import law_of, masses
from harness.questions.precision import SINGLE, precision

CELLS = 8
"""Equal cells of a uniform."""
BLOCK = 2**18
"""Draws that are transformed at a time."""


@dataclass(frozen=True)
class Told:
    """``cells`` (d, m) are the cells of each coordinate of m valid draws, ``masses`` (C,) their probabilities.

    ``impossible`` is the sentence of a draw that no right sampler makes; such draws are left out.
    """

    cells: NDArray[np.intp] | NDArray[np.uint8]
    masses: Floats
    impossible: str = ""

    def bits(self, rng: np.random.Generator) -> Bools:
        """Return (d, m) fair bits; ``rng`` is the harness's own."""
        side, over = halves(self.masses)
        made: Bools = side[self.cells]
        if over > 0:
            made &= rng.random(made.shape) >= over
        return made

    @property
    def kept(self) -> float:
        """The correlation of the bits of two equal draws: below 1 where some go over by chance."""
        side, over = halves(self.masses)
        heavy = float(self.masses[side].sum())
        return 1 - heavy + heavy * (1 - 2 * over) ** 2


def halves(masses: Floats) -> tuple[Bools, float]:
    """Return for each cell whether it lies in the heavier of two halves, and which share of that goes to the other.

    Where cells in their order come to a half exactly, as those of a uniform do, the halves are the lower and the upper.
    """
    below = np.cumsum(masses) - masses
    upper: Bools = below > 0.5 - 1e-12
    if abs(float(masses[upper].sum()) - 0.5) < 1e-12:
        return upper, 0.0
    side, weight = np.zeros(masses.size, bool), [0.0, 0.0]
    for cell in np.argsort(-masses, kind="stable"):
        lighter = int(weight[1] < weight[0])
        side[cell] = bool(lighter)
        weight[lighter] += float(masses[cell])
    heavier = int(weight[1] > weight[0])
    over = (weight[heavier] - 0.5) / weight[heavier]
    return (side if heavier else ~side), max(0.0, over) if over > 1e-12 else 0.0


def told(scenario: Scenario, draws: NDArray[Any]) -> Told:
    """Return the cells of draws as ``bind`` returns them: (m,) or (m, K)."""
    rows, record = sift(draws, scenario)
    impossible = f"{record.kinds[0]}: {record.examples[0]}" if record.kinds else ""
    law = law_of(scenario.emits, scenario.case, scenario.sampler.dtype)
    parts = [Chunk(rows[at : at + BLOCK], scenario.emits, law) for at in range(0, max(1, len(rows)), BLOCK)]
    if parts[0].emits == "index":
        p = masses(scenario.case, scenario.sampler.dtype)
        return Told(np.concatenate([one.index for one in parts])[None], p / p.sum(), impossible)
    cells = np.concatenate([_cells(one.uniforms) for one in parts], axis=1)
    return Told(cells, np.full(CELLS, 1 / CELLS), impossible)


def _cells(uniforms: Floats) -> NDArray[np.uint8]:
    """Return the cells (d, m) of uniforms; what is none goes to an end."""
    scaled = np.clip(np.nan_to_num(uniforms.T * CELLS, nan=0.0), 0, CELLS - 1)
    return scaled.astype(np.uint8)


def fine(scenario: Scenario) -> bool:
    """Tell whether a sampler's type is fine enough for its cells to have the probabilities of the law."""
    return precision(scenario.sampler.dtype).eps <= SINGLE
