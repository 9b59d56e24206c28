"""The command line is the composition root: it alone may see machinery, suites and reports; it imports them when needed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from harness.errors import UsageError

WHAT = ("claims", "samplers", "suites", "cases", "controls")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gumbel-harness")
def main() -> None:
    """Judge samplers of categorical distributions: verified, refuted or inconclusive, with both error rates stated."""


def _plan_options(command: Any) -> Any:
    """Add the options that fix a plan."""
    options = (
        click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True),
        click.option("--tolerance", type=float, help="Deviation to expose [default: 0.01 quick, 0.002 full]."),
        click.option("--alpha", type=float, default=1e-6, show_default=True, help="False alarms of the whole run."),
        click.option(
            "--beta", type=float, default=1e-3, show_default=True, help="Misses, each check, at the tolerance."
        ),
        click.option("--seed", type=int, default=0, show_default=True),
    )
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@click.argument("targets", nargs=-1, metavar="[TARGET ...]")
@click.option("--suite", "suites", multiple=True, metavar="NAME", help="Only this suite (repeatable).")
@click.option("--claim", "claims", multiple=True, metavar="ID", help="Only this claim (repeatable).")
@_plan_options
@click.option("--workers", type=int, help="Processes [default: all cores].")
@click.option("--engine", type=click.Choice(["serial", "loky"]), default="loky", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/run"), show_default=True)
@click.option("--resume", is_flag=True, help="Go on with an interrupted run in --out.")
@click.option("--strict", is_flag=True, help="Exit with 3 if anything is inconclusive.")
def validate(
    targets: tuple[str, ...],
    suites: tuple[str, ...],
    claims: tuple[str, ...],
    profile: str,
    tolerance: float | None,
    alpha: float,
    beta: float,
    seed: int,
    workers: int | None,
    engine: str,
    out: Path,
    resume: bool,
    strict: bool,
) -> None:
    """Run the plan and write a run folder.

    TARGET is a registered name, package.module:attribute, or path/file.py:attribute. Without one, all built-in samplers
    and all claims are judged.

    Exit status: 0 every claim got the verdict it deserves; 1 something was refuted that should hold, or the reverse;
    2 usage; 3 nothing refuted but something broke or, with --strict, was inconclusive; 130 interrupted.
    """
    from harness.engine.executors import default_workers
    from harness.options import PROFILES, Options
    from harness.outcome import exit_status, print_summary
    from harness.plan import select
    from harness.progress import progress
    from harness.runfolder import start
    from harness.validation import execute, make_plan

    try:
        options = Options(PROFILES[profile] if tolerance is None else tolerance, alpha, beta, seed, profile)
        plan = select(make_plan(targets, options), suites=suites, claims=claims)
        if not plan.checks:
            raise UsageError("nothing is left to check with these --suite and --claim; drop one of them")
        number = _positive("workers", default_workers() if workers is None else workers)
        journal = start(out, {"options": vars(options), "targets": list(targets)}, resume=resume)
        command = shlex.join(["gumbel-harness", *sys.argv[1:]])
        with progress() as report:
            validation = execute(
                plan, engine=engine, workers=number, journal=journal, progress=report, command=command, targets=targets
            )
        validation.save(out)
        journal.close(remove=not validation.outcome.interrupted)
    except UsageError as error:
        _usage(error)
    print_summary(validation, str(out))
    sys.exit(exit_status(validation, strict=strict))


@main.command("list")
@click.argument("what", type=click.Choice(WHAT))
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
def list_(what: str, profile: str) -> None:
    """List claims, samplers, suites, cases or controls, one a line."""
    from harness.listing import lines
    from harness.options import PROFILES, Options

    try:
        for line in lines(what, Options(PROFILES[profile], profile=profile)):
            click.echo(line)
    except UsageError as error:
        _usage(error)


@main.command()
@click.argument("run", type=click.Path(path_type=Path))
def report(run: Path) -> None:
    """Remake tables, figures and page from a run folder, without drawing."""
    from reports import write

    try:
        write(run)
    except UsageError as error:
        _usage(error)
    click.echo(f"report: {run}/report.html")


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise UsageError(f"{name} must be at least 1, got {value}")
    return value


def _usage(error: UsageError) -> NoReturn:
    click.echo(f"gumbel-harness: {error}", err=True)
    sys.exit(2)
