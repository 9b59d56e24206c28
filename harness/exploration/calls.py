"""A point is drawn as it says: in calls of its size, by its door, from logits that lie in memory as its layout has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.bind import called, checked
from harness.draws.rows import drafted, with_drafts
from harness.errors import SamplerFault
from harness.interrupts import contained
from harness.questions.case import Case
from harness.questions.check import Scenario
from harness.samplers.registry import Sampler
from harness.space.layouts import LAYOUTS
from harness.space.point import Point


@dataclass(frozen=True)
class Drawn:
    """``draws`` is (calls, size, rows) indices or (calls, size, rows, K) floats; rows is 1 for a sampler of one row.

    Rankings are (calls, size, 1, m), speculative steps (calls, size, 1, 3 g + 2) with drafts and what completes them.
    ``changed`` says that a call changed the logits that it was given.
    """

    draws: NDArray[Any]
    changed: bool = False


def batch_of(point: Point, logits: Floats) -> Floats:
    """Return the (rows, K) logits of a batch: each row has the logits of the one before, moved by one category."""
    return np.stack([np.roll(logits, row) for row in range(point.rows)])


def draw_at(sampler: Sampler, emits: str, point: Point, n: int, rng: np.random.Generator) -> Drawn:
    """Return at least n draws of a point (none, if its calls are empty); raises SamplerFault.

    A sampler may refuse a layout or an empty call by raising; then the point is drawn from plain logits, or not at all.
    """
    case = point.case(emits, sampler.form(emits).terms)
    calls = -(-n // (max(point.call, 1) * max(point.rows, 1))) if point.call else 1
    try:
        return _drawn(sampler, emits, point, case, calls, rng)
    except SamplerFault as fault:
        if not str(fault).startswith("raised"):
            raise
        if point.call == 0:
            return Drawn(_empty(emits, point))
        if point.layout == "plain":
            raise
    return _drawn(sampler, emits, point.but(layout="plain"), case, calls, rng)


def _drawn(sampler: Sampler, emits: str, point: Point, case: Case, calls: int, rng: np.random.Generator) -> Drawn:
    if point.door == "prepared":
        return Drawn(_prepared(sampler, emits, point, case, calls, rng))
    if emits == "speculative":
        return _verified(sampler, point, case, calls, rng)
    form, rows = sampler.form(emits), point.rows
    width = point.m if emits == "ranking" else point.k
    logits = batch_of(point, case.logits) if rows else case.logits
    given, made = LAYOUTS[point.layout](logits), []
    parameters = Scenario(sampler, emits, case).parameters
    with np.errstate(all="ignore"):
        for _ in range(calls):
            found = called(form.draw, given, point.call, rng, parameters)
            made.append(checked(found, point.call, emits, width, rows))
    draws = np.stack(made)
    return Drawn(draws if rows else draws[:, :, None], not np.array_equal(given, logits))


def _prepared(
    sampler: Sampler, emits: str, point: Point, case: Case, calls: int, rng: np.random.Generator
) -> NDArray[Any]:
    prepare = sampler.form(emits).prepare
    assert prepare is not None, "the point has a door that the form lacks"
    with contained():
        fill = prepare(case.logits.copy(), **Scenario(sampler, emits, case).parameters)
    shape = (calls, point.call, 1) if emits == "index" else (calls, point.call, 1, point.k)
    out = np.empty(shape, np.intp if emits == "index" else np.float64)
    for one in out:
        with contained():
            fill(one[:, 0], rng)
    return out


def _verified(sampler: Sampler, point: Point, case: Case, calls: int, rng: np.random.Generator) -> Drawn:
    """Draw drafts, call for what is committed, and append what completes it; tables lie in memory as the layout has them."""
    assert case.drafts is not None
    scenario, made, own = Scenario(sampler, "speculative", case), [], np.random.default_rng(rng.integers(0, 2**63, 4))
    tables = [LAYOUTS[point.layout](table) for table in case.drafts()]
    changed, whole = False, drafted(scenario, calls * point.call, own).reshape(calls, point.call, point.drafts)
    for x in whole:
        given = x.copy()
        with np.errstate(all="ignore"), contained():
            found = sampler.form("speculative").draw(given, *tables, rng=rng)
        made.append(checked(found, point.call, "speculative", point.drafts + 1))
        changed |= not np.array_equal(given, x)
    changed |= any(not np.array_equal(one, other) for one, other in zip(tables, case.drafts(), strict=True))
    flat, tokens = whole.reshape(-1, point.drafts), np.concatenate(made)
    rows = with_drafts(flat, tokens, scenario, own)
    return Drawn(rows.reshape(calls, point.call, 1, rows.shape[1]), changed)


def _empty(emits: str, point: Point) -> NDArray[Any]:
    shape = (1, 0, max(point.rows, 1))
    return np.empty(shape, np.intp) if emits == "index" else np.empty((*shape, point.k))
