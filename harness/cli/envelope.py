"""``envelope``: where samplers stop being right."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import click

from harness.cli import completion
from harness.cli.common import positive, usage
from harness.errors import UsageError
from harness.text import shown


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET ...", shell_complete=completion.targets)
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

    Writes envelope.csv, a page (envelope.html) and its figure into --out.

    Exit status: 0; 2 usage; 3 a sampler ended the search, by killing its worker for one.
    """
    from harness.engine.executors import default_workers
    from harness.envelope.measure import measure
    from harness.envelope.rows import write_table
    from harness.envelope.trial import Effort
    from harness.ledger.files import replace
    from harness.ledger.owner import held
    from harness.options import Options
    from harness.samplers.targets import resolve_all
    from reports.envelope import write as write_page

    try:
        effort = Effort(Options(alpha=alpha, beta=beta, seed=seed), positive("budget", budget))
        number = positive("workers", default_workers() if workers is None else workers)
        samplers = resolve_all(targets)
        click.get_current_context().with_resource(held(out))
        edges = measure(samplers, effort, workers=number)
    except UsageError as error:
        usage(error)
    write_table(edges, out / "envelope.csv")
    told = {"seed": seed, "budget": budget, "alpha": alpha, "beta": beta}
    command = shlex.join(["gumbel-harness", *sys.argv[1:]])
    replace(out / "envelope.json", json.dumps({**told, "command": command}, indent=1) + "\n")
    write_page(out)
    for edge in edges:
        verified, refuted = (
            f"{value:.6g}" if value is not None else "-" for value in (edge.last_verified, edge.first_refuted)
        )
        click.echo(f"{edge.sampler}\t{edge.quantity}\tverified {verified}\trefuted {refuted}")
        if edge.broken:
            click.echo(f"gumbel-harness: {edge.sampler}, {edge.quantity}: {edge.broken}", err=True)
    click.echo(f"envelope: {shown(out)}/envelope.html")
    sys.exit(3 if any(edge.broken for edge in edges) else 0)
