"""No chi-square over many cells speaks alone: whole groups of categories are held to exact binomial tests.

A defect that moves mass from a tail to a head, from high indices to low ones, or from odd to even, shows in one
binomial with tens to hundreds of times fewer draws than in all cells together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.laws import special
from harness.methods import allowed
from harness.methods.alternatives import Alternatives, Changes, changed, shifted
from harness.methods.curtailed import first_stage
from harness.methods.later import Later
from harness.methods.null import Null, Table, seconds, unit
from harness.methods.tails import binomial_two_sided
from harness.methods.tilts import Battery, Proposal
from harness.questions.check import Evidence
from harness.statistics import Counts, Statistic

TAIL_NATS = 6.0
"""A category this far below the likeliest one belongs to the tail."""
FEW = 5
"""Single categories that a figure shows."""


def standard_groups(probabilities: Floats) -> dict[str, NDArray[np.bool_]]:
    """Return the groups (K,) of the battery, by likelihood, place and parity; each neither empty nor everything."""
    k, possible = np.arange(probabilities.size), probabilities > 0
    groups = {
        "likeliest": k == int(np.argmax(probabilities)),
        "likelier half": probabilities > float(np.median(probabilities[possible])),
        "tail": possible & (probabilities < probabilities.max() * math.exp(-TAIL_NATS)),
        "first": k == int(np.flatnonzero(possible)[0]),
        "last": k == int(np.flatnonzero(possible)[-1]),
        "low half": k < probabilities.size / 2,
        "odd": k % 2 == 1,
    }
    masses = {name: float(probabilities[mask].sum()) for name, mask in groups.items()}
    return {name: mask for name, mask in groups.items() if masses[name] > 0 and possible[~mask].any()}


@dataclass(frozen=True, eq=False)
class PooledCells:
    """Exact two-sided binomial tests of groups of categories, and of every category alone, Bonferroni over all.

    Half of the level goes to the groups and half to the single categories.
    """

    probabilities: Floats
    name: str = "pooled cells"
    unit: str = "probability of a group"
    groups: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    @cached_property
    def _named(self) -> dict[str, NDArray[np.bool_]]:
        return self.groups or standard_groups(self.probabilities)

    @cached_property
    def _masses(self) -> Floats:
        total = math.fsum(self.probabilities)
        return np.array([math.fsum(self.probabilities[mask]) / total for mask in self._named.values()])

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the smallest p-value after Bonferroni, and the deviation of the group that gave it."""
        (counts,) = statistics
        assert isinstance(counts, Counts)
        n, flat = counts.units, counts.counts.ravel()
        if not self._named or n == 0:
            return Evidence(n=counts.n, statistic=0.0, p_value=1.0, effect=0.0)
        grouped = np.array([flat[mask].sum() for mask in self._named.values()])
        group_p = binomial_two_sided(grouped, n, self._masses) * 2 * grouped.size
        possible = np.flatnonzero(self.probabilities > 0)
        single_p = binomial_two_sided(flat[possible], n, self.probabilities[possible]) * 2 * possible.size
        best, alone = int(np.argmin(group_p)), int(np.argmin(single_p))
        if group_p[best] <= single_p[alone]:
            named, k, mass, p = list(self._named)[best], int(grouped[best]), float(self._masses[best]), group_p[best]
        else:
            k_index = int(possible[alone])
            named, k, mass, p = (
                f"category {k_index}",
                int(flat[k_index]),
                float(self.probabilities[k_index]),
                single_p[alone],
            )
        return Evidence(
            n=counts.n,
            statistic=float(k),
            p_value=float(min(1.0, p)),
            effect=abs(k / n - mass),
            notes={"group": named, "expected": n * mass, "observed": float(k)},
            seen=f"{named if named.startswith('category') else f'group {named}'} drawn {k:,} times of {n:,} where "
            f"{n * mass:,.{0 if n * mass >= 10 else 2}f} are due",
            exhibit=Later(
                lambda: {
                    "kind": "groups",
                    "tested": [self._tested(grouped, n), self._singles(flat[possible], possible, single_p, n)],
                }
            ),
        )

    def _tested(self, grouped: NDArray[np.int64], n: int) -> allowed.Part:
        return allowed.cells(
            list(self._named).__getitem__, grouped, n, self._masses, tests=2 * grouped.size, decides=True
        )

    def _singles(self, counts: NDArray[np.int64], categories: NDArray[np.intp], p: Floats, n: int) -> allowed.Part:
        """Return the few single categories that are the least likely, out of all that were tested."""
        few = np.sort(np.argsort(p, kind="stable")[:FEW])

        def name(i: int) -> str:
            return f"category {categories[few[i]]}"

        chances = self.probabilities[categories[few]]
        part = allowed.cells(name, counts[few], n, chances, tests=2 * counts.size, decides=True)
        return {**part, "of": int(counts.size)}

    def null(self, n: int) -> Null:
        """Return what its statistics are for n draws of its law."""
        return Null(n, (Table(n, unit(self.probabilities)),), lambda size, tables: (Counts(size, tables[0]),))

    def alternatives(self, law: Null, tolerance: float) -> Alternatives:
        """Yield laws that are off by the tolerance in its own unit, by name; a selftest tries its power at them."""
        return changed(law, 0, lambda p: self._groups_moved(p, tolerance))

    def _groups_moved(self, p: Floats, t: float) -> Changes:
        groups = self.groups or standard_groups(p)
        hardest = min(groups, key=lambda name: abs(float(p[groups[name]].sum()) - 0.5), default=None)
        if hardest is not None:
            yield f"more of group {hardest}", shifted(p, groups[hardest], t)
            yield f"less of group {hardest}", shifted(p, groups[hardest], -t)

    def tail(self, law: Null, level: float, cells: int) -> Proposal | None:
        """Return a proposal for tables that alarm at this level; None if their weights would vary too much."""
        p = law.tables[0].probabilities
        if not 2 <= p.size <= cells:
            return None
        groups = list((self.groups or standard_groups(p)).values())
        alone = [np.arange(p.size) == k for k in np.flatnonzero(p > 0)]
        tests = [(mask, 1 / (2 * len(several))) for several in (groups, alone) for mask in several]
        return Battery(law, level, [(0, mask, float(p[mask].sum()), share) for mask, share in tests])

    def cost(self, n: int) -> float:
        """Return the CPU-seconds of a replicate, about; it decides only what a selftest tries, how often, what first."""
        return seconds(self.null(n), 1e-7, 7e-7)

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the shift of a group's mass that n draws expose, for the group where it is hardest."""
        level = alpha / (2 * max(len(self._named), 1))
        return max((shift(n, float(mass), level, beta) for mass in self._masses), default=0.0)

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return an n, the smallest to one part in fifty, from which on ``detectable`` is within the tolerance.

        Critical counts are whole numbers, so that more draws may expose less, by 1 / n at most.
        """
        if not self._named:
            return 1
        return grown(lambda n: self.detectable(n, alpha, beta) + 1 / n, tolerance, start=16)

    def stage(self, n: int) -> int:
        """Return after how many of n draws it may be settled."""
        return first_stage(n)


def grown(detectable: Callable[[int], float], tolerance: float, start: int) -> int:
    """Return an n, found by growing ``start``, at which ``detectable(n)`` is within the tolerance.

    What n draws expose falls no faster than 1 / n, so a step by the ratio of the two never passes the least n by far.
    """
    n = start
    while (found := detectable(n)) > tolerance:
        n = math.ceil(n * max(1.02, found / tolerance))
    return n


@lru_cache(maxsize=2**14)
def shift(n: int, p: float, level: float, beta: float) -> float:
    """Return the least d such that Binomial(n, p + d) and Binomial(n, p - d) are both told from p, exactly.

    A direction in which no law exists (p + d > 1, p - d < 0) asks for nothing.
    """
    return max(reaches(n, p, level, beta))


@lru_cache(maxsize=2**14)
def reaches(n: int, p: float, level: float, beta: float) -> tuple[float, float]:
    """Return the least shifts up and down that are told from p; where there is no such law, as far as there are laws."""
    upper, lower = _critical(n, p, level)
    return _reach(n, p, upper, beta, up=True), _reach(n, p, lower, beta, up=False)


def _critical(n: int, p: float, level: float) -> tuple[int, int]:
    """Return the least k with P(X >= k) <= level / 2 and the largest with P(X <= k) <= level / 2 (-1 if none).

    Both lie between the mean and where Bernstein's inequality has the tail at level / 2 (Boucheron, Lugosi and Massart,
    Concentration Inequalities, 2013, Corollary 2.11), or there is none.
    """
    x = math.log(2 / level)
    reach = math.ceil(x / 3 + math.sqrt(x * x / 9 + 2 * x * n * p * (1 - p))) + 1
    low, high = math.floor(n * p), min(n + 1, math.ceil(n * p) + reach)
    while high - low > 1:
        middle = (low + high) // 2
        beyond = special.betainc(middle, n - middle + 1, p)  # P(X >= middle); see harness.methods.tails
        low, high = (low, middle) if beyond <= level / 2 else (middle, high)
    upper = high
    low, high = max(-1, math.floor(n * p) - reach), math.ceil(n * p)
    while high - low > 1:
        middle = (low + high) // 2
        upto = special.betaincc(middle + 1, n - middle, p)  # P(X <= middle)
        low, high = (middle, high) if upto <= level / 2 else (low, middle)
    return upper, low


def _reach(n: int, p: float, critical: int, beta: float, *, up: bool) -> float:
    """Return the least shift in one direction that crosses the critical count with probability 1 - beta.

    Where even the whole span does not, the span is returned: a greater shift does not exist. The law that crosses it
    just so follows from the incomplete beta function, P(Binomial(n, q) >= c) = I_q(c, n - c + 1).
    """
    if up:
        return float(special.betaincinv(critical, n - critical + 1, 1 - beta)) - p if critical <= n else 1 - p
    return p - float(special.betaincinv(critical + 1, n - critical, beta)) if critical >= 0 else p
