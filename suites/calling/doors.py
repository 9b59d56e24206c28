"""Short calls have the whole law, not only its winners; and what ``prepare`` returns draws what the function draws.

Where a form has a prepared fill, short calls are made by it: those by the function are asked for their categories by the
suite of calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.draws.bind import BATCH, bind
from harness.interrupts import contained
from harness.methods.scores import normal_scores
from harness.methods.tails import binomial_two_sided, chi_square_survival
from harness.questions.check import Evidence, Scenario
from suites.calling import shown
from suites.calling.asked import Asked, agree, own
from suites.calling.bits import Told, told
from suites.calling.caller import Caller

SHORT = range(1, 9)
"""Draws (or steps) of a short call."""
SIZES = (1, 2, 3, 7, 33, 100, 1000, 4097)
"""Draws of the calls that both doors get, in turn."""
TOLERANCE = {"short-calls": 0.6, "prepared": 0.05}


@dataclass(frozen=True)
class Held:
    """What one question found: its exact p-value, how far off that is, in words, where, and the figure of it."""

    p_value: float
    effect: float
    where: str
    said: str
    exhibit: Callable[[float], shown.Exhibit]

    def evidence(self, asked: Asked, tests: int, **more: Any) -> Evidence:
        """Return the evidence of the worst of so many questions."""
        return Evidence(
            statistic=self.effect,
            p_value=min(1.0, tests * self.p_value),
            effect=self.effect,
            notes={"where": self.where},
            seen=asked.at(self.said),
            exhibit={} if more.get("impossible") else self.exhibit(tests),
            **more,
        )


NOTHING = Held(1.0, 0.0, "", "", lambda tests: {})
"""Where no draw was possible."""


def worst(found: list[Held], level: float) -> Held:
    """Return what is least probable; of several that the level refutes the one asked first, as it is the plainest."""
    refuting = (one for one in found if one.p_value <= level)
    return next(refuting, min(found, key=lambda one: one.p_value, default=NOTHING))


def short_calls(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Hold the first and the last draws of calls of each size to the law, and to chance with one another.

    Each draw is also compared with the one at its place in the call before. A row of a batch is a coordinate.
    """
    rows = BATCH if asked.scenario.sampler.batch else 1
    tests = len(SHORT) * 4 * asked.dimension * rows
    calls = asked.required(TOLERANCE["short-calls"], tests)
    spread, draw = own(rng), bind(asked.scenario)
    found, impossible = list[Held](), ""
    for size in SHORT:
        made = np.concatenate([draw(size * rows, rng).copy() for _ in range(calls)])
        seen = told(asked.scenario, made)
        impossible = impossible or (f"calls of {size}: {seen.impossible}" if seen.impossible else "")
        if seen.impossible:  # what is left does not stand in its place any more
            continue
        shaped = np.moveaxis(seen.cells.reshape(-1, calls, size, rows), 3, 1).reshape(-1, calls, size)
        found += _of_size(asked, seen, shaped, f", calls of {size}", spread)
    return worst(found, asked.level / tests).evidence(
        asked,
        tests,
        n=calls * sum(SHORT) * rows,
        resolution=asked.law.detectable(calls, asked.level / tests, asked.beta),
        impossible=impossible,
    )


def _of_size(
    asked: Asked, seen: Told, cells: NDArray[np.intp] | NDArray[np.uint8], which: str, spread: np.random.Generator
) -> Iterator[Held]:
    """Yield what (d, calls, size) cells show in calls of a size: their law by place, and their agreements."""
    bits, rows = Told(cells, seen.masses).bits(spread), len(cells) // asked.dimension
    places = {"first": cells[:, :, 0], "last": cells[:, :, -1]} if cells.shape[2] > 1 else {"only": cells[:, :, 0]}
    for name, drawn in places.items():
        yield from held(asked, drawn, spread, f"the {name} draw", which)
    pairs = {"the call before": (bits[:, 1:], bits[:, :-1])}
    if cells.shape[2] > 1:
        pairs["the first draw"] = (bits[:, :, -1:], bits[:, :, :1])
    for name, (one, other) in pairs.items():
        agreed, total = (one == other).sum(axis=(1, 2)), one[0].size
        every = [f"{asked.coordinate(j, rows)}draws beside {name}" for j in range(len(agreed))]
        exhibit = partial(shown.counted, f"Draws beside {name}{which}", every.__getitem__, agreed, total, 0.5)
        what = "the last and the first draw" if name == "the first draw" else "draws and those of the call before"
        for j, p in enumerate(binomial_two_sided(agreed, total, 0.5)):
            said = agree(f"{asked.coordinate(j, rows)}{what}", agreed[j], total)
            effect = float(abs(2 * agreed[j] / total - 1))
            yield Held(float(p), effect, every[j] + which, said + which, exhibit)


def held(
    asked: Asked,
    cells: NDArray[np.intp] | NDArray[np.uint8],
    spread: np.random.Generator,
    what: str = "draws",
    which: str = "",
) -> Iterator[Held]:
    """Yield what the exact chi-square of each coordinate of (d, n) cells shows, with its total variation.

    ``what`` was drawn ``which`` way, for the sentence.
    """
    pool, masses = asked.law.pooled(cells.shape[1])
    every = np.stack([np.bincount(row, minlength=asked.masses.size) for row in cells])
    counts = np.stack([np.bincount(pool[row], minlength=masses.size) for row in cells])
    scores, rows = normal_scores(counts, masses, spread), max(1, len(cells) // asked.dimension)
    for j, (row, total) in enumerate(zip(counts, np.sum(scores**2, axis=1), strict=True)):
        far = 0.5 * float(np.abs(row / row.sum() - masses).sum())
        where = asked.coordinate(j, rows) + what + which
        said = f"{asked.coordinate(j, rows)}{what} is {far:.2g} off in total variation, {row.sum():,} draws{which}"
        title = f"{'Eighths' if asked.dimension > 1 else 'Categories'} of {where}"
        exhibit = partial(shown.cells, title, asked.law, every[j], float(total), masses.size - 1)
        yield Held(float(chi_square_survival(total, masses.size - 1)), far, where, said, exhibit)


def prepared(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Hold what the function and what the prepared fill draw, in calls of many sizes, to the law; every row is written."""
    tests = 2 * asked.dimension
    n = asked.required(TOLERANCE["prepared"], tests)
    spread, sizes = own(rng), _sizes(n)
    doors = {
        "the function": _called(asked.scenario, sizes, rng),
        "the prepared fill": _filled(asked.scenario, sizes, rng),
    }
    found, impossible = list[Held](), ""
    for name, draws in doors.items():
        seen = told(asked.scenario, draws)
        impossible = impossible or (f"{name}: {seen.impossible}" if seen.impossible else "")
        found += held(asked, seen.cells, spread, name, f", calls of {SIZES[0]} to {max(sizes):,}")
    return worst(found, asked.level / tests).evidence(
        asked,
        tests,
        n=2 * sum(sizes),
        resolution=asked.law.detectable(sum(sizes), asked.level / tests, asked.beta),
        impossible=impossible,
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
