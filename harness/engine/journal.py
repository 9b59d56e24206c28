"""Finished work is kept as it finishes, one line a piece, so that a run that was cut off goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness import statistics
from harness.engine.shards import ShardResult
from harness.ledger.files import plain
from harness.questions.check import Evidence
from harness.statistics import decode, encode

TYPES: dict[str, type[Any]] = {
    name: getattr(statistics, name) for name in ("Counts", "Moments", "Support", "UniformBins")
}


Result = ShardResult | tuple[Evidence, float]


class Journal:
    """Results by key: in memory without statistics, and whole in ``path`` if one is given; a torn last line is ignored.

    Where the file cannot be written (a full disk), ``fault`` says so in words, and what waits is tried again with the
    next result.
    """

    def __init__(self, path: Path | None = None, header: Mapping[str, Any] | None = None, resume: bool = False) -> None:
        self.results: dict[str, Result] = {}
        self.path = path
        self.fault = ""
        self._found = 0
        self._waiting: list[bytes] = []
        self._whole = 0
        if path is None:
            return
        self._whole = self._found = self._load(path, dict(header or {})) if resume and path.exists() else 0
        # Without a buffer: a line that could not be written would otherwise fail again, and for good, at the end.
        self._file = open(path, "r+b" if self._whole else "wb", buffering=0)  # noqa: SIM115 (closed in close)
        if not self._whole:
            self._write({"header": header})

    @property
    def waiting(self) -> int:
        """The number of lines that could not be written."""
        return len(self._waiting)

    def put(self, key: str, result: Result) -> None:
        """Keep a result; the line is handed to the operating system before the call returns, if it takes any."""
        self.results[key] = _bare(result)
        if self.path is not None:
            self._write({"key": key, **_record(result)})

    def replay(self) -> Iterator[tuple[str, Result]]:
        """Yield what the file held when it was opened, one result at a time, with its statistics."""
        if self.path is None or not self._found:
            return
        with open(self.path, "rb") as lines:
            read = 0
            while read < self._found:
                line = lines.readline()
                read += len(line)
                record = json.loads(line)
                if "key" in record:
                    yield record["key"], _result(record)

    def close(self, *, remove: bool = False) -> None:
        """Close the file; a run that ended has its ledger and needs the journal no more."""
        if self.path is not None:
            self._file.close()
            if remove:
                self.path.unlink(missing_ok=True)

    def _write(self, record: Mapping[str, Any]) -> None:
        self._waiting.append(json.dumps(record, default=plain).encode() + b"\n")
        try:
            self._file.truncate(self._whole)  # what was torn off must not stand before what follows
            self._file.seek(self._whole)
            while self._waiting:
                self._append(self._waiting[0])
                self._whole += len(self._waiting.pop(0))
        except OSError as error:
            self.fault = error.strerror or str(error)
        else:
            self.fault = ""

    def _append(self, line: bytes) -> None:
        """Write all of a line, or raise OSError."""
        while line:
            line = line[self._file.write(line) or 0 :]

    def _load(self, path: Path, header: dict[str, Any]) -> int:
        """Read what is whole and belongs to the same run; return how many bytes that is."""
        whole = 0
        with open(path, "rb") as lines:
            for line in lines:
                record = _parsed(line)
                if record is None or ("header" in record and record["header"] != json.loads(json.dumps(header))):
                    return whole
                whole += len(line)
                if "key" in record:
                    self.results[record["key"]] = _result(record | {"statistics": {}})
        return whole


def _bare(result: Result) -> Result:
    return result.bare if isinstance(result, ShardResult) else result


def _parsed(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return record


def _record(result: Result) -> dict[str, Any]:
    if isinstance(result, tuple):
        return {"evidence": vars(result[0]), "seconds": result[1]}
    kept = {name: encode(statistic) for name, statistic in result.statistics.items()}
    return {**vars(result), "statistics": kept}


def _result(record: dict[str, Any]) -> Result:
    if "evidence" in record:
        return Evidence(**record["evidence"]), record["seconds"]
    kept = {name: decode(one, TYPES) for name, one in record["statistics"].items()}
    times = {name: record.get(name, 0.0) for name in ("seconds", "drawing", "transforming")}
    return ShardResult(kept, fault=record["fault"], **times)
