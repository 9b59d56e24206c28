"""A run folder holds the evidence; whatever else stands in it can be remade from the manifest and the ledger."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import StorageError, UsageError
from harness.ledger.files import replace, write_table
from harness.ledger.shape import check_manifest, check_records
from harness.text import harmless, inert, shown

SCHEMA = 1
_TIMINGS = ("scenario", "shard", "draws", "seconds", "draws_per_second")


@dataclass(frozen=True)
class RunFolder:
    """A finished run as read back: the manifest, the ledger's records and the folder; ``trouble`` says what is amiss."""

    path: Path
    manifest: dict[str, Any]
    records: list[dict[str, Any]]
    trouble: str = ""


def write(
    path: Path, manifest: Mapping[str, Any], records: Iterable[Mapping[str, Any]], timings: Sequence[Mapping[str, Any]]
) -> None:
    """Write manifest.json, ledger.jsonl and timings.csv, each complete or not at all; raises StorageError."""
    with storing(path):
        ledger = "".join(json.dumps(record, allow_nan=False) + "\n" for record in records)
        manifest = {**manifest, "ledger": {"sha256": hashlib.sha256(ledger.encode()).hexdigest()}}
        replace(path / "ledger.jsonl", ledger)
        write_table(path / "timings.csv", _TIMINGS, timings)
        replace(path / "manifest.json", json.dumps(manifest, indent=2, allow_nan=False) + "\n")


@contextlib.contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn what the operating system says of a folder that it cannot write into a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"cannot write to {shown(path)}: {error.strerror or error}") from error


def read(path: Path) -> RunFolder:
    """Read a run folder; raises UsageError if it is none, of another schema, or damaged."""
    try:
        manifest = _object((path / "manifest.json").read_text(encoding="utf-8"))
        ledger = (path / "ledger.jsonl").read_text(encoding="utf-8")
        records = [
            json.loads(line) if harmless(line) else inert(json.loads(line)) for line in ledger.split("\n") if line
        ]
    except FileNotFoundError as error:
        raise UsageError(f"{shown(path)} is no run folder: {Path(error.filename).name} is missing") from error
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{shown(path)} cannot be read as a run folder: {shown(error)}") from error
    if manifest.get("schema") != SCHEMA:
        raise UsageError(f"{shown(path)} has schema {manifest.get('schema')!r}, this version reads {SCHEMA}")
    manifest = inert(manifest)
    try:
        check_manifest(manifest)
        check_records(records)
    except UsageError as error:
        raise UsageError(f"{shown(path)} cannot be read as a run folder: {error}") from error
    return RunFolder(path, manifest, records, _trouble(manifest, len(records), ledger))


def _trouble(manifest: dict[str, Any], there: int, ledger: str) -> str:
    """Say whether the ledger is what the manifest says that the run wrote; folders of earlier versions tell less."""
    due, written = manifest["budget"].get("selected", there), manifest.get("ledger", {})
    if due != there:
        return (
            f"{due - there} of {due} selected checks are missing from the ledger."
            if there < due
            else (f"The ledger holds {there} checks, of which {due} were selected.")
        )
    if isinstance(written, dict) and written.get("sha256") not in (None, hashlib.sha256(ledger.encode()).hexdigest()):
        return "The ledger was changed after the run had written it."
    return ""


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(f"manifest.json is a {type(found).__name__}, an object is due")
    return found
