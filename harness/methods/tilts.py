"""Tables from the far tail of their law, each with its exact weight: law over proposal.

Two proposals, each unbiased:

* ``Battery``: batteries of exact tests alarm if one of many binomial events happens. Draw an event in proportion to its
  exact probability, then the table given that event, and weigh by the number of events that the table shows: the total
  of the probabilities over that number [1, eq. (7)]. The variance is bounded.
* ``Spread``: for sums of squared scores, tables from a Dirichlet-multinomial around the law, spread until the statistic is
  typically at its critical value. Its probabilities are known in closed form.

[1] Naiman and Wynn 1997, "Abstract tubes, improved inclusion-exclusion identities and inequalities and importance
    sampling", Annals of Statistics 25(5); the estimator for unions goes back to Karp and Luby 1983.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Ints
from harness.laws import special
from harness.methods.null import Null, Table

TOGETHER = 4
"""Cells up to which two tables that are spread at once keep a variance worth having: all that they share is in vain."""


class Proposal(Protocol):
    """Draws tables from the tail, each with its weight; ``thrift`` is by how much fewer of them do."""

    thrift: int

    def draw(self, rng: np.random.Generator) -> tuple[list[Ints], float]:
        """Return tables, and the density of the law over that of the proposal."""


Part = tuple[int, NDArray[np.bool_], float, float]
"""A binomial test of a battery: its table, its cells, their probability, its share of the level."""


def spread(law: Null, level: float, cells: int, *, together: bool = False) -> Spread | None:
    """Return a ``Spread``; None where weights would vary too much for ``cells``, or nothing is counted."""
    if max(table.probabilities.size for table in law.tables) < 2:
        return None
    return Spread(law, level, together) if law.cells <= (TOGETHER if together else cells) else None


class Spread:
    """Tables of which some are Dirichlet-multinomial, A p, so spread that chi-square is typically critical.

    One at a time is spread, or all at once where tables are held ``together`` against each other, as then each gives way
    by half. Now and then none is, which bounds the weights by the number of choices, whatever the method.
    """

    thrift = 1

    def __init__(self, law: Null, level: float, together: bool = False) -> None:
        self.law = law
        self.spreads = [_concentration(table, level) for table in law.tables]
        every = frozenset(range(len(law.tables)))
        self.choices = [frozenset[int](), *([every] if together else [frozenset({i}) for i in sorted(every)])]

    def draw(self, rng: np.random.Generator) -> tuple[list[Ints], float]:
        """Return tables and their weight: law over the mixture of choices, by the log-ratio of each table."""
        spread = self.choices[int(rng.integers(len(self.choices)))]
        tables, ratios = [], []
        for i, (table, concentration) in enumerate(zip(self.law.tables, self.spreads, strict=True)):
            p = table.probabilities
            if i in spread:
                gammas = rng.standard_gamma(concentration * p)
                p = gammas / gammas.sum()
            counts = rng.multinomial(table.units, p).astype(np.int64, copy=False)
            tables.append(counts)
            ratios.append(_log_ratio(counts, table, concentration))
        totals = np.array([-sum(ratios[i] for i in choice) for choice in self.choices])
        return tables, float(np.exp(np.log(len(totals)) - special.logsumexp(totals)))


def _concentration(table: Table, level: float) -> float:
    """Return A with (units + A) / (1 + A), the inflation of the covariance, at critical value over degrees of freedom."""
    dof = max(int((table.probabilities > 0).sum()) - 1, 1)
    inflation = float(special.chdtri(dof, level)) / dof
    return max((table.units - inflation) / max(inflation - 1, 1e-3), 0.5)


def _log_ratio(counts: Ints, table: Table, spread: float) -> float:
    """Return log multinomial over Dirichlet-multinomial; the multinomial coefficients cancel."""
    hit = counts > 0
    k, p = counts[hit], table.probabilities[hit]
    plain = float(np.sum(k * np.log(p)))
    mixed = float(np.sum(special.gammaln(k + spread * p) - special.gammaln(spread * p)))
    mixed += float(special.gammaln(spread) - special.gammaln(spread + table.units))
    return plain - mixed


@dataclass(frozen=True, eq=False)
class Event:
    """Cells of one table and the counts in them that alarm alone: up to ``low``, from ``high`` on."""

    table: int
    cells: NDArray[np.bool_]
    mass: float
    low: int
    high: int


class Battery:
    """Tables given one of the events, weighted by the number of events that happen together; weights hardly vary."""

    thrift = 5

    def __init__(self, law: Null, level: float, parts: Sequence[Part]) -> None:
        self.law, self.level, self.parts = law, level, parts

    @cached_property
    def events(self) -> list[Event]:
        """The tests' critical counts, worked out when they are first asked for."""
        return [_event(self.law, table, cells, mass, self.level * share) for table, cells, mass, share in self.parts]

    @cached_property
    def chances(self) -> Floats:
        """The probability of each event, those of the lower tails first (2E,)."""
        units = np.array([self.law.tables[event.table].units for event in self.events], dtype=np.float64)
        masses = np.array([event.mass for event in self.events])
        lower = _at_most(np.array([event.low for event in self.events]), units, masses)
        return np.concatenate([lower, _at_least(np.array([event.high for event in self.events]), units, masses)])

    def draw(self, rng: np.random.Generator) -> tuple[list[Ints], float]:
        """Return tables and their weight."""
        total = float(self.chances.sum())
        if total == 0:
            return list(self.law.draw(rng)), 0.0
        picked = int(rng.choice(self.chances.size, p=self.chances / total))
        event = self.events[picked % len(self.events)]
        tables = [
            self._given(event, picked < len(self.events), rng) if i == event.table else table.draw(rng)
            for i, table in enumerate(self.law.tables)
        ]
        return tables, total / self._happening(tables)

    def _given(self, event: Event, lower: bool, rng: np.random.Generator) -> Ints:
        table = self.law.tables[event.table]
        k = _truncated(table.units, event.mass, event.low if lower else event.high, lower, rng)
        counts = np.zeros(table.probabilities.size, np.int64)
        for cells, units in ((event.cells, k), (~event.cells, table.units - k)):
            p = np.where(cells, table.probabilities, 0.0)
            counts += rng.multinomial(units, p / p.sum()) if units else 0
        return counts

    def _happening(self, tables: Sequence[Ints]) -> int:
        sums = ((cells @ tables[table], low, high) for table, cells, low, high in self._by_table)
        return sum(int(((k <= low) | (k >= high)).sum()) for k, low, high in sums)

    @cached_property
    def _by_table(self) -> list[tuple[int, Floats, Ints, Ints]]:
        """The events of each table: their cells (E, C), and their critical counts (E,)."""
        several = [[event for event in self.events if event.table == table] for table in range(len(self.law.tables))]
        return [
            (table, np.array([event.cells for event in events], np.float64),
             np.array([event.low for event in events]), np.array([event.high for event in events]))
            for table, events in enumerate(several) if events
        ]  # fmt: skip


