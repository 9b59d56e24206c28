"""Statistics are merged as they come and in the order of their shards, so that a run holds one total and not all shards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.statistics import Statistic


@dataclass
class Fold:
    """The statistics by measurement of one look of a scenario: shards 0..upto-1 merged, and those that came early."""

    total: dict[str, Any] = field(default_factory=dict)
    upto: int = 0
    early: dict[int, Mapping[str, Statistic]] = field(default_factory=dict)

    def take(self, number: int, statistics: Mapping[str, Statistic]) -> None:
        """Take what shard ``number`` found: nothing, if it broke."""
        self.early[number] = statistics
        while self.upto in self.early:
            self.total = merged(self.total, self.early.pop(self.upto))
            self.upto += 1

    def so_far(self) -> Mapping[str, Statistic]:
        """Return what there is, whether or not shards are missing."""
        total: Mapping[str, Statistic] = self.total
        for number in sorted(self.early):
            total = merged(total, self.early[number])
        return total


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statistics of both by name, what only one of them has as it is."""
    both = {name: one[name].merge(other[name]) for name in one if name in other}
    return {**one, **other, **both}
