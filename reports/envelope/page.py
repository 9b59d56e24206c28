"""envelope.html is one file that needs no network: how each quantity was searched, the figure, and every edge in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

from harness.errors import UsageError
from reports.drawing.svg import inline
from reports.envelope.panels import Edge, drawing, read
from reports.sections import columns
from reports.templating import asset, environment
from reports.words import counted, number

COLUMNS = columns(
    sampler="sampler: code",
    dtype="dtype",
    quantity="quantity",
    last_verified="last verified: number",
    first_refuted="first refuted: number",
    unit="unit",
    n="n: number",
    alpha="alpha: number",
    seconds="seconds: number",
    how="how it was searched, and what ended it",
)


def page(folder: Path) -> tuple[str, str]:
    """Return the page and its figure; raises UsageError if the folder holds no envelope."""
    try:
        edges = read(folder / "envelope.csv")
        told: dict[str, Any] = json.loads((folder / "envelope.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{folder} is no folder of an envelope: envelope.csv or envelope.json cannot be read"
        ) from error
    svg = drawing(edges, told.get("seed")) if edges else ""
    text = (
        environment()
        .get_template("envelope.html.j2")
        .render(
            told=told,
            headline=_headline(edges),
            figure=Markup(inline(svg)),
            columns=COLUMNS,
            edges=edges,
            css=Markup(asset("report.css") + asset("selftest.css")),
        )
    )
    return text + "\n", svg


def _headline(edges: list[Edge]) -> str:
    """Say how many edges were found, and of how many samplers."""
    found = sum(edge["first_refuted"] is not None for edge in edges)
    broken = sum(edge["last_verified"] is None and edge["first_refuted"] is None for edge in edges)
    rest = len(edges) - found - broken
    samplers = counted(len({edge["sampler"] for edge in edges}), "sampler")
    said = f"{samplers}: {counted(found, 'edge')} found, {number(rest)} right as far as was tried"
    return said + (f", {number(broken)} with neither" if broken else "") + "."
