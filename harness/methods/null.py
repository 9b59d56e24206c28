"""Under its law a statistic is a few independent multinomial tables: simulated straight, so that n draws cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.arrays import Floats, Ints
from harness.statistics import Statistic
from harness.statistics.uniforms import DYADIC

REPLICATE = 3e-4
"""CPU-seconds that a replicate takes at least, both looks together, on one core of a machine of 2023."""
Build = Callable[[int, Sequence[Ints]], tuple[Statistic, ...]]


@dataclass(frozen=True, eq=False)
class Table:
    """``units`` outcomes over cells of probabilities (C,)."""

    units: int
    probabilities: Floats

    def draw(self, rng: np.random.Generator) -> Ints:
        """Return one multinomial table (C,)."""
        return rng.multinomial(self.units, self.probabilities).astype(np.int64, copy=False)


@dataclass(frozen=True, eq=False)
class Null:
    """Independent tables, and ``build(n, tables)`` that makes the method's statistics of them."""

    n: int
    tables: tuple[Table, ...]
    build: Build

    @property
    def cells(self) -> int:
        """The number of cells of all tables."""
        return sum(table.probabilities.size for table in self.tables)

    def draw(self, rng: np.random.Generator) -> tuple[Ints, ...]:
        """Return one set of tables."""
        return tuple(table.draw(rng) for table in self.tables)

    def statistics(self, tables: Sequence[Ints]) -> tuple[Statistic, ...]:
        """Return the method's statistics of tables for this many draws."""
        return self.build(self.n, tables)


def null(method: Any, n: int) -> Null | None:
    """Return what ``method``'s statistics are for n draws of its law; None if it does not say."""
    law: Null | None = method.null(n) if hasattr(method, "null") else None
    return law


def seconds(law: Null, cell: float, scored: float = 0.0, units: float = 1.0) -> float:
    """Return the CPU-seconds of a replicate, about: ``cell`` for each cell of its tables.

    To it comes ``scored`` for each cell that expects so many units at least: it is not pooled, or not empty.
    """
    return REPLICATE + cell * law.cells + scored * min(law.cells, law.n / units)


def dyadic_masses(first: int) -> Floats:
    """Return the masses of the dyadic cells of the low end, of the middle, and of the high end, cells from 2^-first on."""
    powers = np.arange(first, DYADIC)
    cells = np.where(powers < DYADIC - 1, 2.0 ** -(powers + 1), 2.0**-powers)
    return np.concatenate([cells, [1 - 2 * 2.0**-first], cells])


def unit(probabilities: Floats) -> Floats:
    """Return probabilities as a flat array whose sum is 1 to the last bit that ``multinomial`` looks at."""
    flat = probabilities.ravel().astype(np.float64)
    normed: Floats = flat / flat.sum()
    return normed
