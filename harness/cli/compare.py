"""``compare``: two run folders side by side."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.common import usage
from harness.errors import UsageError
from harness.text import shown


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/compare"), show_default=True)
def compare(old: Path, new: Path, out: Path) -> None:
    """Compare two run folders: verdicts that changed, effects that moved beyond noise, versions that differ.

    Writes compare.csv and compare.html. Exit status: 0 nothing got worse; 1 a verdict did; 2 usage.
    """
    from reports.compare import write
    from reports.compare.page import groups, headline

    try:
        found = write(old, new, out)
    except UsageError as error:
        usage(error)
    click.echo(shown(headline(found)))
    for title, pairs in groups(found):
        if pairs:
            click.echo(f"{title}: {len(pairs)}")
    for name, before, after in found.differing:
        click.echo(f"{shown(name)}: {shown(before)} before, {shown(after)} now")
    click.echo(f"compare: {shown(out)}/compare.html")
    sys.exit(1 if found.worse else 0)
