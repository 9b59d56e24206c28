"""envelope.csv: a row a sampler and quantity; missing numbers are empty fields, and floats round-trip."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path

from harness.envelope.edge import Edge

COLUMNS = tuple(field.name for field in fields(Edge))


def write_table(edges: Iterable[Edge], path: Path) -> None:
    """Write the edges, seconds to the tenth."""
    with open(path, "w", newline="") as table:
        writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**asdict(edge), "seconds": round(edge.seconds, 1)} for edge in edges)


def read_table(path: Path) -> list[Edge]:
    """Read what ``write_table`` wrote."""
    with open(path, newline="") as table:
        return [_edge(row) for row in csv.DictReader(table)]


def _edge(row: dict[str, str]) -> Edge:
    numbers = {name: float(row[name]) if row[name] else None for name in ("last_verified", "first_refuted")}
    return Edge(
        row["sampler"],
        row["dtype"],
        row["quantity"],
        row["unit"],
        numbers["last_verified"],
        numbers["first_refuted"],
        int(row["n"]),
        float(row["alpha"]),
        float(row["seconds"]),
        row["how"],
    )
