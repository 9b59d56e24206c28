"""All quantities of all samplers: each pair is a task of its own, on any engine, with the same result."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence

from harness.engine.executors import open_engine
from harness.engine.pool import Lost, Progress, Task, results, silent
from harness.engine.shards import packed
from harness.envelope import extremes
from harness.envelope.edge import BROKEN, Edge
from harness.envelope.rare import RARE
from harness.envelope.shift import DOWN, UP
from harness.envelope.size import SIZE
from harness.envelope.temperature import HIGHEST, LOWEST
from harness.envelope.trial import Effort, tried
from harness.samplers.registry import Sampler

Search = Callable[[Sampler, Effort], list[Edge]]
QUANTITIES = {quantity.name: quantity for quantity in (RARE, SIZE, UP, DOWN, LOWEST, HIGHEST)}
SEARCHES: dict[str, Search] = {
    **{name: quantity.edges for name, quantity in QUANTITIES.items()},
    "noise": extremes.edges,
}


def measure(
    samplers: Sequence[Sampler],
    effort: Effort,
    *,
    engine: str = "loky",
    workers: int = 1,
    wanted: Sequence[str] = tuple(SEARCHES),
    progress: Progress = silent,
) -> list[Edge]:
    """Return the edges of the samplers, sampler by sampler in the given order, quantity by quantity.

    A search that a sampler ended, by killing its worker for one, is an edge whose ``broken`` says why.
    """
    pairs = {f"{sampler.name}/{name}": (sampler, name) for sampler in samplers for name in wanted}
    tasks = [Task(key, work, (packed((*pair, effort)),), guest=_guest(pair[0])) for key, pair in pairs.items()]
    with open_engine(engine, workers) as executor:
        found = {task.key: result for task, result in results(tasks, executor, workers, progress)}
    return [edge for key, pair in pairs.items() for edge in _edges(found[key], *pair, effort)]


def _guest(sampler: Sampler) -> str:
    return "" if sampler.trusted else sampler.name


def _edges(result: list[Edge] | Lost, sampler: Sampler, name: str, effort: Effort) -> list[Edge]:
    if not isinstance(result, Lost):
        return result
    unit = QUANTITIES[name].unit if name in QUANTITIES else ""
    words = f"{BROKEN}{result.words}"
    return [Edge(sampler.name, sampler.dtype, name, unit, None, None, 0, effort.alpha, 0.0, words)]


def refuted_again(sampler: Sampler, edge: Edge, effort: Effort) -> str:
    """Try the point that an edge refuted once more, under the effort's seed; return what contradicts it, or nothing."""
    assert edge.first_refuted is not None, "nothing was refuted"
    if edge.quantity not in QUANTITIES:
        found = next(one for one in extremes.edges(sampler, effort) if one.quantity == edge.quantity)
        again = found.first_refuted is not None and abs(found.first_refuted) <= abs(edge.first_refuted)
        return found.how if again else ""
    quantity = QUANTITIES[edge.quantity]
    form = quantity.form(sampler)
    assert form is not None, "the edge is another sampler's"
    return tried(quantity.trial(sampler, form, edge.first_refuted, effort), effort).refuted


def work(task: bytes) -> list[Edge]:
    """Search one quantity of one sampler; what travels is bytes, as a worker may not know this process's functions."""
    sampler, name, effort = pickle.loads(task)
    return SEARCHES[name](sampler, effort)
