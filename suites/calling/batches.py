"""A row of a batch has its own law at every place, in a batch of any size, beside any neighbours, and its own noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.arrays import Floats
from harness.methods.cells import grown, shift
from harness.methods.tails import binomial_two_sided
from harness.questions.check import Evidence
from suites.calling.bits import told
from suites.calling.caller import Caller
from suites.calling.dependence import own
from suites.calling.doors import Asked, held
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
    found, impossible = [], ""
    for place in every:
        drawn = caller.shaped(n, rng, place.batch.copy())[:, place.at]
        seen = told(asked.scenario, np.ascontiguousarray(drawn))
        impossible = impossible or (f"{place.words}: {seen.impossible}" if seen.impossible else "")
        found += [(p, effect, place.words) for p, effect in held(asked, seen.cells, spread)] if seen.cells.size else []
    p, effect, where = min(found, default=(1.0, 0.0, ""))
    return Evidence(
        statistic=effect,
        p_value=min(1.0, tests * p),
        effect=effect,
        n=n * len(every),
        resolution=asked.law.detectable(n, asked.level / tests, asked.beta),
        impossible=impossible,
        notes={"where": where},
    )


def any_two_rows(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Count agreements of any two of 64 equal rows, in one step and in steps up to three apart: exactly fair coins."""
    caller, spread = Caller(asked.scenario), own(rng)
    tests = asked.dimension * (ROWS * (ROWS - 1) // 2 + ROWS**2 * (len(STEPS) - 1))
    n = grown(lambda m: _exposed(asked, m, tests), TOLERANCE["any-two-rows"], 16)
    steps = n + max(STEPS)
    drawn = caller.shaped(steps, rng, np.tile(asked.scenario.case.logits, (ROWS, 1)))
    seen = told(asked.scenario, drawn.reshape(-1, *drawn.shape[2:]))
    if seen.impossible:
        return Evidence(n=steps * ROWS, impossible=seen.impossible)
    found = []
    for j, bits in enumerate(seen.bits(spread)):
        x = signs(bits.reshape(steps, ROWS))
        for apart in STEPS:
            sums = x[:n].T @ x[apart : apart + n]  # whole numbers below 2^24
            sums = np.triu(sums, 1) if apart == 0 else sums
            one, other = np.unravel_index(int(np.argmax(np.abs(sums))), sums.shape)
            found.append((float(sums[one, other]), f"coordinate {j}, rows {one} and {other}, {apart} steps apart"))
    total, where = max(found, key=lambda item: abs(item[0]))
    return Evidence(
        statistic=total / n,
        p_value=min(1.0, float(binomial_two_sided((n + total) / 2, n, 0.5)) * tests),
        effect=abs(total) / n,
        n=steps * ROWS,
        resolution=_exposed(asked, n, tests),
        notes={"where": where},
    )


def _exposed(asked: Asked, n: int, tests: int) -> float:
    """Return the share of a row's draws, repeated by another, that so many steps expose."""
    kept = 1.0 if asked.scenario.emits != "index" else asked.kept
    return 2 * shift(n, 0.5, asked.level / tests, asked.beta) / kept
