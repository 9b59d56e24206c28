"""The command line is the composition root: it alone may see machinery, suites and reports; it imports them when needed."""

from __future__ import annotations

import sys
from typing import Any

import click

from harness.cli.bench import bench
from harness.cli.boundary import leave, open_streams, sentences, somewhere
from harness.cli.compare import compare
from harness.cli.envelope import envelope
from harness.cli.explore import explore
from harness.cli.list_ import list_
from harness.cli.report import report
from harness.cli.selftest import selftest
from harness.cli.validate import validate
from harness.interrupts import ENDS, interruptible


class _Main(click.Group):
    """Ends every command in a sentence, whatever the disk or the user does in the middle of it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do the command as a program, which ends when the command does."""
        try:
            return self.main(*args, **kwargs)
        finally:
            error = sys.exception()
            if isinstance(error, SystemExit) and isinstance(error.code, int):
                leave(error.code)

    def invoke(self, ctx: click.Context) -> Any:
        """Do the command; whatever ends it ends it in a sentence and a status."""
        with sentences(), interruptible(ENDS):
            somewhere()
            return super().invoke(ctx)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Begin with standard streams that are there."""
        open_streams()
        return super().main(*args, **kwargs)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gumbel-harness")
def main() -> None:
    """Judge samplers of categorical distributions: verified, refuted or inconclusive, with both error rates stated."""


for _command in (validate, list_, explore, report, compare, bench, envelope, selftest):
    main.add_command(_command)
