"""Short calls have the whole law, not only its winners; and what ``prepare`` returns draws what the function draws.

Where a form has a prepared fill, short calls are made by it: those by the function are asked for their categories by the
suite of calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.bind import BATCH, bind
from harness.interrupts import contained
from harness.methods import ChiSquare
from harness.methods.scores import normal_scores
from harness.methods.tails import binomial_two_sided, chi_square_survival
from harness.questions.check import Evidence, Scenario
from suites.calling.bits import Told, told
from suites.calling.caller import Caller
from suites.calling.dependence import own

SHORT = range(1, 9)
"""Draws (or steps) of a short call."""
SIZES = (1, 2, 3, 7, 33, 100, 1000, 4097)
"""Draws of the calls that both doors get, in turn."""
TOLERANCE = {"short-calls": 0.6, "prepared": 0.05}


@dataclass(frozen=True)
class Asked:
    """A scenario with its cells' probabilities, how many coordinates it has, and the level that its checks are held to."""

    scenario: Scenario
    masses: Floats
    dimension: int
    level: float
    beta: float

    @property
    def kept(self) -> float:
        """What the bits of categories keep of an agreement."""
        return Told(np.zeros((1, 0), np.intp), self.masses).kept

    @property
    def law(self) -> ChiSquare:
        """The test of one coordinate's cells."""
        return ChiSquare(self.masses)

    def required(self, tolerance: float, tests: int) -> int:
        """Return the draws that expose the tolerance in one coordinate, in one of so many tests."""
        return self.law.required(tolerance, self.level / tests, self.beta)


def short_calls(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Hold the first and the last draws of calls of each size to the law, and to chance with one another.

    Each draw is also compared with the one at its place in the call before. A row of a batch is a coordinate.
    """
    rows = BATCH if asked.scenario.sampler.batch else 1
    tests = len(SHORT) * 4 * asked.dimension * rows
    calls = asked.required(TOLERANCE["short-calls"], tests)
    spread, draw = own(rng), bind(asked.scenario)
    found, impossible = [], ""
    for size in SHORT:
        made = np.concatenate([draw(size * rows, rng).copy() for _ in range(calls)])
        seen = told(asked.scenario, made)
        impossible = impossible or seen.impossible
        if seen.impossible:  # what is left does not stand in its place any more
            continue
        shaped = np.moveaxis(seen.cells.reshape(-1, calls, size, rows), 3, 1).reshape(-1, calls, size)
        found += [(p, effect, f"{name} of {size}") for p, effect, name in _of_size(asked, seen, shaped, spread)]
    p, effect, where = min(found, default=(1.0, 0.0, ""))
    return Evidence(
        statistic=effect,
        p_value=min(1.0, tests * p),
        effect=effect,
        n=calls * sum(SHORT) * rows,
        resolution=asked.law.detectable(calls, asked.level / tests, asked.beta),
        impossible=impossible,
        notes={"where": where},
    )


def _of_size(
    asked: Asked, seen: Told, cells: NDArray[np.intp] | NDArray[np.uint8], spread: np.random.Generator
) -> Iterator[tuple[float, float, str]]:
    """Yield p-values, effects and places of (d, calls, size) cells."""
    bits = Told(cells, seen.masses).bits(spread)
    places = {"first": cells[:, :, 0], "last": cells[:, :, -1]} if cells.shape[2] > 1 else {"only": cells[:, :, 0]}
    for name, drawn in places.items():
        yield from (
            (p, effect, f"coordinate {j}, {name} draw") for j, (p, effect) in enumerate(held(asked, drawn, spread))
        )
    pairs = {"the call before": (bits[:, 1:], bits[:, :-1])}
    if cells.shape[2] > 1:
        pairs["the first draw"] = (bits[:, :, -1:], bits[:, :, :1])
    for name, (one, other) in pairs.items():
        agreed, total = (one == other).sum(axis=(1, 2)), one[0].size
        for j, p in enumerate(binomial_two_sided(agreed, total, 0.5)):
            yield float(p), float(abs(2 * agreed[j] / total - 1)), f"coordinate {j} beside {name}"


def held(
    asked: Asked, cells: NDArray[np.intp] | NDArray[np.uint8], spread: np.random.Generator
) -> Iterator[tuple[float, float]]:
    """Yield the p-value of the exact chi-square, and the total variation, of each coordinate of (d, n) cells."""
    pool, masses = asked.law.pooled(cells.shape[1])
    counts = np.stack([np.bincount(pool[row], minlength=masses.size) for row in cells])
    scores = normal_scores(counts, masses, spread)
    for row, total in zip(counts, np.sum(scores**2, axis=1), strict=True):
        seen = 0.5 * float(np.abs(row / row.sum() - masses).sum())
        yield float(chi_square_survival(total, masses.size - 1)), seen


def prepared(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Hold what the function and what the prepared fill draw, in calls of many sizes, to the law; every row is written."""
    tests = 2 * asked.dimension
    n = asked.required(TOLERANCE["prepared"], tests)
    spread, sizes = own(rng), _sizes(n)
    doors = {
        "the function": _called(asked.scenario, sizes, rng),
        "the prepared fill": _filled(asked.scenario, sizes, rng),
    }
    found, impossible = [], ""
    for name, draws in doors.items():
        seen = told(asked.scenario, draws)
        impossible = impossible or (f"{name}: {seen.impossible}" if seen.impossible else "")
        every = enumerate(held(asked, seen.cells, spread))
        found += [(p, effect, f"{name}, coordinate {j}") for j, (p, effect) in every]
    p, effect, where = min(found)
    return Evidence(
        statistic=effect,
        p_value=min(1.0, tests * p),
        effect=effect,
        n=2 * sum(sizes),
        resolution=asked.law.detectable(sum(sizes), asked.level / tests, asked.beta),
        impossible=impossible,
        notes={"where": where},
    )


def _sizes(n: int) -> list[int]:
    """Return sizes in turn that add up to n at least."""
    made: list[int] = []
    turn = cycle(SIZES)
    while sum(made) < n:
        made.append(next(turn))
    return made


def _called(scenario: Scenario, sizes: list[int], rng: np.random.Generator) -> NDArray[Any]:
    caller = Caller(scenario)
    return np.concatenate([caller(size, rng) for size in sizes])


def _filled(scenario: Scenario, sizes: list[int], rng: np.random.Generator) -> NDArray[Any]:
    """Fill parts of one array with one fill; a row that is not written stays impossible."""
    form, logits = scenario.sampler.form(scenario.emits), scenario.case.logits
    assert form.prepare is not None
    index, n = scenario.emits == "index", sum(sizes)
    out = np.full(n, -1, np.intp) if index else np.full((n, logits.size), np.nan)
    with contained():
        fill = form.prepare(logits.copy(), **scenario.parameters)
        at = 0
        for size in sizes:
            fill(out[at : at + size], rng)
            at += size
    return out
