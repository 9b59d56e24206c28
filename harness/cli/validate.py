"""``validate``: run the plan and write a run folder."""

from __future__ import annotations

import shlex
import sys
import time
from functools import partial
from pathlib import Path

import click

from harness.cli import completion
from harness.cli.boundary import resumable
from harness.cli.common import positive, usage
from harness.errors import UsageError

STARTED = time.perf_counter()
LATER = ("harness.ledger.tables", "statsmodels.stats.multitest", "reports.page")
"""What tables and the page need: two seconds of imports, which the main process has time for while workers draw."""


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET ...]", shell_complete=completion.targets)
@click.option(
    "--suite",
    "suites",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.suites,
    help="Only this suite (repeatable).",
)
@click.option(
    "--claim",
    "claims",
    multiple=True,
    metavar="ID",
    shell_complete=completion.claims,
    help="Only this claim (repeatable).",
)
@click.option(
    "--check",
    "checks",
    multiple=True,
    metavar="ID",
    shell_complete=completion.checks,
    help="Only this row of checks.csv (repeatable).",
)
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--tolerance", type=float, help="Deviation to expose [default: 0.01 quick, 0.002 full].")
@click.option("--alpha", type=float, default=1e-6, show_default=True, help="False alarms of the whole run.")
@click.option("--beta", type=float, default=1e-3, show_default=True, help="Misses, each check, at the tolerance.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=int, help="Processes [default: all cores].")
@click.option("--engine", type=click.Choice(["serial", "loky", "dask"]), default="loky", show_default=True)
@click.option("--scheduler", metavar="ADDRESS", help="A running Dask scheduler, tcp://host:port (with --engine dask).")
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/run"), show_default=True)
@click.option("--resume", is_flag=True, help="Go on with an interrupted run in --out.")
@click.option("--strict", is_flag=True, help="Exit with 3 if anything is inconclusive.")
@click.option("--keep-going", is_flag=True, help="Draw all cases of a sampler of yours that its first draws refuted.")
@click.option("--budget", type=float, metavar="SECONDS", help="The finest tolerance whose draws fit.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML, a test case a check.")
@click.option("--json", "as_json", type=click.Path(path_type=Path), metavar="FILE", help="Write the tables as JSON.")
@click.option("--timing", is_flag=True, help="Print where the time went.")
def validate(
    targets: tuple[str, ...],
    suites: tuple[str, ...],
    claims: tuple[str, ...],
    checks: tuple[str, ...],
    profile: str,
    tolerance: float | None,
    alpha: float,
    beta: float,
    seed: int,
    workers: int | None,
    engine: str,
    scheduler: str | None,
    out: Path,
    resume: bool,
    strict: bool,
    keep_going: bool,
    budget: float | None,
    junit: Path | None,
    as_json: Path | None,
    timing: bool,
) -> None:
    """Run the plan and write a run folder.

    TARGET is a registered name, package.module:attribute, or path/file.py:attribute. Without one, all built-in samplers
    and all claims are judged.

    Exit status: 0 every claim got the verdict it deserves; 1 something was refuted that should hold, or the reverse;
    2 usage; 3 nothing refuted but something broke or, with --strict, was inconclusive; 130 interrupted.
    """
    from harness.console.budget import fitted, told
    from harness.console.exports import step_summary, workflow_commands, write_json, write_junit
    from harness.console.preload import preload
    from harness.console.progress import progress, stage
    from harness.console.saving import save, watched
    from harness.console.stopwatch import Stopwatch, lines
    from harness.console.summary import BROKEN, OK, exit_status, print_summary
    from harness.engine.executors import default_workers
    from harness.engine.start import JOURNAL, start
    from harness.ledger.manifest import versions
    from harness.ledger.owner import held
    from harness.options import PROFILES, Options
    from harness.questions.plan import Plan, select
    from harness.samplers.fingerprints import fingerprints, sources
    from harness.text import shown
    from harness.validation import execute, make_plan

    watch = Stopwatch(STARTED)
    watch.lap("start-up")

    try:
        wanted = PROFILES[profile] if tolerance is None else tolerance

        def planned(tolerance: float) -> Plan:
            options = Options(tolerance, alpha, beta, seed, profile, keep_going)
            return select(make_plan(targets, options), suites=suites, claims=claims, checks=checks)

        number = positive("workers", default_workers() if workers is None else workers)
        if budget is None:
            with stage("plan: which checks, at which sizes"):
                plan = planned(wanted)
        elif tolerance is not None or resume:
            raise UsageError("--budget chooses the tolerance: give neither --tolerance nor --resume with it")
        else:
            plan = fitted(planned, engine, number, scheduler, budget)
        options = plan.options
        if not plan.checks:
            raise UsageError("nothing is left to check with these --suite, --claim and --check; drop one of them")
        header = {
            "options": vars(options),
            "suites": list(suites),
            "claims": list(claims),
            "checks": list(checks),
            "targets": fingerprints(targets),
            "versions": {**versions(), "sources": sources()},
        }
        click.get_current_context().with_resource(held(out))
        anew = resume and not (out / JOURNAL).exists()
        journal = start(out, header, resume=resume)
        if anew:
            click.echo(f"gumbel-harness: there is nothing to resume in {shown(out)}; the run begins", err=True)
        if journal.damaged:
            words = f"{journal.damaged} lines of the journal are damaged or stand twice and are left out"
            click.echo(f"gumbel-harness: {words}; what is missing is drawn again", err=True)
        command = shlex.join(["gumbel-harness", *with_tolerance(sys.argv[1:], options.tolerance)])
        watch.lap("plan")
        if engine != "serial":
            preload(LATER)
        with resumable(command, journal), progress() as report:
            validation = execute(
                plan,
                engine=engine,
                workers=number,
                scheduler=scheduler,
                journal=journal,
                progress=watched(report, journal),
                command=command,
                targets=targets,
                ahead=partial(told, plan, planned, number) if targets else None,
                waves=not keep_going,
            )
        watch.lap("run")
        if validation.outcome.interrupted:
            click.echo("gumbel-harness: interrupted; what was finished is judged and written", err=True)
        with resumable(command, journal), stage("tables, figures and page"):
            saved = save(validation, out, journal)
        watch.lap("report")
    except UsageError as error:
        usage(error)
    print_summary(validation, saved.folder)
    if timing:
        processes = 1 if engine == "serial" else number
        click.echo("\n".join(lines(watch.laps, validation.outcome.judging, journal.results, processes)))
    if saved.trouble:
        click.echo(f"gumbel-harness: {shown(saved.trouble)}", err=True)
    status = exit_status(validation, strict=strict) or (BROKEN if saved.trouble else OK)
    if junit:
        write_junit(validation, junit)
    if as_json:
        write_json(validation, as_json, status)
    for line in workflow_commands(validation):
        click.echo(line)
    if saved.folder:
        step_summary(saved.folder)
    sys.exit(status)


def with_tolerance(words: list[str], tolerance: float) -> list[str]:
    """Return a command's words with ``--budget SECONDS`` replaced by the tolerance that it led to, which repeats the run."""
    made, words = [], list(words)
    while words:
        word = words.pop(0)
        if word == "--budget":
            words.pop(0)
        if word.split("=")[0] == "--budget":
            word = f"--tolerance={tolerance:g}"
        made.append(word)
    return made
