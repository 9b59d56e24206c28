"""``selftest``: does the harness catch what is wrong, and spare what is right?"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from harness.cli.common import usage
from harness.errors import UsageError
from harness.text import shown


@click.command()
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
    from harness.ledger.owner import held
    from harness.selftest.selftest import selftest as do
    from harness.selftest.summary import lines
    from reports.selftest import write as write_page
    from suites.peers import rules

    command = shlex.join(["gumbel-harness", *sys.argv[1:]])
    try:
        click.get_current_context().with_resource(held(out))
        with progress(lambda _: "thousandths of the work") as report:
            done = do(profile, seed, workers, rules(), progress=report, command=command)
        done.save(out)
        write_page(out)
    except UsageError as error:
        usage(error)
    except KeyboardInterrupt:
        click.echo("gumbel-harness: interrupted before anything was finished", err=True)
        sys.exit(INTERRUPTED)
    for line in lines(done):
        click.echo(line)
    click.echo(f"report: {shown(out)}/selftest.html")
    sys.exit(INTERRUPTED if done.interrupted else REFUTED if not done.right else BROKEN if done.broken else OK)
