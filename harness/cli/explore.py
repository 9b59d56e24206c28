"""``explore``: between the cases, where is a sampler wrong, and which is the simplest case of it?"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

import click

from harness.cli import completion
from harness.cli.boundary import INTERRUPTED
from harness.cli.common import positive, usage
from harness.errors import UsageError


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET ...", shell_complete=completion.targets)
@click.option("--budget", type=float, default=60.0, show_default=True, metavar="SECONDS", help="How long to search.")
@click.option("--alpha", type=float, default=1e-6, show_default=True, help="False alarms of the whole search.")
@click.option("--beta", type=float, default=1e-3, show_default=True, help="Misses, of what the summary promises.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=int, help="Processes [default: all cores].")
@click.option("--engine", type=click.Choice(["serial", "loky"]), default="loky", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/explore"), show_default=True)
def explore(
    targets: tuple[str, ...],
    budget: float,
    alpha: float,
    beta: float,
    seed: int,
    workers: int | None,
    engine: str,
    out: Path,
) -> None:
    """Search between the cases for where a sampler is wrong, and shrink what is found.

    Writes explore.csv and coverage.csv into --out and, for a refuted sampler, smallest.json and smallest.py.

    Exit status: 0 nothing was found; 1 a sampler was refuted; 2 usage; 3 nothing was refuted but something broke; 130
    interrupted, with what was found until then kept.
    """
    start = time.time()  # what is imported now counts
    from harness.exploration.explore import explore as search
    from harness.exploration.tables import write
    from harness.ledger.owner import held
    from harness.verdict import Verdict

    try:
        number = None if workers is None else positive("workers", workers)
        click.get_current_context().with_resource(held(out))
        done = search(
            *targets,
            budget=budget,
            seed=seed,
            alpha=alpha,
            beta=beta,
            workers=number,
            engine=engine,
            start=start,
            keep=partial(write, folder=out),
        )
    except UsageError as error:
        usage(error)
    write(done.found, done.targets, out)
    for line in done.lines():
        click.echo(line)
    click.echo(f"explore: {out}/{'smallest.py' if done.smallest else 'explore.csv'}")
    if done.interrupted:
        sys.exit(INTERRUPTED)
    sys.exit({Verdict.REFUTED: 1, Verdict.INCONCLUSIVE: 3}.get(done.verdict, 0))
