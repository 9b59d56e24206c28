"""All quantities of all samplers: each pair is a task of its own, on any engine, with the same result."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence

from harness.engine.executors import open_engine
from harness.engine.shards import packed
from harness.envelope import noise
from harness.envelope.edge import Edge
from harness.envelope.rare import RARE
from harness.envelope.shift import DOWN, UP
from harness.envelope.size import SIZE
from harness.envelope.temperature import HIGHEST, LOWEST
from harness.envelope.trial import Effort
from harness.registry import Sampler

Search = Callable[[Sampler, Effort], list[Edge]]
SEARCHES: dict[str, Search] = {
    **{quantity.name: quantity.edges for quantity in (RARE, SIZE, UP, DOWN, LOWEST, HIGHEST)},
    "noise": noise.edges,
}


def measure(
    samplers: Sequence[Sampler],
    effort: Effort,
    *,
    engine: str = "loky",
    workers: int = 1,
    wanted: Sequence[str] = tuple(SEARCHES),
) -> list[Edge]:
    """Return the edges of the samplers, sampler by sampler in the given order, quantity by quantity."""
    tasks = [packed((sampler, name, effort)) for sampler in samplers for name in wanted]
    with open_engine(engine, workers) as executor:
        futures = [executor().submit(work, task) for task in tasks]
        return [edge for future in futures for edge in future.result()]


def work(task: bytes) -> list[Edge]:
    """Search one quantity of one sampler; what travels is bytes, as a worker may not know this process's functions."""
    sampler, name, effort = pickle.loads(task)
    return SEARCHES[name](sampler, effort)
