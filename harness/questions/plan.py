"""A plan fixes everything before anything is drawn: checks, claims, levels, sizes. Selecting from it moves no threshold."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.errors import UsageError
from harness.options import LATE, LOOKS, PROFILES, Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Measurement, Scenario, staged
from harness.questions.content import Content, Erratum
from harness.questions.precision import holds_masks, in_precision
from harness.samplers.registry import Sampler
from harness.samplers.terms import Terms

WHOLE = ("index", "ranking")
"""Forms whose draws are impossible or possible whatever a type resolves of probabilities."""
WORTH = 0.9
"""The share of the draws above which a first stage is none."""
SELDOM = 0.15
"""How often a right sampler is drawn beyond a first stage, about; it decides what is forecast, and nothing else."""


@dataclass(frozen=True)
class Plan:
    """Selected checks, the claims they bear on, and for each scenario its draws.

    ``planned`` counts all checks, selected or not, and ``bearing`` those that bear on each claim. ``errata`` are slips of
    the documents that nothing judges, ``asks`` says what a suite asks.
    """

    options: Options
    checks: tuple[Check, ...]
    claims: tuple[Claim, ...]
    designs: dict[str, Design]
    planned: int
    bearing: Mapping[str, int]
    errata: tuple[Erratum, ...] = ()
    asks: Mapping[str, str] = field(default_factory=dict)

    @property
    def alpha(self) -> float:
        """The level of one check."""
        return self.options.level

    def tolerance(self, check: Check) -> float:
        """Return the tolerance that a check was designed for."""
        return tolerance_of(check, self.options)


@dataclass(frozen=True)
class Design:
    """A scenario with the measurements that its checks need and the number of draws designed for them all.

    After ``stage`` draws, if not 0, each of its checks either has what it needs or may be settled (``methods.curtailed``).
    """

    scenario: Scenario
    measurements: tuple[Measurement, ...]
    n: int
    stage: int = 0

    @property
    def expected(self) -> float:
        """About how many draws a right sampler is asked for."""
        return self.stage + SELDOM * (self.n - self.stage) if self.stage else self.n


def tolerance_of(check: Check, options: Options) -> float:
    """Return the check's own tolerance, else its method's (its unit is its own), else the coarsest of the run and cases."""
    if check.tolerance is not None:
        return check.tolerance
    if isinstance(own := getattr(check.method, "tolerance", None), float):
        return own
    return max([options.tolerance, *(scenario.case.tolerance or 0.0 for scenario in check.scenarios)])


def size_of(check: Check, options: Options) -> int:
    """Return the draws at which a sampled check exposes its tolerance, with what a first stage may miss accounted for."""
    assert check.method is not None
    return check.method.required(tolerance_of(check, options), options.level * LOOKS[-1][1], LATE * options.beta)


def suite_checks(samplers: Iterable[Sampler], content: Content, options: Options) -> list[Check]:
    """Return what the suites check of every form of the samplers, by declared capability."""
    cases = tuple(case for case in content.cases if case.belongs(options.profile, options.tolerance))
    made: list[Check] = []
    for sampler in samplers:
        for emits, form in sampler.forms.items():
            asked = [_on(case, form.terms) for case in cases if case.fits(emits, form.parameters, form.terms)]
            fitting = tuple(held for case in asked if (held := in_precision(case, sampler.dtype)) is not None)
            known = {case.name for case in fitting}
            masks = tuple(one for one in asked if one.name not in known and holds_masks(one, sampler.dtype))
            for name, suite in content.suites.items():
                unresolved = masks if name == "support" and emits in WHOLE else ()
                made.extend(suite(sampler, emits, fitting + unresolved, options))
    return made


def _on(case: Case, terms: Terms) -> Case:
    """Return the case on the terms of a form."""
    return case if terms == case.terms else replace(case, terms=terms)


def make(builtin: Sequence[Sampler], guests: Sequence[Sampler], content: Content, options: Options) -> Plan:
    """Return the plan of all claims (what the suites check of the built-in samplers, and what each claim adds) and guests.

    Each guest answers for one claim, that it draws what it declares. Either part may be empty.
    """
    claims = [*(content.claims(options) if builtin else ()), *map(_declaration, guests)]
    own = [check for claim in claims for check in claim.checks]
    checks = _unique([*suite_checks([*builtin, *guests], content, options), *own])
    plan = _plan(checks, tuple(claims), options)
    if plan.planned <= options.capacity:
        return replace(plan, errata=content.errata if builtin else (), asks=content.asks)
    return make(builtin, guests, content, replace(options, capacity=2 * options.capacity))


def documents_plan(builtin: Sequence[Sampler], content: Content, options: Options) -> Plan:
    """Return the plan of all claims."""
    return make(builtin, (), content, options)


def guests_plan(guests: Sequence[Sampler], content: Content, options: Options) -> Plan:
    """Return the plan for samplers that are not built in."""
    return make((), guests, content, options)


def _declaration(guest: Sampler) -> Claim:
    return Claim(
        f"sampler.{guest.name}",
        where="its declaration",
        says=f"{guest.name} draws what it declares ({', '.join(guest.forms)}) from its logits.",
        evidence=tuple(f"*/{guest.name}/{emits}/*" for emits in guest.forms),
    )


def select(
    plan: Plan,
    *,
    suites: Sequence[str] = (),
    claims: Sequence[str] = (),
    samplers: Sequence[str] = (),
    checks: Sequence[str] = (),
) -> Plan:
    """Return the plan with fewer checks and the same thresholds and draws; raises UsageError for unknown names."""
    known = {claim.id for claim in plan.claims}
    _known("suite", suites, {check.suite for check in plan.checks})
    _known("claim", claims, known)
    _known("check", checks, {check.name for check in plan.checks})
    wanted = {*claims, *(f"{claim}.corrected" for claim in claims if f"{claim}.corrected" in known)}
    kept = tuple(
        check
        for check in plan.checks
        if (not suites or check.suite in suites)
        and (not claims or wanted & {*check.claims})
        and (not samplers or check.sampler in samplers)
        and (not checks or check.name in checks)
    )
    bearing = {name for check in kept for name in check.claims}
    shown = tuple(claim for claim in plan.claims if (claim.id in wanted if claims else claim.id in bearing))
    return replace(narrowed(plan, kept), claims=shown)


def narrowed(plan: Plan, checks: Iterable[Check]) -> Plan:
    """Return the plan with some of its checks alone, and no measurement that none of them needs; draws stay as they are."""
    kept = tuple(checks)
    used: dict[str, set[str]] = {}
    for check in kept:
        for scenario, measurement in check.inputs:
            used.setdefault(scenario.name, set()).add(measurement.name)
    designs = {
        name: replace(design, measurements=tuple(one for one in design.measurements if one.name in used[name]))
        for name, design in plan.designs.items()
        if name in used
    }
    return replace(plan, checks=kept, designs=designs)


def _within(profile: str, wanted: str) -> bool:
    order = list(PROFILES)
    return order.index(profile) <= order.index(wanted)


def _known(kind: str, names: Sequence[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
            see = "see the column check of checks.csv" if kind == "check" else f"see: gumbel-harness list {kind}s"
            hint = f"did you mean {' or '.join(near)}?" if near else see
            raise UsageError(f"no {kind} is called {name!r} in this plan; {hint}")


def _unique(checks: Sequence[Check]) -> list[Check]:
    """Drop repetitions of a check (two claims may ask for the same one); two different checks of one name are an error."""
    found: dict[str, Check] = {}
    for check in checks:
        if _question(found.setdefault(check.name, check)) != _question(check):
            raise ValueError(f"two checks are called {check.name!r}")
    return list(found.values())


def _question(check: Check) -> tuple[object, ...]:
    """What makes two checks of one name the same."""
    inputs = tuple((scenario.name, measurement.name) for scenario, measurement in check.inputs)
    return check.suite, check.why, check.method_name, check.unit, check.tolerance, check.judges, inputs


def _plan(checks: Sequence[Check], claims: tuple[Claim, ...], options: Options) -> Plan:
    within = [check for check in checks if _within(check.profile, options.profile)]
    named = tuple(
        replace(check, claims=tuple(claim.id for claim in claims if claim.concerns(check))) for check in within
    )
    bearing = Counter(name for check in named for name in check.claims)
    sizes = {check.name: size_of(check, options) for check in named if check.method is not None}
    return Plan(options, named, claims, _designs(named, sizes), len(named), bearing)


def _designs(checks: Sequence[Check], sizes: Mapping[str, int]) -> dict[str, Design]:
    """Return for each scenario the union of its checks' measurements and the largest of their sizes and stages."""
    designs: dict[str, Design] = {}
    for check in checks:
        if check.method is None:
            continue
        n, method = sizes[check.name], staged(check.method)
        stage = n if method is None else method.stage(n)
        for scenario, measurement in check.inputs:
            old = designs.get(scenario.name, Design(scenario, (), 0))
            new = old.measurements if measurement in old.measurements else (*old.measurements, measurement)
            designs[scenario.name] = Design(scenario, new, max(old.n, n), max(old.stage, stage))
    return {name: _staged(design) for name, design in designs.items()}


def _staged(design: Design) -> Design:
    """Return the design without its stage where that is no part of the draws, or so large a one that it saves little."""
    worth = math.ceil(design.n * LOOKS[0][0]) < design.stage < WORTH * design.n
    return design if worth else replace(design, stage=0)
