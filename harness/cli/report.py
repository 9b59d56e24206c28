"""``report``: remake the page of a run folder."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.boundary import BROKEN, end
from harness.cli.common import usage
from harness.errors import UsageError
from harness.text import shown


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
def report(run: Path) -> None:
    """Remake tables, figures and page from a run folder, without drawing."""
    from harness.ledger.folder import read
    from harness.ledger.owner import held
    from reports import write

    try:
        click.get_current_context().with_resource(held(run, made=True))
        trouble = read(run).trouble
        write(run)
    except UsageError as error:
        usage(error)
    click.echo(f"report: {shown(run)}/report.html")
    if trouble:
        end(f"{run}: {trouble}", BROKEN)
