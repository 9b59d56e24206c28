"""A shard is a named piece of a scenario's draws: whoever works on it, wherever and whenever, gets the same statistics."""

from __future__ import annotations

import math
import pickle
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cloudpickle

from harness.draws.bind import bind
from harness.draws.chunk import Chunk
from harness.draws.sift import sift
from harness.engine.folds import merged
from harness.engine.limits import Limits, enforced
from harness.errors import SamplerFault
from harness.interrupts import described, users
from harness.ledger.states import PACKAGE
from harness.options import LOOKS
from harness.questions.check import Evidence, Measurement, Scenario
from harness.questions.law import law_of
from harness.quiet import prints_aside
from harness.statistics import Statistic
from harness.statistics.support import SUPPORT
from harness.streams import stream

CHUNK = 2**16
"""Floats of a chunk: half a megabyte, so that draws, uniforms and cells stay in a core's level-2 cache together."""
BUILT_IN, GUEST = 2**22, 2**20
"""Noise values behind the indices of a chunk. A guest makes them all at once: arrays of 8 MB are not new pages of memory at
every call, as those of 32 MB are, which makes noise up to twice as dear; and rows enough that a table of K entries which
is made for every call is not felt."""
SHARD = 2**26
"""Noise values of a shard: about a second at worst."""


MOST_SHARDS = 2**14
"""Shards of a look at most: beyond, they grow, as every shard's statistics are kept until they are merged in order."""


@dataclass(frozen=True)
class Shard:
    """Draws ``draws`` of look ``look``, piece ``number`` of a scenario."""

    scenario: str
    look: int
    number: int
    draws: int

    @property
    def key(self) -> str:
        """The name under which the shard's stream and its result are known."""
        return f"{self.scenario}#{self.look}.{self.number}"


@dataclass(frozen=True)
class ShardResult:
    """Statistics by measurement name, with the time that all, drawing and transforming took; or a fault in words."""

    statistics: Mapping[str, Statistic]
    seconds: float
    drawing: float = 0.0
    fault: str = ""
    transforming: float = 0.0

    @property
    def bare(self) -> ShardResult:
        """The result without its statistics."""
        return replace(self, statistics={})


@dataclass(frozen=True)
class Work:
    """What travels to a worker once per scenario."""

    scenario: Scenario
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True)
class _Excuse:
    """Stands for work that cannot be sent: to unpack it raises the fault."""

    words: str

    def __reduce__(self) -> tuple[Any, ...]:
        return _refuse, (self.words,)


def _refuse(words: str) -> None:
    raise SamplerFault(words)


def packed(work: Any) -> bytes:
    """Return work as bytes for any process, or an excuse that is raised where it is unpacked."""
    try:
        made: bytes = cloudpickle.dumps(work)
    except Exception as error:
        return pickle.dumps(
            _Excuse(f"cannot be sent to a worker: {described(error)}; what stands in a file can: path/file.py:NAME")
        )
    return made


def bounded(limits: Limits, work: Any) -> bytes:
    """Return work as bytes behind its limits, which hold while it is unpacked, too: that imports a guest's file."""
    return pickle.dumps((limits, packed(work)))


def chunk_draws(scenario: Scenario) -> int:
    """Return how many draws a chunk holds; a guest is asked for more rows at a time, as its calls may be slow."""
    categories, builtin = scenario.case.logits.size, scenario.sampler.trusted
    most = max(1, (BUILT_IN if builtin else GUEST) // categories)
    if scenario.emits == "ranking":
        return min(CHUNK // (2 * (scenario.case.k or 1)), most)
    if scenario.emits != "index":
        return max(1, (CHUNK if builtin else 4 * CHUNK) // categories)
    if scenario.sampler.cost == "draw":
        return max(CHUNK, categories)
    return min(CHUNK, most)


def split(scenario: Scenario, n: int, stage: int = 0) -> tuple[tuple[Shard, ...], ...]:
    """Return the shards of each look for a design of n draws: a function of the scenario, n and the stage alone.

    If ``stage`` is not 0, the last look ends there, and what is beyond it comes last, with a number of its own.
    """
    values = 1 if scenario.emits == "index" and scenario.sampler.cost == "draw" else scenario.case.logits.size
    most = max(1, SHARD // values)
    looks, before = [], 0
    ends = [math.ceil(n * share) for share, _ in LOOKS]
    for number, upto in enumerate([*ends[:-1], stage, n] if stage else ends):
        pieces = min(MOST_SHARDS, math.ceil((upto - before) / most))
        sizes = [(upto - before) * (i + 1) // pieces - (upto - before) * i // pieces for i in range(pieces)]
        looks.append(tuple(Shard(scenario.name, number, i, size) for i, size in enumerate(sizes)))
        before = upto
    return tuple(looks)


@lru_cache(maxsize=4)
def _opened(payload: bytes, thread: int) -> tuple[Work, Any, Any]:
    """Unpack and prepare work once for many shards; each thread its own, as a prepared sampler has buffers."""
    work: Work = pickle.loads(payload)
    scenario = work.scenario
    return work, bind(scenario), law_of(scenario.emits, scenario.case, scenario.sampler.dtype)


def run_shard(payload: bytes, shard: Shard, seed: int) -> ShardResult:
    """Draw a shard of ``bounded`` work and return its statistics; never raises for what a sampler does."""
    start = time.perf_counter()
    try:
        limits, work = pickle.loads(payload)
        with enforced(limits), prints_aside():
            work, draw, law = _opened(work, threading.get_ident())
            statistics, drawing, transforming = _collect(work, draw, law, shard, seed)
    except SamplerFault as fault:
        return ShardResult({}, time.perf_counter() - start, fault=str(fault))
    except BaseException as error:
        if users(error):
            raise
        said = f"could not be loaded, prepared or measured: {described(error)}"
        return ShardResult({}, time.perf_counter() - start, fault=said)
    return ShardResult(statistics, time.perf_counter() - start, drawing, transforming=transforming)


def _collect(work: Work, draw: Any, law: Any, shard: Shard, seed: int) -> tuple[dict[str, Statistic], float, float]:
    rng = stream(seed, shard.key)
    total: dict[str, Any] = {}
    size, left, drawing = chunk_draws(work.scenario), shard.draws, 0.0
    transforming = 0.0
    while left:
        m = min(size, left)
        began = time.perf_counter()
        draws = draw(m, rng)
        drawing += time.perf_counter() - began
        rows, support = sift(draws, work.scenario)
        chunk = Chunk(rows, work.scenario.emits, law)
        found: dict[str, Any] = {SUPPORT: support}
        found |= {item.name: item.collect(chunk) for item in work.measurements if item.name != SUPPORT}
        total = merged(total, found)
        transforming += chunk.transforming
        left -= m
    return total, drawing, transforming


def run_computation(payload: bytes, name: str, seed: int) -> tuple[Evidence, float]:
    """Do a computed check, which is ``bounded``; whatever breaks is recorded as broken."""
    start = time.perf_counter()
    try:
        limits, packed_check = pickle.loads(payload)
        with enforced(limits), prints_aside():
            evidence: Evidence = pickle.loads(packed_check)(stream(seed, "computation", name))
    except SamplerFault as fault:
        evidence = Evidence(broken=str(fault))
    except ImportError as error:
        evidence = Evidence(missing=f"{PACKAGE}: {error.name or error}")
    except BaseException as error:
        if users(error):
            raise
        evidence = Evidence(broken=f"raised {described(error)}")
    return evidence, time.perf_counter() - start
