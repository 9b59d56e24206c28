"""A row of a batch has its own law at every place, in a batch of any size, beside any neighbours, and its own noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.arrays import Bools, Floats
from harness.methods.cells import grown
from harness.questions.check import Evidence
from suites.calling import shown
from suites.calling.asked import Asked, agree, own
from suites.calling.bits import told
from suites.calling.caller import Caller
from suites.calling.doors import Held, held, worst
from suites.calling.lags import signs

SIZES = (1, 2, 3, 5, 8, 16, 33, 64)
"""Rows of a batch."""
ROWS, STEPS = 64, (0, 1, 2, 3)
"""Rows of one batch whose noise is compared in twos, and how many steps lie between."""
FAR = 1e3
"""Nats by which neighbours may lie above a row."""
TOLERANCE = {"any-place": 0.3, "any-two-rows": 0.3}


@dataclass(frozen=True)
class Place:
    """A batch (B, K) and the place in it of the row that is asked."""

    batch: Floats
    at: int
    words: str


def places(row: Floats) -> Iterator[Place]:
    """Yield the row first, in the middle and last in batches of every size, among neighbours of each kind."""
    certain = np.where(np.arange(row.size) == 0, 0.0, -np.inf)
    kinds = {
        "like it": row,
        "that are certain": certain,
        "that are flat": np.zeros(row.size),
        "far above it": row + FAR,
    }
    for rows in SIZES:
        for at in sorted({0, rows // 2, rows - 1}):
            for kind, other in kinds.items() if rows > 1 else [("like it", row)]:
                batch = np.tile(other, (rows, 1))
                batch[at] = row
                yield Place(batch, at, f"row {at} of {rows} among rows {kind}")


def any_place(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Hold one row to its law wherever it stands."""
    caller, spread = Caller(asked.scenario), own(rng)
    every = list(places(asked.scenario.case.logits))
    tests = len(every) * asked.dimension
    n = asked.required(TOLERANCE["any-place"], tests)
    found, impossible = list[Held](), ""
    for place in every:
        drawn = caller.shaped(n, rng, place.batch.copy())[:, place.at]
        seen = told(asked.scenario, np.ascontiguousarray(drawn))
        impossible = impossible or (f"{place.words}: {seen.impossible}" if seen.impossible else "")
        found += held(asked, seen.cells, spread, place.words) if seen.cells.size else []
    return worst(found, asked.level / tests).evidence(
        asked,
        tests,
        n=n * len(every),
        resolution=asked.law.detectable(n, asked.level / tests, asked.beta),
        impossible=impossible,
    )


def any_two_rows(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Count agreements of any two of 64 equal rows, in one step and up to three apart: coins, fair but for rounding.

    Where that makes bits unfair, a row is not held against itself: agreements of a series with its later part depend.
    """
    caller, spread = Caller(asked.scenario), own(rng)
    tests = asked.dimension * (ROWS * (ROWS - 1) // 2 + ROWS**2 * (len(STEPS) - 1))
    n = grown(lambda m: asked.exposed(m, tests), TOLERANCE["any-two-rows"], 16)
    steps = n + max(STEPS)
    drawn = caller.shaped(steps, rng, np.tile(asked.scenario.case.logits, (ROWS, 1)))
    seen = told(asked.scenario, drawn.reshape(-1, *drawn.shape[2:]))
    if seen.impossible:
        return Evidence(n=steps * ROWS, impossible=seen.impossible)
    sums = _sums(seen.bits(spread), steps, n)
    if asked.unfair:
        sums[..., np.arange(ROWS), np.arange(ROWS)] = 0.0
    j, apart, one, other = (int(at) for at in np.unravel_index(int(np.argmax(np.abs(sums))), sums.shape))
    total = float(sums[j, apart, one, other])
    said = f"{asked.coordinate(j)}rows {one} and {other}" + (f", {STEPS[apart]} steps apart," if STEPS[apart] else "")
    return Evidence(
        statistic=total / n,
        p_value=min(1.0, float(asked.coins((n + total) / 2, n)) * tests),
        effect=abs(total) / n,
        n=steps * ROWS,
        resolution=asked.exposed(n, tests),
        notes={"where": f"coordinate {j}, rows {one} and {other}, {STEPS[apart]} steps apart"},
        seen=asked.at(f"{agree(said, (n + total) / 2, n)}, one call of {steps:,} steps of {ROWS} rows"),
        exhibit=_exhibit(asked, sums, n, tests),
    )


def _sums(bits: Bools, steps: int, n: int) -> Floats:
    """Return the sums of products of signs, (d, steps apart, row, later row): whole numbers; 0 for what is not asked."""
    made = np.zeros((len(bits), len(STEPS), ROWS, ROWS))
    for j, coordinate in enumerate(bits):
        x = signs(coordinate.reshape(steps, ROWS))
        for i, apart in enumerate(STEPS):
            sums = x[:n].T @ x[apart : apart + n]
            made[j, i] = np.triu(sums, 1) if apart == 0 else sums
    return made


def _exhibit(asked: Asked, sums: Floats, n: int, tests: int) -> shown.Exhibit:
    """Return the pairs of rows that agree least probably."""

    def name(i: int) -> str:
        j, apart, one, other = (int(at) for at in np.unravel_index(i, sums.shape))
        steps = f", {STEPS[apart]} steps apart" if STEPS[apart] else ""
        return f"{asked.coordinate(j)}rows {one} and {other}{steps}"

    title, due = "Two rows on the same side", 0.5 + asked.unfair
    return shown.counted(title, name, (n + sums.ravel()) / 2, n, due, tests)
