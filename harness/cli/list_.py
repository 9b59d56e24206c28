"""``list``: what the project holds."""

from __future__ import annotations

import click

from harness.cli.common import usage
from harness.errors import UsageError

WHAT = ("claims", "samplers", "suites", "cases", "controls")


@click.command("list")
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
        usage(error)
