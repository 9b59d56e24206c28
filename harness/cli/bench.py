"""``bench``: throughput, memory and draws to a verdict."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli import completion
from harness.cli.common import usage
from harness.errors import UsageError
from harness.text import shown


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET ...]", shell_complete=completion.targets)
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
    from harness.ledger.owner import held
    from reports.bench import write as write_page
    from suites.peers import rules

    try:
        before = None if older is None else read(older)
        chosen, others = numbers(categories), () if targets else rules()
        click.get_current_context().with_resource(held(out))
        done = run(targets, seconds=seconds, categories=chosen, rules=others, pinned=lambda: pinned(core))
    except UsageError as error:
        usage(error)
    for line in lines(done):
        click.echo(line)
    done.save(out)
    write_page(out)
    comparison = None if before is None else compare(before, {one.name: one.seconds for one in done.series})
    if comparison:
        click.echo(comparison)
    click.echo(f"bench: {shown(out)}/bench.html")
    sys.exit(1 if comparison and comparison.slower else 0)