def _event(law: Null, table: int, cells: NDArray[np.bool_], mass: float, level: float) -> Event:
    units = law.tables[table].units
    return Event(table, cells, mass, _critical(units, mass, level, lower=True), _critical(units, mass, level, False))


@lru_cache(maxsize=4096)
def _critical(units: int, mass: float, level: float, lower: bool) -> int:
    """Return the last count whose lower tail (the first whose upper tail) is at most half the level, by bisection."""
    inside, outside = (units // 1, -1) if lower else (0, units + 1)
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        tail = (_at_most if lower else _at_least)(np.array([middle]), np.array([units]), np.array([mass]))[0]
        inside, outside = (inside, middle) if 2 * tail <= level else (middle, outside)
    return outside


def _at_most(k: NDArray[Any], n: NDArray[Any], p: Floats) -> Floats:
    """P(X <= k), by the incomplete beta function of Cephes, not Boost's that the methods use."""
    tail: Floats = np.where(k < 0, 0.0, special.bdtr(np.clip(k, 0, n).astype(np.float64), n.astype(np.int64), p))
    return tail


def _at_least(k: NDArray[Any], n: NDArray[Any], p: Floats) -> Floats:
    """P(X >= k)."""
    tail: Floats = np.where(k > n, 0.0, special.bdtrc(np.clip(k - 1, -1, n).astype(np.float64), n.astype(np.int64), p))
    return tail


def _truncated(n: int, p: float, critical: int, lower: bool, rng: np.random.Generator) -> int:
    """Draw Binomial(n, p) given that it is at most (at least) the critical count, by inversion beyond it."""
    step = -1 if lower else 1
    k = critical + step * np.arange(min(400, critical + 1 if lower else n - critical + 1))
    log_mass = special.xlogy(k, p) + special.xlog1py(n - k, -p) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    chances = np.exp(log_mass - log_mass.max())
    return int(rng.choice(k, p=chances / chances.sum()))
