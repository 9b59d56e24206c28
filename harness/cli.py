"""The command line is the composition root: it alone may see machinery, suites and reports; it imports them when needed."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import click

from harness.errors import UsageError

STARTED = time.perf_counter()
WHAT = ("claims", "samplers", "suites", "cases", "controls")
LATER = ("harness.ledger.tables", "statsmodels.stats.multitest", "reports.page")
"""What tables and the page need: two seconds of imports, which the main process has time for while workers draw."""


class _Main(click.Group):
    """Ends every command in a sentence, whatever the disk or the user does in the middle of it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Do the command; an interruption ends in 130, a file that cannot be written in 3."""
        from harness.errors import StorageError

        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("gumbel-harness: interrupted", err=True)
            sys.exit(130)
        except StorageError as error:
            words = str(error)
        except OSError as error:
            if error.errno == errno.EPIPE:  # who read the output has had enough, which click knows
                raise
            words = f"{error.filename or 'output'}: {error.strerror or error}"
        _silence()
        click.echo(f"gumbel-harness: {words}", err=True)
        sys.exit(3)


def _silence() -> None:
    """Give up standard output, so that what could not be written is not tried again at the very end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gumbel-harness")
def main() -> None:
    """Judge samplers of categorical distributions: verified, refuted or inconclusive, with both error rates stated."""


@main.command()
@click.argument("targets", nargs=-1, metavar="[TARGET ...]")
@click.option("--suite", "suites", multiple=True, metavar="NAME", help="Only this suite (repeatable).")
@click.option("--claim", "claims", multiple=True, metavar="ID", help="Only this claim (repeatable).")
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
@click.option("--timing", is_flag=True, help="Print where the time went.")
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
    scheduler: str | None,
    out: Path,
    resume: bool,
    strict: bool,
    keep_going: bool,
    timing: bool,
) -> None:
    """Run the plan and write a run folder.

    TARGET is a registered name, package.module:attribute, or path/file.py:attribute. Without one, all built-in samplers
    and all claims are judged.

    Exit status: 0 every claim got the verdict it deserves; 1 something was refuted that should hold, or the reverse;
    2 usage; 3 nothing refuted but something broke or, with --strict, was inconclusive; 130 interrupted.
    """
    from harness.console.preload import preload
    from harness.console.progress import progress
    from harness.console.saving import save, watched
    from harness.console.stopwatch import Stopwatch, lines
    from harness.console.summary import BROKEN, OK, exit_status, print_summary
    from harness.engine.executors import default_workers
    from harness.ledger.folder import start
    from harness.options import PROFILES, Options
    from harness.questions.plan import select
    from harness.samplers.targets import fingerprints
    from harness.validation import execute, make_plan

    watch = Stopwatch(STARTED)
    watch.lap("start-up")

    try:
        wanted = PROFILES[profile] if tolerance is None else tolerance
        options = Options(wanted, alpha, beta, seed, profile, keep_going)
        plan = select(make_plan(targets, options), suites=suites, claims=claims)
        if not plan.checks:
            raise UsageError("nothing is left to check with these --suite and --claim; drop one of them")
        number = _positive("workers", default_workers() if workers is None else workers)
        header = {
            "options": vars(options),
            "suites": list(suites),
            "claims": list(claims),
            "targets": fingerprints(targets),
        }
        journal = start(out, header, resume=resume)
        command = shlex.join(["gumbel-harness", *sys.argv[1:]])
        watch.lap("plan")
        if engine != "serial":
            preload(LATER)
        with progress() as report:
            validation = execute(
                plan,
                engine=engine,
                workers=number,
                scheduler=scheduler,
                journal=journal,
                progress=watched(report, journal),
                command=command,
                targets=targets,
            )
        watch.lap("run")
        saved = save(validation, out, journal)
        watch.lap("report")
    except UsageError as error:
        _usage(error)
    print_summary(validation, saved.folder)
    if timing:
        processes = 1 if engine == "serial" else number
        click.echo("\n".join(lines(watch.laps, validation.outcome.judging, journal.results, processes)))
    if saved.trouble:
        click.echo(f"gumbel-harness: {saved.trouble}", err=True)
    sys.exit(exit_status(validation, strict=strict) or (BROKEN if saved.trouble else OK))


@main.command("list")
@click.argument("what", type=click.Choice(WHAT))
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
def list_(what: str, profile: str) -> None:
    """List claims, samplers, suites, cases or controls, one a line."""
    from harness.console.listing import lines
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


