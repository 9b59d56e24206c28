"""The mass of a far tail is held to a factor, by one exact binomial test of all its categories together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from harness.draws import measurements
from harness.methods import PooledCells
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.questions.law import masses
from harness.samplers.registry import Sampler

ORDER = 50
ASKED = "tail"
"""Who draws noise for every category makes e^gap values of it for one draw from the tail, in whatever K they come, and 40
such draws are needed: 2e8 values at 15.5 nats, 1.6e9 at 17.5, where noise of 23 bits ends. A run at a coarse tolerance goes
no further than the first, and a deviation of 1 draw in 400, which is all that the second has to lose, is not its concern."""


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield one check for each case whose tail is smaller than the run's tolerance.

    It exposes a tail of three times its mass, and one that is not there; or half the run's tolerance if that is coarser.
    """
    for case in cases:
        if ASKED not in case.asks:
            continue
        p = masses(case, sampler.dtype)
        tail = np.arange(p.size) != int(np.argmax(p))
        aim = max(2 * float(p[tail].sum()), options.tolerance / 2)
        yield Check(
            name=f"tail/{sampler.name}/{emits}/{case.name}",
            suite="tail",
            why=case.why,
            inputs=((Scenario(sampler, emits, case), measurements.category_counts(p.size)),),
            method=PooledCells(p, name="tail mass", groups={"tail": tail}),
            tolerance=aim,
        )
