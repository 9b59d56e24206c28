"""envelope.csv: a row a sampler and quantity; missing numbers are empty fields, and floats round-trip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path

from harness.envelope.edge import Edge
from harness.ledger import files

COLUMNS = tuple(field.name for field in fields(Edge))


def write_table(edges: Iterable[Edge], path: Path) -> None:
    """Write the edges, seconds to the tenth."""
    files.write_table(path, COLUMNS, ({**asdict(edge), "seconds": round(edge.seconds, 1)} for edge in edges))


def read_table(path: Path) -> list[Edge]:
    """Read what ``write_table`` wrote."""
    return [Edge(**row) for row in files.read_table(path)[1]]
