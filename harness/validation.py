"""Validate samplers from Python: plan, run, judge, and hand back tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.engine.executors import default_workers, open_engine
from harness.engine.journal import Journal
from harness.engine.left import Told
from harness.engine.pool import silent
from harness.engine.run import Ahead, Outcome, run
from harness.errors import UsageError
from harness.ledger.folder import storing, write
from harness.ledger.manifest import manifest
from harness.ledger.owner import held, prepare
from harness.ledger.record import record
from harness.options import Options
from harness.questions.content import Content, load_content
from harness.questions.plan import Plan, make, select
from harness.samplers.importing import loaded
from harness.samplers.registry import Sampler, registered
from harness.samplers.targets import resolve_all
from harness.verdict import Verdict, combine

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Validation:
    """A finished run: plan, outcome and manifest; its tables are those of the run folder."""

    plan: Plan
    outcome: Outcome
    manifest: dict[str, Any]

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The ledger's records, one a check, in the order of the plan."""
        return [record(finding, self.plan.options.seed) for finding in self.outcome.findings]

    @cached_property
    def checks(self) -> pd.DataFrame:
        """The table of checks.csv, the most telling refutation first."""
        from harness.ledger.tables import checks_frame

        return checks_frame(self.records, self.plan.planned)

    @cached_property
    def claims(self) -> pd.DataFrame:
        """The table of claims.csv."""
        from harness.ledger.tables import claims_frame

        return claims_frame(self.records, self.manifest["claims"])

    @cached_property
    def samplers(self) -> pd.DataFrame:
        """The table of samplers.csv."""
        from harness.ledger.tables import samplers_frame

        return samplers_frame(self.records, self.manifest["samplers"])

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of the checks that the samplers answer for."""
        return combine(finding.verdict for finding in self.outcome.findings if finding.check.judges)

    def __str__(self) -> str:
        lines = [f"{self.verdict.value}: {len(self.records)} checks"]
        unverified = self.checks[self.checks["verdict"] != "verified"].head(10)
        lines += [f"  {row.verdict}  {row.check}: {row.reason}" for row in unverified.itertuples()]
        return "\n".join(lines)

    def save(self, path: str | Path) -> Path:
        """Write the run folder, tables, figures and page included; raises UsageError or StorageError where it cannot."""
        with held(Path(path)) as folder:
            self.keep(folder)
            self.report(folder)
        return folder

    def keep(self, folder: Path) -> Path:
        """Write the evidence: all else can be made from it. Raises UsageError or StorageError."""
        write(prepare(folder), self.manifest, self.records, self.outcome.timings)
        return folder

    def report(self, folder: Path) -> None:
        """Make tables, figures and page of a folder that has the evidence; raises StorageError."""
        with storing(folder):
            for point in entry_points(group="gumbel_harness.reports"):
                loaded(point)(folder)


def make_plan(targets: Sequence[Any], options: Options, content: Content | None = None) -> Plan:
    """Return the plan for targets; without any, that of all claims and built-in samplers.

    Raises UsageError for a target that is none, and for two different samplers of one name.
    """
    content = content or load_content(options)
    builtin = [sampler for sampler in registered() if sampler.trusted]
    wanted = _distinct(resolve_all(targets), builtin)
    guests = [sampler for sampler in wanted if not sampler.trusted]
    with_claims = len(guests) < len(wanted) or not wanted
    plan = make(builtin if with_claims else [], guests, content, options)
    return select(plan, samplers=[sampler.name for sampler in wanted])


def _distinct(wanted: Sequence[Sampler], builtin: Sequence[Sampler]) -> list[Sampler]:
    found: dict[str, Sampler] = {sampler.name: sampler for sampler in builtin}
    for sampler in wanted:
        known = found.setdefault(sampler.name, sampler)
        if known is not sampler and dict(known.forms) != dict(sampler.forms):
            what = "a built-in sampler" if known.trusted else "another target"
            raise UsageError(f"{sampler.name!r} is the name of {what}; give yours another, @harness.sampler(NAME, ...)")
    return list({sampler.name: sampler for sampler in wanted}.values())


def execute(
    plan: Plan,
    *,
    engine: str = "loky",
    workers: int | None = None,
    scheduler: str | None = None,
    journal: Journal | None = None,
    progress: Told = silent,
    command: str = "",
    targets: Sequence[str] = (),
    ahead: Ahead | None = None,
    waves: bool = False,
) -> Validation:
    """Run a plan on an engine and return the validation; with ``waves`` a wrong guest ends before its dear cases."""
    number = default_workers() if workers is None else workers
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise UsageError(f"workers must be a positive integer, got {workers!r}")
    start = datetime.now(UTC)
    with open_engine(engine, number, scheduler) as executor:
        outcome = run(plan, executor, number, journal or Journal(), progress, ahead, waves=waves)
    end = datetime.now(UTC)
    return Validation(plan, outcome, manifest(plan, engine, number, start, end, command, targets, outcome.interrupted))


def validate(
    *targets: Any,
    tolerance: float | None = None,
    alpha: float = 1e-6,
    beta: float = 1e-3,
    seed: int = 0,
    profile: str = "quick",
    suites: Sequence[str] = (),
    claims: Sequence[str] = (),
    checks: Sequence[str] = (),
    engine: str = "loky",
    workers: int | None = None,
    scheduler: str | None = None,
    keep_going: bool = False,
) -> Validation:
    """Judge samplers: registered names, decorated samplers, plain functions, or targets in words.

    ``tolerance`` is the total variation (or KS distance) to expose with probability 1 - ``beta`` while the whole run
    refutes a right sampler with probability ``alpha`` at most; by default it is the profile's. A sampler that its first
    draws refute is drawn no further, unless ``keep_going``. Raises UsageError.
    """
    from harness.options import PROFILES

    chosen = PROFILES.get(profile, 0.01) if tolerance is None else tolerance
    options = Options(chosen, alpha, beta, seed, profile, keep_going)
    plan = select(make_plan(targets, options), suites=suites, claims=claims, checks=checks)
    names = [target for target in targets if isinstance(target, str)]
    command = Path(sys.argv[0]).name
    return execute(
        plan, engine=engine, workers=workers, scheduler=scheduler, command=command, targets=names, waves=not keep_going
    )
