"""Where the time of a run went: the wall's clock by stage, and within the run the workers' time by what they did."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from harness.engine.shards import ShardResult


class Stopwatch:
    """Laps of the wall's clock by name, from ``start`` on (a reading of ``time.perf_counter``)."""

    def __init__(self, start: float) -> None:
        self._last = start
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """End a stage."""
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now


def worked(results: Mapping[str, Any]) -> dict[str, float]:
    """Return seconds of all workers by what they did, from the results of shards and of computed checks."""
    shards = [result for result in results.values() if isinstance(result, ShardResult)]
    draw, transform = sum(shard.drawing for shard in shards), sum(shard.transforming for shard in shards)
    total = sum(shard.seconds for shard in shards)
    computed = sum(result[1] for result in results.values() if isinstance(result, tuple))
    return {"draw": draw, "transform": transform, "count": total - draw - transform, "compute": computed}


def lines(laps: Mapping[str, float], judging: float, results: Mapping[str, Any], workers: int) -> list[str]:
    """Return the table: stages by the wall's clock, and under the run what its workers and its judge did."""
    made = ["seconds  stage"]
    for name, seconds in laps.items():
        made.append(f"{seconds:7.2f}  {name}")
        if name == "run":
            parts = {f"{what} (all workers)": spent for what, spent in worked(results).items()}
            idle = workers * (seconds - judging) - sum(parts.values())
            parts |= {"start, wait, merge (all workers)": max(0.0, idle), "judge": judging}
            made += [f"{spent:7.2f}    {what}" for what, spent in parts.items()]
    return [*made, f"{sum(laps.values()):7.2f}  all, with {workers} workers"]
