"""Between the cases: random points over all that a sampler declares, so that a pass can say where it looked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from harness.errors import Expired, SamplerFault
from harness.exploration.promise import AGAIN, Design, designed
from harness.exploration.sweep import FRESH, sweep
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.samplers.registry import Sampler
from harness.space.draw import Space
from suites.calling.afford import too_long
from suites.calling.caller import Caller

ORDER = 130

SHARES = 2.0
"""The share of the space is so many times the run's tolerance: 2 % in the quick profile, 0.4 % in the full one."""
SECONDS = 0.01
"""What a point takes, about."""
FEW = Case("few", "what no point is drawn faster than", partial(np.zeros, 4))
POINTS = Case("points", "random points of all that the sampler declares", partial(np.zeros, 2))


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield one check; none of a form that has a parameter without an axis."""
    space = Space(sampler, emits)
    if not space.declared:
        return
    share, held = min(0.5, SHARES * options.tolerance), options.level
    design = designed(share, held * FRESH / AGAIN, options.beta, sampler.dtype)
    yield Check(
        name=f"sweep/{sampler.name}/{emits}/{POINTS.name}",
        suite="sweep",
        why="a sampler is right between the cases too: at any K, logits, mask, parameter, layout and size of call",
        compute=partial(_swept, Space(sampler, emits, design.draws), design, held),
        computed_method="two-stage sweep",
        computed_unit="share of the space",
        subject=Scenario(sampler, emits, POINTS),
        seconds=SECONDS * design.points,
        tolerance=share,
    )


def _swept(space: Space, design: Design, level: float, rng: np.random.Generator) -> Evidence:
    """Sweep, if so many points of few categories do not take too long already; of indices alone, as others are quick."""
    words = _too_long(space, design) if space.emits == "index" else ""
    if words:
        return Evidence(missing=f"{design.points} points of {design.draws} draws or more {words}")
    return sweep(space, design, level, rng)


def _too_long(space: Space, design: Design) -> str:
    caller = Caller(Scenario(space.sampler, space.emits, FEW))
    try:
        return too_long(space.sampler, partial(caller, design.draws, np.random.default_rng(0)), design.points)
    except Expired:
        raise
    except SamplerFault:  # which the points will name
        return ""
