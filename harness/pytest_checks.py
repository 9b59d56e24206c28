"""pytest drives the same pairs of sampler and check as the command, one test each, in any order and on any worker.

What a test draws depends on the names of its scenario alone, so every ``-n`` and ``--dist`` gives the same bytes. Tests
of one scenario share an ``xdist_group``: with ``--dist loadgroup`` each scenario is drawn once.
"""

from __future__ import annotations

import contextlib
import fnmatch
import importlib.util
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from harness.engine.journal import Journal
from harness.engine.run import run_here
from harness.options import PROFILES, Options
from harness.questions.check import Check, Finding
from harness.questions.plan import Plan, select
from harness.validation import make_plan
from harness.verdict import Verdict, agrees, deserved


@dataclass
class Session:
    """The plan of one ``parametrize_with_checks`` with what this process has drawn and judged of it so far."""

    plan: Plan
    journal: Journal = field(default_factory=Journal)
    findings: dict[str, Finding] = field(default_factory=dict)

    def finding(self, check: Check) -> Finding:
        """Return the finding of a check, judged together with all checks of its scenario, as in a whole run."""
        if check.name not in self.findings:
            group = tuple(other for other in self.plan.checks if _group(other) == _group(check))
            scenarios = {scenario.name for other in group for scenario in other.scenarios}
            designs = {name: design for name, design in self.plan.designs.items() if name in scenarios}
            part = replace(self.plan, checks=group, designs=designs)
            outcome = run_here(part, self.journal)
            self.findings |= {found.check.name: found for found in outcome.findings}
        return self.findings[check.name]


@dataclass(frozen=True)
class PytestCheck:
    """A check as a test: calling it passes, fails with all that a reader needs, or skips.

    Skipped is what nobody broke: a package is not installed, or the tolerance was not reached.
    """

    check: Check
    session: Session = field(repr=False, compare=False)
    deserved: Verdict

    def __call__(self) -> None:
        """Raise AssertionError if the verdict is not the one deserved, or if the sampler or the check broke."""
        __tracebackhide__ = True
        finding = self.finding
        if finding.verdict is Verdict.INCONCLUSIVE and unbroken(finding):
            pytest.skip(f"inconclusive: {finding.reason}")
        if not agrees(finding.verdict, self.deserved):
            pytest.fail(message(finding, self.session.plan.options), pytrace=False)

    @property
    def finding(self) -> Finding:
        """The finding; drawn at the first call in this process."""
        return self.session.finding(self.check)


def parametrize_with_checks(
    samplers: Sequence[Any] = (),
    *,
    tolerance: float | None = None,
    alpha: float = 1e-6,
    beta: float = 1e-3,
    seed: int = 0,
    profile: str = "quick",
    suites: Sequence[str] = (),
    expected_failures: Mapping[str, str] | None = None,
) -> Callable[[Any], Any]:
    """Return a decorator that runs the test once for every check of the samplers, as its argument ``check``.

    Without samplers the checks are those of the documents' claims. ``expected_failures`` maps check ids (or glob
    patterns of them) to the reason why they must fail; one that passes fails. Raises UsageError.
    """
    chosen = PROFILES.get(profile, 0.01) if tolerance is None else tolerance
    # A test that is expected to fail must not end the others.
    options = Options(chosen, alpha, beta, seed, profile, keep_going=True)
    session = Session(select(make_plan(samplers, options), suites=suites))
    expected = {claim.id: claim.expect for claim in session.plan.claims}
    parameters = [
        pytest.param(
            PytestCheck(check, session, deserved(expected[name] for name in check.claims)),
            id=check.name,
            marks=_marks(check, expected_failures or {}),
        )
        for check in session.plan.checks
    ]
    return pytest.mark.parametrize("check", parameters)


def unbroken(finding: Finding) -> bool:
    """Tell whether a finding is inconclusive for want of a package, or of draws that reach the tolerance."""
    evidence = finding.evidence
    sound = evidence.n > 0 and (evidence.p_value is None or 0 <= evidence.p_value <= 1)
    return not evidence.broken and (bool(evidence.missing) or (sound and finding.detectable > finding.tolerance))


def message(finding: Finding, options: Options) -> str:
    """Say what was claimed, what was seen, at which level, what could have been seen, and how to see it again."""
    check, evidence = finding.check, finding.evidence
    seen = "no chance is involved" if evidence.p_value is None else f"p = {evidence.p_value:.3g}"
    return "\n".join(
        (
            f"{check.name}: {finding.verdict.value}",
            f"  claimed:     {' '.join(check.claims) or check.sampler} ({check.why})",
            f"  seen:        {finding.reason}",
            f"  level:       {seen}, alpha = {finding.alpha:.3g} of the run's {options.alpha:.3g}",
            f"  n:           {evidence.n} draws; effect {evidence.effect:.3g} {finding.unit}",
            f"  detectable:  {finding.detectable:.3g} {finding.unit} with probability {1 - options.beta:g}"
            f" (tolerance {finding.tolerance:.3g})",
            f"  again:       gumbel-harness validate {_target(check)} --check '{check.name}' --seed {options.seed}"
            f" --tolerance {options.tolerance:g} --alpha {options.alpha:g} --beta {options.beta:g} --keep-going",
        )
    )


def _target(check: Check) -> str:
    """Return the words that name a check's sampler on the command line: a guest is named by its file."""
    if check.about is None or check.about.sampler.trusted:
        return check.sampler
    draw = check.about.sampler.form(check.about.emits).draw
    with contextlib.suppress(TypeError, ValueError):
        return f"{os.path.relpath(inspect.getfile(draw))}:{draw.__qualname__}"
    return check.sampler


def _group(check: Check) -> str:
    return check.about.name if check.about else check.name


def _marks(check: Check, expected: Mapping[str, str]) -> list[pytest.MarkDecorator]:
    marks = [
        pytest.mark.xfail(reason=reason, strict=True)
        for pattern, reason in expected.items()
        if fnmatch.fnmatchcase(check.name, pattern)
    ]
    if importlib.util.find_spec("xdist"):
        marks.append(pytest.mark.xdist_group(_group(check)))
    return marks
