"""What a sampler keeps of the logits of one call must not serve another call, however alike they look.

Tables are kept by the identity of an array, by its sum, its size, its ends or its extremes; here all of these stay as they
were while the logits change, and then come back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.laws import Categorical
from harness.methods import ChiSquare
from harness.questions.check import Evidence
from harness.questions.precision import rounded
from harness.statistics import Counts
from suites.calling import shown
from suites.calling.caller import Caller
from suites.calling.series import Calls

VARIATION = 0.2
"""The total variation to expose: two of the arrangements of the die are this far apart at least."""


def logits(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Hold the draws of each call, for other logits than the last one's, to the law of its own logits.

    Where the winner is given it is the best of the others that is counted, as it has the law of what is left.
    """
    scenario, caller = calls.scenario, Caller(calls.scenario)
    turns = list(_turns(scenario.case.logits))
    laws = [_law(rounded(row, scenario.sampler.dtype), scenario.case.observed) for _, row in turns]
    alpha = calls.level / len(turns)
    n = max(ChiSquare(p).required(VARIATION, alpha, calls.beta) for p in laws)
    array, found = caller.logits, []
    for (same, row), p in zip(turns, laws, strict=True):
        given = array if same else caller.logits
        given[...] = row
        draws = caller.shaped(-(-n // max(caller.rows, 1)), rng, given)
        index = _best(draws, scenario.case.observed, caller).ravel()
        found.append(ChiSquare(p).evidence((Counts.of(index, (p.size,)),), rng))
    p_values = [0.0 if one.impossible else 1.0 if one.p_value is None else one.p_value for one in found]
    worst = int(np.argmin(p_values))
    return Evidence(
        statistic=found[worst].statistic,
        p_value=min(1.0, len(turns) * p_values[worst]),
        effect=found[worst].effect,
        n=sum(one.n for one in found),
        resolution=max(ChiSquare(p).detectable(n, alpha, calls.beta) for p in laws),
        notes={"call": float(worst)},
        seen=f"call {worst + 1} of {len(turns)}, each with other logits than the one before, "
        f"is {found[worst].effect:.2g} off its own law in total variation, {found[worst].n:,} draws, {scenario.case.words}",
        exhibit=shown.shared(found[worst].exhibit, len(turns), f"Law of call {worst + 1} of {len(turns)}"),
    )


def _turns(row: Floats) -> Iterator[tuple[bool, Floats]]:
    """Yield logits in the order in which they are given, and whether in the one array that is used again."""
    inner = np.concatenate([row[:1], row[-2:0:-1], row[-1:]])
    yield from ((False, row), (False, row[::-1]), (False, inner), (False, row))
    yield from ((True, row), (True, row[::-1]), (True, inner), (True, row))


def _law(row: Floats, observed: int | None) -> Floats:
    p = Categorical(row).mass.copy()
    if observed is not None:
        p[observed] = 0.0
        p /= p.sum()
    return p


def _best(draws: NDArray[Any], observed: int | None, caller: Caller) -> NDArray[np.intp]:
    """Return the winners of draws; where one is given, the best of the others."""
    if observed is None:
        return caller.winners(draws)
    others = draws.copy()
    others[..., observed] = -np.inf
    return caller.winners(others)
