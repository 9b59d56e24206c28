"""Slower means beyond the noise: the intervals are apart by more than two runs of one sampler (A/A) ever were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.bench.medians import Interval, interval, noise
from harness.bench.subjects import AGAIN

LEAST = 0.05
"""Noise that is always allowed for: the twins share a process, two runs do not."""
LIMIT = "limit/uniforms, K a draw/uniforms/float64"


@dataclass(frozen=True)
class Change:
    """How much longer a benchmark takes than before, machine for machine, and the interval of that factor."""

    name: str
    factor: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """What got slower and faster beyond the noise, of how many that both runs have."""

    slower: tuple[Change, ...]
    faster: tuple[Change, ...]
    compared: int
    noise: float

    def __str__(self) -> str:
        head = f"{self.compared} benchmarks compared, noise {self.noise:.1%}: {len(self.slower)} slower"
        lines = [f"{head}, {len(self.faster)} faster"]
        for word, changes in (("slower", self.slower), ("faster", self.faster)):
            lines += [
                f"  {word}: {c.name} takes {c.factor:.2f} times as long ({c.low:.2f} to {c.high:.2f})" for c in changes
            ]
        return "\n".join(lines)


def compare(old: Mapping[str, Sequence[float]], new: Mapping[str, Sequence[float]]) -> Comparison:
    """Compare two runs, each held against the raw uniforms of its own, so that a slower machine is no slower sampler."""
    before, after = _scaled(old), _scaled(new)
    spread = max(LEAST, *(noise({name: one.median for name, one in side.items()}) for side in (before, after)))
    shared = [name for name in after if name in before and AGAIN not in name and not name.startswith("limit/")]
    changes = sorted((_change(name, before[name], after[name]) for name in shared), key=lambda change: -change.factor)
    return Comparison(
        tuple(change for change in changes if change.low > 1 + spread),
        tuple(change for change in changes if change.high < 1 / (1 + spread)),
        len(shared),
        spread,
    )


def _change(name: str, before: Interval, after: Interval) -> Change:
    return Change(name, after.median / before.median, after.low / before.high, after.high / before.low)


def _scaled(run: Mapping[str, Sequence[float]]) -> dict[str, Interval]:
    """Intervals in units of the run's own uniforms, the median over K of what they take; of seconds without them."""
    limits = {name: values for name, values in run.items() if name.startswith(LIMIT) and values}
    per_value = [float(np.median(values)) / int(name.rpartition("=")[2]) for name, values in limits.items()]
    unit = float(np.median(per_value)) if per_value else 1.0
    return {name: interval([value / unit for value in values]) for name, values in run.items() if values}
