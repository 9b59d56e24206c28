"""A defect of a known size in a known share of the space, so that what the sweep promises can be measured.

``defect(share, deviation, draws)`` is a right sampler of indices made wrong, at the points that a hash of their logits
chooses, by ``deviation`` in total variation over the cells that so many draws have; ``refuted(sampler, ...)`` is whether
one sweep sees it. The share is that of the whole space up to LARGE categories: as one category is never drawn wrongly,
more of the other points are chosen.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache, partial
from types import MappingProxyType

import numpy as np

from harness.arrays import Floats, Indices
from harness.exploration.counted import cells_of
from harness.exploration.promise import DEVIATION, Design
from harness.exploration.sweep import sweep
from harness.laws import Categorical
from harness.samplers.registry import Form, Sampler
from harness.space.categories import LARGE
from harness.space.draw import Space, random_point
from harness.streams import stream

SAMPLE = 1000
"""Points that tell which share of them can be wrong: a standard error of 0.015 at most."""


def defect(share: float, deviation: float = DEVIATION, draws: int = 240) -> Sampler:
    """Return a sampler that is wrong by ``deviation`` in a ``share`` of the space; of share 0 it is a right one."""
    draw = partial(_drawn, share / able(deviation, draws), deviation, draws)
    return Sampler("planted", "index", MappingProxyType({"index": Form(draw)}))


def refuted(sampler: Sampler, design: Design, level: float, seed: int) -> bool:
    """Tell whether one sweep of the form "index", with points and draws of this seed, refutes at the level."""
    found = sweep(Space(sampler, "index", design.draws), design, level, stream(seed, "planted"))
    return bool(found.impossible) or (found.p_value is not None and found.p_value <= level)


def _drawn(
    share: float, deviation: float, draws: int, logits: Floats, size: int, *, rng: np.random.Generator
) -> Indices:
    p = Categorical(logits).mass
    index: Indices = rng.choice(p.size, size, p=p / p.sum()).astype(np.intp)
    to = _favoured(p, deviation, draws)
    if not (chosen(logits, share) and to.any()):
        return index
    move = ~to[index] & (rng.random(size) < deviation / p[~to].sum())
    within = p * to
    index[move] = rng.choice(p.size, int(move.sum()), p=within / within.sum())
    return index


@lru_cache(maxsize=8)
def able(deviation: float, draws: int) -> float:
    """Return the share of points up to LARGE categories that can be wrong by so much, of SAMPLE random ones."""
    space = Space(Sampler("able", "index", MappingProxyType({"index": Form(_drawn)})), "index", draws)
    points = [random_point(space, stream(0, "able", number)) for number in range(SAMPLE)]
    masses = [Categorical(point.logits).mass for point in points if point.k <= LARGE]
    return float(np.mean([_favoured(p, deviation, draws).any() for p in masses]))


def chosen(logits: Floats, share: float) -> bool:
    """Tell whether a hash of the logits falls into the share."""
    digest = hashlib.blake2b(np.ascontiguousarray(logits).tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "little") < share * 2**64


def _favoured(p: Floats, deviation: float, draws: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return (K,) the cell that takes ``deviation`` from all others: the heaviest that leaves as much, perhaps none."""
    cell = cells_of(p, draws)
    mass = np.bincount(cell[cell >= 0], weights=p[cell >= 0])
    able = np.where(1 - mass >= deviation, mass, -1.0)
    to: np.ndarray[tuple[int], np.dtype[np.bool_]] = (cell == int(np.argmax(able))) & (able.max() > 0)
    return to
