"""A method's power is tried against its null law with one table changed, off by the tolerance in the method's own unit.

The worst alternative for a chi-square moves mass in proportion to the probabilities, where Cauchy-Schwarz is an
equality; a concentrated one moves all of it between two categories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Bools, Floats
from harness.methods.null import Null

MANY = 50
"""Cells that gain from which on it matters which they are."""
Changes = Iterable[tuple[str, Floats]]
Alternatives = Iterator[tuple[str, Null]]


def changed(law: Null, table: int, changes: Callable[[Floats], Changes]) -> Alternatives:
    """Yield, by name, the law with one table's probabilities changed; a change below zero is no law and left out."""
    if not law.tables:
        return
    one, place = law.tables[table], table % len(law.tables)
    for name, q in changes(one.probabilities):
        if (q >= 0).all():
            other = replace(one, probabilities=q / q.sum())
            yield name, replace(law, tables=(*law.tables[:place], other, *law.tables[place + 1 :]))


def mass_moved(p: Floats, t: float, pools: tuple[NDArray[np.intp], Floats] | None = None) -> Changes:
    """Yield p (C,) at a total variation t; ``pools`` are the method's: within a pool it does not promise to see."""
    if (p > 0).sum() < 2:
        return
    cell, masses = pools or (np.arange(p.size), p)
    half = balanced(masses)[cell] & (cell >= 0)
    yield "in proportion", shifted(p, half, t)
    if half.sum() >= MANY:
        yield "in proportion, a random half", shifted(p, balanced(masses, shuffled=True)[cell] & (cell >= 0), t)
    yield "likeliest to rarest", moved(p, int(np.argmax(p)), _rarest(p), t)
    yield "second likeliest to likeliest", moved(p, int(np.argsort(-p, kind="stable")[1]), int(np.argmax(p)), t)


def balanced(p: Floats, *, shuffled: bool = False) -> Bools:
    """Return a set of cells of mass near one half, the likeliest ones first wherever they fit, or in a random order.

    Scores are conditional on what is left: only where cells that gain lie among cells that lose does each one carry its
    share of the change, and cells that expect few lose some of theirs.
    """
    chosen, mass = np.zeros(p.size, np.bool_), 0.0
    order = (
        np.random.default_rng(p.size).permutation(np.flatnonzero(p > 0)) if shuffled else np.argsort(-p, kind="stable")
    )
    for k in order[: max(1, int((p > 0).sum()) - 1)]:
        if mass + p[k] <= 0.5 or mass == 0.0:
            chosen[k], mass = True, mass + float(p[k])
    return chosen


def shifted(p: Floats, cells: Bools, t: float) -> Floats:
    """Return p with t more mass in these cells and less outside, in proportion on either side."""
    inside = float(p[cells].sum())
    made: Floats = p * np.where(cells, 1 + t / inside, 1 - t / (1 - inside))
    return made


def moved(p: Floats, source: int, target: int, t: float) -> Floats:
    """Return p with mass t moved from one cell to another."""
    q = p.copy()
    q[source] -= t
    q[target] += t
    return q


def _rarest(p: Floats) -> int:
    """Return the last of the least likely cells: among equals not the one that counts as the likeliest."""
    return p.size - 1 - int(np.argmin(np.where(p > 0, p, np.inf)[::-1]))