@main.command()
@click.argument("targets", nargs=-1, metavar="[TARGET ...]")
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/bench"), show_default=True)
@click.option("--compare", "older", type=click.Path(path_type=Path), metavar="OLD.json", help="Say what got slower.")
@click.option("--seconds", type=float, default=240.0, show_default=True, help="About how long to measure.")
@click.option("--categories", help="Only these K, with commas between them.")
def bench(targets: tuple[str, ...], out: Path, older: Path | None, seconds: float, categories: str | None) -> None:
    """Measure throughput and memory, beside NumPy's idioms and the samplers of the frameworks that are installed.

    Without targets, draws and seconds to a verdict too, beside the rules by which others test samplers.

    Exit status: 0; 1 something got slower than in OLD.json, beyond the noise; 2 usage.
    """
    from harness.bench.pinning import pin

    core = pin()  # before anything loads NumPy
    from harness.bench.command import bench as run
    from harness.bench.command import lines, numbers
    from harness.bench.compare import compare
    from harness.bench.pinning import pinned
    from harness.bench.pyperf_json import read
    from harness.ledger.folder import prepare
    from reports.bench import write as write_page
    from suites.peers import rules

    try:
        before = None if older is None else read(older)
        chosen, held = numbers(categories), () if targets else rules()
        prepare(out)
        done = run(targets, seconds=seconds, categories=chosen, rules=held, pinned=lambda: pinned(core))
    except UsageError as error:
        _usage(error)
    for line in lines(done):
        click.echo(line)
    done.save(out)
    write_page(out)
    comparison = None if before is None else compare(before, {one.name: one.seconds for one in done.series})
    if comparison:
        click.echo(comparison)
    click.echo(f"bench: {out}/bench.html")
    sys.exit(1 if comparison and comparison.slower else 0)


@main.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET ...")
@click.option("--budget", type=int, default=2**26, show_default=True, help="Noise values a point of the search.")
@click.option("--alpha", type=float, default=1e-6, show_default=True, help="False alarms of the whole search.")
@click.option("--beta", type=float, default=1e-3, show_default=True, help="Misses, each point.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=int, help="Processes [default: all cores].")
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/envelope"), show_default=True)
def envelope(
    targets: tuple[str, ...], budget: int, alpha: float, beta: float, seed: int, workers: int | None, out: Path
) -> None:
    """Search where samplers stop being right: rarest category, largest K and shift, temperatures, extreme noise.

    Writes envelope.csv and envelope.svg into --out.
    """
    from harness.engine.executors import default_workers
    from harness.envelope.measure import measure
    from harness.envelope.table import write_table
    from harness.envelope.trial import Effort
    from harness.ledger.folder import prepare
    from harness.options import Options
    from harness.samplers.targets import resolve
    from reports.envelope import figure

    try:
        effort = Effort(Options(alpha=alpha, beta=beta, seed=seed), _positive("budget", budget))
        number = _positive("workers", default_workers() if workers is None else workers)
        samplers = [resolve(target) for target in targets]
        prepare(out)
        edges = measure(samplers, effort, workers=number)
    except UsageError as error:
        _usage(error)
    write_table(edges, out / "envelope.csv")
    (out / "envelope.svg").write_text(figure(edges))
    for edge in edges:
        verified, refuted = (
            f"{value:.6g}" if value is not None else "-" for value in (edge.last_verified, edge.first_refuted)
        )
        click.echo(f"{edge.sampler}\t{edge.quantity}\tverified {verified}\trefuted {refuted}")
    click.echo(f"envelope: {out}/envelope.csv")


@main.command()
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=int, help="Processes [default: all cores].")
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/selftest"), show_default=True)
def selftest(profile: str, seed: int, workers: int | None, out: Path) -> None:
    """Show that the harness catches what is wrong and spares what is right, at the rates that it states.

    Exit status: 0 every control was refuted (or is listed with its price), every rate holds and no right sampler was
    refuted; 1 otherwise; 2 usage; 3 nothing of this but something broke; 130 interrupted, with what was finished kept.
    """
    from harness.console.progress import progress
    from harness.console.summary import BROKEN, INTERRUPTED, OK, REFUTED
    from harness.ledger.folder import prepare
    from harness.selftest.session import selftest as do
    from harness.selftest.summary import lines
    from reports.selftest import write as write_page
    from suites.peers import rules

    command = shlex.join(["gumbel-harness", *sys.argv[1:]])
    try:
        prepare(out)
        with progress("thousandths of the work") as report:
            done = do(profile, seed, workers, rules(), progress=report, command=command)
        done.save(out)
        write_page(out)
    except UsageError as error:
        _usage(error)
    except KeyboardInterrupt:
        click.echo("gumbel-harness: interrupted before anything was finished", err=True)
        sys.exit(INTERRUPTED)
    for line in lines(done):
        click.echo(line)
    click.echo(f"report: {out}/selftest.html")
    sys.exit(INTERRUPTED if done.interrupted else REFUTED if not done.right else BROKEN if done.broken else OK)


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise UsageError(f"{name} must be at least 1, got {value}")
    return value


def _usage(error: UsageError) -> NoReturn:
    click.echo(f"gumbel-harness: {error}", err=True)
    sys.exit(2)
