"""What no sampler may return is counted by kind, with the first example of each; chance has no part in it."""

from __future__ import annotations

from dataclasses import dataclass

SUPPORT = "support"
"""The measurement that every scenario has: invalid draws are counted while they are removed."""


@dataclass(frozen=True)
class Support:
    """Of n draws, how many were impossible, by kind, with one example each (tuples of equal length, kinds sorted)."""

    n: int
    kinds: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def impossible(self) -> int:
        """The number of impossible draws."""
        return sum(self.counts)

    def merge(self, other: Support) -> Support:
        """Return the union; of two examples the lesser one stays, so that order does not matter."""
        kinds = tuple(sorted({*self.kinds, *other.kinds}))
        mine = dict(zip(self.kinds, zip(self.counts, self.examples, strict=True), strict=True))
        theirs = dict(zip(other.kinds, zip(other.counts, other.examples, strict=True), strict=True))
        both = {kind: [found[kind] for found in (mine, theirs) if kind in found] for kind in kinds}
        return Support(
            self.n + other.n,
            kinds,
            tuple(sum(count for count, _ in both[kind]) for kind in kinds),
            tuple(min(example for _, example in both[kind]) for kind in kinds),
        )
