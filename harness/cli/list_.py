"""``list``: what the project holds."""

from __future__ import annotations

import sys

import click

from harness.cli.common import usage
from harness.errors import UsageError

WHAT = ("claims", "samplers", "suites", "cases", "controls", "conventions")


@click.command("list")
@click.argument("what", type=click.Choice(WHAT))
@click.argument("pattern", default="")
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
def list_(what: str, pattern: str, profile: str, as_json: bool) -> None:
    """List claims, samplers, suites, cases, controls or conventions: all, or those whose name holds PATTERN.

    A table with headings on a terminal; elsewhere a line each, with tabs between the fields.
    """
    from harness.console import listing
    from harness.options import PROFILES, Options

    try:
        listed = listing.rows(what, Options(PROFILES[profile], profile=profile), pattern)
    except UsageError as error:
        usage(error)
    if not listed:
        click.echo(f"gumbel-harness: none of the {what} is called like {pattern!r}", err=True)
    if as_json:
        click.echo(listing.as_json(listed))
    elif sys.stdout.isatty():
        listing.print_table(listed)
    else:
        for line in listing.as_lines(listed):
            click.echo(line)
