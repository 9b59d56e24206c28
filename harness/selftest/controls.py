"""Every control must be refuted: its plan is run on a sixty-fourth of the draws, and in full if that did not suffice.

Each pass looks twice, so that a control may fall at 1/4096, 1/64 or all of the designed draws. Levels are those of the
plan; a right sampler would meet them again with every pass, which costs a control nothing. What is computed costs the same
however few the draws, and cases of 1e5 categories cost much at any number: first comes what draws little, then what the
control names that is computed, then all draws of what it names, and the rest last; it ends with what refutes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from harness.engine.run import run_here
from harness.options import PROFILES, Options
from harness.questions.check import Check, Finding
from harness.questions.content import Content, Control, load_content
from harness.questions.plan import Plan, guests_plan, narrowed
from harness.selftest.tasks import Task
from harness.verdict import Verdict, combine

COLUMNS = ("control", "source", "why", "sampler_output", "refuted_by", "n", "verdict")
MATRIX = ("control", "family", "checks", "refuted", "n", "first")
FRACTION = 64
"""The first pass takes one in so many draws."""
LEAST = 64
VALUES = 2**18
"""Noise values of a scenario, one for each draw and category, up to which the quick profile asks it first."""
SECONDS, PRICED = 1.0, 40.0
"""What a control takes, about, and one with a price in the full profile."""


@dataclass(frozen=True)
class Shot:
    """What one check found: its family, whether it refuted, the draws it took, its p-value (0 if impossible)."""

    check: str
    family: str
    verdict: Verdict
    n: int
    p_value: float


@dataclass(frozen=True)
class Kill:
    """What became of one control."""

    control: str
    shots: tuple[Shot, ...]
    verdict: Verdict
    seconds: float = 0.0
    """CPU-seconds, of all that was drawn and judged."""

    @property
    def first(self) -> Shot | None:
        """The refuting check with the fewest draws, then with the strongest evidence."""
        return first(self.shots)


def first(shots: Iterable[Shot]) -> Shot | None:
    """Return the refuting shot with the fewest draws, then the smallest p-value, then the first name."""
    refuting = [shot for shot in shots if shot.verdict is Verdict.REFUTED]
    return min(refuting, key=lambda shot: (shot.n, shot.p_value, shot.check), default=None)


def tasks(controls: Sequence[Control], options: Options) -> list[Task]:
    """Return one task for every control."""
    return [Task(f"control {one.sampler.name}", kill, (one, options), _cost(one, options)) for one in controls]


def _cost(control: Control, options: Options) -> float:
    return PRICED if control.price and options.profile == "full" else SECONDS


def kill(control: Control, options: Options, content: Content | None = None) -> Kill:
    """Run the control's plan until something refutes it; one with a price is then given what it costs by the full profile
    only, by the checks that see it."""
    plan = guests_plan([control.sampler], content or _content(options), options)
    start = time.process_time()
    found: dict[str, Shot] = {}
    for make in _passes(control, content, options):
        found |= {shot.check: shot for shot in _shots(make(plan))}
        if first(found.values()) is not None:
            break
    shots = tuple(found.values())
    return Kill(control.sampler.name, shots, combine(shot.verdict for shot in shots), time.process_time() - start)


def _passes(control: Control, content: Content | None, options: Options) -> Iterable[Callable[[Plan], Plan]]:
    """Yield what is asked of a control, one after the other."""
    if control.price:
        yield _few
    else:
        yield _light
        yield lambda plan: narrowed(plan, (one for one in plan.checks if one.compute and _named(one, control)))
        yield lambda plan: narrowed(plan, (one for one in plan.checks if not one.compute and _named(one, control)))
        yield lambda plan: _few(narrowed(plan, (one for one in plan.checks if not one.compute)))
        yield lambda plan: narrowed(plan, (one for one in plan.checks if not one.compute))
    if control.price and options.profile == "full":
        yield lambda plan: _paid(control, content, options)
    elif not control.price:
        yield lambda plan: plan


def _light(plan: Plan) -> Plan:
    """Return with few draws the sampled checks that then draw little."""
    few = _few(plan)
    values = {name: design.n * design.scenario.case.logits.size for name, design in few.designs.items()}

    def little(check: Check) -> bool:
        return not check.compute and all(values[scenario.name] <= VALUES for scenario in check.scenarios)

    return narrowed(few, filter(little, few.checks))


def _named(check: Check, control: Control) -> bool:
    """Tell whether the control says that this check sees it."""
    return (check.suite, check.case) == (control.suite, control.trigger)


@lru_cache(maxsize=1)
def _content(options: Options) -> Content:
    """Load the content once in a worker, not for every control."""
    return load_content(options)


def _paid(control: Control, content: Content | None, options: Options) -> Plan:
    """Return the checks of the control's own family on its own case, at the tolerance of ``validate --profile full``."""
    finer = replace(options, tolerance=PROFILES["full"])
    plan = guests_plan([control.sampler], content or load_content(finer), finer)
    return narrowed(plan, (one for one in plan.checks if _named(one, control)))


def _few(plan: Plan) -> Plan:
    designs = {
        name: replace(design, n=max(LEAST, math.ceil(design.n / FRACTION)), stage=0)
        for name, design in plan.designs.items()
    }
    return replace(plan, designs=designs)


def _shots(plan: Plan) -> list[Shot]:
    outcome = run_here(plan)
    return [_shot(finding) for finding in outcome.findings if finding.check.judges]


def _shot(finding: Finding) -> Shot:
    evidence = finding.evidence
    p_value = 0.0 if evidence.impossible else 1.0 if evidence.p_value is None else evidence.p_value
    return Shot(finding.check.name, finding.check.suite, finding.verdict, evidence.n, p_value)


def rows(controls: Sequence[Control], kills: Sequence[Kill]) -> Iterable[dict[str, Any]]:
    """Yield the rows of controls.csv."""
    for control, kill in zip(controls, kills, strict=True):
        shot = kill.first
        yield {
            "control": kill.control,
            "source": control.source,
            "why": f"{control.why} (price: {control.price})" if control.price else control.why,
            "sampler_output": " ".join(control.sampler.forms),
            "refuted_by": shot.check if shot else "",
            "n": shot.n if shot else None,
            "verdict": kill.verdict.value,
        }


def matrix(kills: Sequence[Kill]) -> Iterable[dict[str, Any]]:
    """Yield the rows of kill_matrix.csv: for every control and family of checks how many refuted, and the first."""
    families = dict.fromkeys(shot.family for kill in kills for shot in kill.shots)
    for kill in kills:
        for family in families:
            shots = [shot for shot in kill.shots if shot.family == family]
            shot = first(shots)
            yield {
                "control": kill.control,
                "family": family,
                "checks": len(shots),
                "refuted": sum(one.verdict is Verdict.REFUTED for one in shots),
                "n": shot.n if shot else None,
                "first": shot.check if shot else "",
            }


def survivors(controls: Sequence[Control], kills: Sequence[Kill]) -> list[str]:
    """Return the controls that were not refuted and have no price."""
    pairs = zip(controls, kills, strict=True)
    return [kill.control for control, kill in pairs if kill.first is None and not control.price]


def idle(kills: Sequence[Kill]) -> list[str]:
    """Return the families that refuted no control: they have proved nothing."""
    families = dict.fromkeys(shot.family for kill in kills for shot in kill.shots)
    useful = {shot.family for kill in kills for shot in kill.shots if shot.verdict is Verdict.REFUTED}
    return [family for family in families if family not in useful]
