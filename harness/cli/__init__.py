"""The command line is the composition root: it alone may see machinery, suites and reports; it imports them when needed."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import Any

import click

from harness.cli.bench import bench
from harness.cli.envelope import envelope
from harness.cli.list_ import list_
from harness.cli.report import report
from harness.cli.selftest import selftest
from harness.cli.validate import validate


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


for _command in (validate, list_, report, bench, envelope, selftest):
    main.add_command(_command)
