"""Under its law a statistic is a few independent multinomial tables: simulated straight, so that n draws cost nothing.

``null(method, n)`` says which tables, by the method's type; a method that it does not know is calibrated by real draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from harness.arrays import Floats, Ints
from harness.methods import (
    ChiSquare,
    DyadicTails,
    Homogeneity,
    KolmogorovSmirnov,
    OneOf,
    PairTables,
    PooledCells,
    SupportMethod,
    Tables,
)
from harness.statistics import Counts, Statistic, Support, UniformBins
from harness.statistics.uniforms import DYADIC

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


@singledispatch
def null(method: Any, n: int) -> Null | None:
    """Return what ``method``'s statistics are for n draws of its law; None for unknown methods."""
    return None


@null.register
def _(method: ChiSquare, n: int) -> Null:
    shape, p = method.probabilities.shape, unit(method.probabilities)
    return Null(
        n,
        (Table(n // method.draws_per_unit, p),),
        lambda size, tables: (Counts(size, tables[0].reshape(shape)),),
    )


@null.register
def _(method: OneOf, n: int) -> Null:
    return Null(n, (Table(n, unit(method.laws[0])),), lambda size, tables: (Counts(size, tables[0]),))


@null.register
def _(method: PooledCells, n: int) -> Null:
    return Null(n, (Table(n, unit(method.probabilities)),), lambda size, tables: (Counts(size, tables[0]),))


@null.register
def _(method: Homogeneity, n: int) -> Null:
    table = Table(n, unit(method.probabilities))
    return Null(n, (table, table), lambda size, tables: (Counts(size, tables[0]), Counts(size, tables[1])))


@null.register
def _(method: PairTables, n: int) -> Null:
    used = [i for i, pairs in enumerate(method.pairs) if pairs]
    cells = method.cells**2
    tables = tuple(Table(n * method.pairs[i], np.full(cells, 1 / cells)) for i in used)

    def build(size: int, found: Sequence[Ints]) -> tuple[Statistic, ...]:
        counts = np.zeros((len(method.pairs), method.cells, method.cells), np.int64)
        for i, table in zip(used, found, strict=True):
            counts[i] = table.reshape(method.cells, method.cells)
        return (Counts(size, counts),)

    return Null(n, tables, build)


@null.register
def _(method: Tables, n: int) -> Null:
    """Blocks that share coordinates are simulated as if they did not: a union bound over tables never asks."""
    if method.blocks is None:
        p, count = unit(method.probabilities), method.tables
    else:
        count = len(method.blocks.members)
        p = np.full(method.blocks.cells**method.blocks.width, float(method.blocks.cells) ** -method.blocks.width)
    table = Table(n // method.draws_per_unit, p)
    return Null(n, (table,) * count, lambda size, tables: (Counts(size, np.stack(tables)),))


@null.register
def _(method: KolmogorovSmirnov, n: int) -> Null:
    p = np.full(method.bins, 1 / method.bins)

    def build(size: int, found: Sequence[Ints]) -> tuple[Statistic, ...]:
        none = np.zeros((len(found), DYADIC), np.int64)
        return (UniformBins(size, np.stack(found), none, none, np.zeros(len(found), np.int64)),)

    return Null(n, tuple(Table(n * repeat, p) for repeat in method.repeats), build)


@null.register
def _(method: DyadicTails, n: int) -> Null:
    first = method.bins.bit_length() - 1
    p = dyadic_masses(first)

    def build(size: int, found: Sequence[Ints]) -> tuple[Statistic, ...]:
        low, high = (np.zeros((len(found), DYADIC), np.int64) for _ in range(2))
        span = DYADIC - first
        for column, table in enumerate(found):
            low[column, first:], high[column, first:] = table[:span], table[-span:]
        empty = np.zeros((len(found), method.bins), np.int64)
        return (UniformBins(size, empty, low, high, np.zeros(len(found), np.int64)),)

    return Null(n, tuple(Table(n * repeat, p) for repeat in method.repeats), build)


@null.register
def _(method: SupportMethod, n: int) -> Null:
    return Null(n, (), lambda size, tables: (Support(size),))


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
