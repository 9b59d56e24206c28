"""What is left of a phase is told by expected cost: a unit of work takes what the most similar work done so far took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Told = Callable[[str, int, int, float], None]
"""``told(what, done, total, left)`` hears after every task how many are done, and which share of the work is left."""


@dataclass(frozen=True)
class Size:
    """Work of so many ``units``; ``likeness`` names what costs as much a unit, the closest first."""

    units: float
    likeness: tuple[str, ...]


@dataclass
class Left:
    """The sizes of tasks by key; with every task that is done more is known of the others.

    Of each likeness it keeps how many units and tasks are due, and of each name what was done: units and seconds.
    """

    sizes: Mapping[str, Size]
    spent: float = 0.0
    done: int = 0
    _due: dict[tuple[str, ...], tuple[float, int]] = field(default_factory=dict)
    _known: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for size in self.sizes.values():
            self._owe(size, 1)

    def _owe(self, size: Size, sign: int) -> None:
        units, tasks = self._due.get(size.likeness, (0.0, 0))
        self._due[size.likeness] = units + sign * size.units, tasks + sign

    def take(self, key: str, seconds: float) -> None:
        """Note that a task is done, and what it took on its worker."""
        size = self.sizes[key]
        self._owe(size, -1)
        self.spent, self.done = self.spent + seconds, self.done + 1
        for name in size.likeness:
            units, before = self._known.get(name, (0.0, 0.0))
            self._known[name] = units + size.units, before + seconds

    @property
    def share(self) -> float:
        """The share of the work that is left, in seconds of workers."""
        rest = sum(self._expected(likeness, *due) for likeness, due in self._due.items() if due[1])
        return rest / (self.spent + rest) if self.spent + rest > 0 else float(self.done < len(self.sizes))

    def _expected(self, likeness: tuple[str, ...], units: float, tasks: int) -> float:
        """Return the seconds of alike tasks; as many as the mean task took, if nothing like them was done."""
        for name in likeness:
            of, seconds = self._known.get(name, (0.0, 0.0))
            if of > 0:
                return units * seconds / of
        return tasks * self.spent / max(self.done, 1)
