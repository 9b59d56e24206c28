"""Draws of one call, or of many, know nothing of each other: by twos at every distance, in every pair of coordinates."""

from __future__ import annotations

import numpy as np

from harness.methods.cells import grown
from harness.questions.check import Evidence
from suites.calling import shown
from suites.calling.afford import too_long
from suites.calling.asked import Asked, own
from suites.calling.caller import Caller
from suites.calling.copies import LEAST, WINDOW, chance, copied
from suites.calling.twos import FEWEST, distances

STEPS = 32
RETURN, PROBE = 2**16, 64
"""Calls after which counters of 16 bits come round, and calls from which it is told what so many would take."""
TOLERANCE = {"every-distance": 0.15, "across-calls": 0.4, "many-calls": 0.4}


def one_call(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Ask one call for agreements at every distance, of each coordinate with each, and for blocks that come again."""
    return _twos(asked, 1, _designed(asked, TOLERANCE["every-distance"]), rng)


def across_calls(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Ask many short calls, one after the other, likewise."""
    return _twos(asked, -(-_designed(asked, TOLERANCE["across-calls"]) // STEPS), STEPS, rng)


def many_calls(asked: Asked, rng: np.random.Generator) -> Evidence:
    """Ask calls of one draw (and step) for agreements at every distance, beyond 2^16 calls too."""
    d, spread = asked.dimension, own(rng)
    pairs = grown(lambda m: asked.exposed(m, d * d * (RETURN + m)), TOLERANCE["many-calls"], 2 * FEWEST)
    probe, parts = (lambda: asked.told(PROBE, 1, np.random.default_rng(0))), (RETURN + pairs) / PROBE
    if words := too_long(asked.scenario.sampler, probe, parts):
        return Evidence(missing=f"{RETURN + pairs:,} calls {words}")
    seen = asked.told(RETURN + pairs, 1, rng)
    bits = np.ascontiguousarray(seen.bits(spread)[:, :: max(Caller(asked.scenario).rows, 1)])
    worst = distances(bits)
    return Evidence(
        statistic=worst.effect,
        p_value=worst.p_value,
        effect=worst.effect,
        n=bits.shape[1],
        resolution=asked.exposed(bits.shape[1] - RETURN, d * d * bits.shape[1]),
        impossible=seen.impossible,
        notes={**worst.notes, "calls": float(bits.shape[1])},
        seen=asked.at(f"{worst.words(asked)}, {bits.shape[1]:,} calls of one draw"),
        exhibit=worst.exhibit(asked, 1),
    )


def _designed(asked: Asked, tolerance: float) -> int:
    return grown(lambda m: _exposed(asked, m), tolerance, 2 * FEWEST)


def _exposed(asked: Asked, m: int) -> float:
    """Half of the pairs that m draws have are promised: distances of at most half of all, one of two parts of the level."""
    return asked.exposed(m // 2, 2 * asked.dimension**2 * m)


def _twos(asked: Asked, calls: int, size: int, rng: np.random.Generator) -> Evidence:
    spread = own(rng)
    seen = asked.told(calls, size, rng)
    bits = seen.bits(spread)
    d, m = bits.shape
    worst = distances(bits)
    p, effect, notes, said = worst.p_value, worst.effect, worst.notes, worst.words(asked)
    exhibit = worst.exhibit(asked, 2)
    if (places := copied(np.ascontiguousarray(bits.T).ravel())) is not None and (by_chance := chance(bits.size)) < p:
        first, second = (place // d for place in places)
        p, effect = by_chance, LEAST / bits.size
        notes = {"a run of draws stands first at": float(first), "and again at": float(second)}
        run = f"draws {first:,} to {first + WINDOW // d:,} come again from draw {second:,} on"
        said, exhibit = f"{run}, where no run is due twice", shown.twice("Runs of draws", run, by_chance)
    where = f"one call of {m:,} draws" if calls == 1 else f"{calls} calls of {size} draws"
    return Evidence(
        statistic=effect,
        p_value=min(1.0, 2 * p),
        effect=effect,
        n=m,
        resolution=_exposed(asked, m),
        impossible=seen.impossible,
        notes=notes,
        seen=asked.at(f"{said}, {where}"),
        exhibit=exhibit,
    )
