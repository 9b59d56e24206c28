"""What a sweep promises is tried: a defect of that size planted in that share of the space is found as often as it says.

The rough designs, of few points, are asked often; the full profile asks the design of a run as well, less often. Beside
them stands how often a sweep of a right sampler alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.exploration.planted import defect, refuted
from harness.exploration.promise import AGAIN, DEVIATION, designed
from harness.exploration.sweep import FRESH, sweep
from harness.questions.plan import Plan
from harness.selftest import calibration, power, sequential
from harness.selftest.tasks import Task
from harness.space.draw import Space
from harness.streams import stream

NAME, METHOD = "the sweep of a planted defect", "two-stage sweep"
PIECE = {"quick": 100, "full": 25}
"""Sweeps of a task, at most; in the quick form it ends where more of them could not matter."""
BLOCK = 10
SECONDS = 0.012
"""What a point takes, about."""


@dataclass(frozen=True)
class Promise:
    """A defect that fills ``share`` of the space is found with probability 1 - ``beta``, asked by so many sweeps."""

    share: float
    beta: float
    sweeps: int


PROMISES = {
    "quick": (Promise(0.3, 0.1, 100),),
    "full": (Promise(0.3, 0.1, 1000), Promise(0.1, 0.01, 500), Promise(0.02, 1e-3, 50)),
}
RIGHT = {"quick": Promise(0.3, 0.1, 100), "full": Promise(0.3, 0.1, 2000)}
"""Sweeps of a right sampler; their levels are the nominal ones of calibration.csv."""


@dataclass(frozen=True)
class Piece:
    """Some of the sweeps of a promise, from a number on; ``planted`` or of a right sampler."""

    promise: Promise
    planted: bool
    start: int
    sweeps: int
    curtailed: bool = False


def pieces(profile: str) -> list[Piece]:
    """Return all sweeps of a profile in pieces."""
    asked = [*((one, True) for one in PROMISES[profile]), (RIGHT[profile], False)]
    return [
        Piece(one, planted, start, min(PIECE[profile], one.sweeps - start), profile == "quick")
        for one, planted in asked
        for start in range(0, one.sweeps, PIECE[profile])
    ]


def tasks(found: Sequence[Piece], plan: Plan) -> list[Task]:
    """Return one task for every piece."""
    level, seed = plan.alpha, plan.options.seed
    return [
        Task(f"{_name(one)}, from sweep {one.start}", measure, (one, level, seed), one.sweeps * _points(one) * SECONDS)
        for one in found
    ]


def _name(piece: Piece) -> str:
    return f"{NAME if piece.planted else 'the sweep of a right sampler'}, share {piece.promise.share:g}"


def _points(piece: Piece) -> int:
    return designed(piece.promise.share, 1e-9, piece.promise.beta).points


def measure(piece: Piece, level: float, seed: int) -> tuple[float, ...]:
    """Return 0 for each sweep that refutes the planted defect at the level and 1 for others; else the p-values."""
    design = designed(piece.promise.share, level * FRESH / AGAIN, piece.promise.beta)
    numbers = range(piece.start, piece.start + piece.sweeps)
    seeds = [int(stream(seed, "promise", _name(piece), number).integers(2**62)) for number in numbers]
    if piece.planted:
        wrong = defect(piece.promise.share, DEVIATION, design.draws)
        missed: list[float] = []
        for one in seeds:
            missed.append(float(not refuted(wrong, design, level, one)))
            if piece.curtailed and len(missed) % BLOCK == 0 and settled(missed, piece.promise):
                break
        return tuple(missed)
    space = Space(defect(0.0, DEVIATION, design.draws), "index", design.draws)
    found = [sweep(space, design, level, stream(one, "right")) for one in seeds]
    return tuple(calibration.p_of(one) for one in found)


def settled(missed: Sequence[float], promise: Promise) -> bool:
    """Tell whether the share of misses lies below what all of the promise's sweeps would find too high."""
    return sequential.settled(round(sum(missed)), len(missed), promise.beta, promise.sweeps)


def power_rows(found: Sequence[Piece], measured: Sequence[Sequence[float]]) -> Iterable[dict[str, Any]]:
    """Yield rows of power.csv: one for each promise, its n the points of a sweep."""
    for promise in dict.fromkeys(one.promise for one in found if one.planted):
        sweeps = _joined(found, measured, promise, planted=True)
        yield power.row_of(
            (NAME, METHOD, f"{DEVIATION:g} off in {promise.share:g} of the space"),
            (promise.share, designed(promise.share, 1e-9, promise.beta).points, 1 - promise.beta),
            (sum(p == 0 for p in sweeps), len(sweeps)),
        )


def alarm_rows(found: Sequence[Piece], measured: Sequence[Sequence[float]]) -> Iterable[dict[str, Any]]:
    """Yield rows of calibration.csv, one for each nominal level."""
    for promise in dict.fromkeys(one.promise for one in found if not one.planted):
        p_values = _joined(found, measured, promise, planted=False)
        for nominal in calibration.NOMINAL:
            alarms = sum(p <= nominal for p in p_values)
            yield calibration.row("the sweep of a right sampler", METHOD, nominal, alarms, len(p_values))


def _joined(
    found: Sequence[Piece], measured: Sequence[Sequence[float]], promise: Promise, *, planted: bool
) -> list[float]:
    return [
        value
        for one, values in zip(found, measured, strict=True)
        if one.promise == promise and one.planted is planted
        for value in values
    ]
