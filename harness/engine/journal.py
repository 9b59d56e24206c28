"""Finished work is kept as it finishes, one line a piece, so that a run that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness import statistics
from harness.engine.shards import ShardResult
from harness.errors import UsageError
from harness.ledger.files import plain
from harness.questions.check import Evidence
from harness.statistics import Statistic, decode, encode
from harness.text import shown

TYPES: dict[str, type[Any]] = {
    name: found
    for name, found in vars(statistics).items()
    if isinstance(found, type) and found is not Statistic and name in statistics.__all__
}


Result = ShardResult | tuple[Evidence, float]


class Journal:
    """Results by key: in memory without statistics, and whole in ``path`` if one is given; a torn last line is ignored.

    Every line carries a checksum over itself and the header: one that was changed, comes from another run or stands
    twice is left out and counted in ``damaged``. To resume what was not begun in the same way is a UsageError. Where the
    file cannot be written (a full disk), ``fault`` says so in words, and what waits is tried again with the next result.
    """

    def __init__(self, path: Path | None = None, header: Mapping[str, Any] | None = None, resume: bool = False) -> None:
        self.results: dict[str, Result] = {}
        self.path = path
        self.fault = ""
        self.damaged = 0
        self._found = 0
        self._seal = b""
        self._waiting: list[bytes] = []
        self._whole = 0
        if path is None:
            return
        begun = _sealed({"header": header}, b"")
        self._seal = hashlib.blake2b(begun).digest()
        self._whole = self._found = self._load(path, begun) if resume and path.exists() else 0
        # Without a buffer: a line that could not be written would otherwise fail again, and for good, at the end.
        mode = "r+b" if self._whole else "wb"
        self._file = open(path, mode, buffering=0, opener=_no_link)  # noqa: SIM115 (closed in close)
        if not self._whole:
            self._write(begun)

    @property
    def waiting(self) -> int:
        """The number of lines that could not be written."""
        return len(self._waiting)

    def put(self, key: str, result: Result) -> None:
        """Keep a result; the line is handed to the operating system before the call returns, if it takes any."""
        self.results[key] = _bare(result)
        if self.path is not None:
            self._write(_sealed({"key": key, **_record(result)}, self._seal))

    def replay(self) -> Iterator[tuple[str, Result]]:
        """Yield what the file held when it was opened, one result at a time, with its statistics."""
        if self.path is None or not self._found:
            return
        seen: set[str] = set()
        with open(self.path, "rb") as lines:
            read = len(lines.readline())
            while read < self._found:
                line = lines.readline()
                read += len(line)
                if (record := _opened(line, self._seal)) and record["key"] not in seen:
                    seen.add(record["key"])
                    yield record["key"], _result(record)

    def close(self, *, remove: bool = False) -> None:
        """Close the file; a run that ended has its ledger and needs the journal no more."""
        if self.path is not None:
            self._file.close()
            if remove:
                self.path.unlink(missing_ok=True)

    def _write(self, line: bytes) -> None:
        self._waiting.append(line)
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

    def _load(self, path: Path, begun: bytes) -> int:
        """Read what is whole; return how many bytes that is. Raises UsageError for a journal of another run."""
        with open(path, "rb", opener=_no_link) as lines:
            first = lines.readline()
            if not first.endswith(b"\n"):
                return 0
            if first != begun:
                raise UsageError(f"cannot resume the run in {shown(path.parent)}: {_difference(first, begun)}")
            whole = len(first)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                record = _opened(line, self._seal)
                if record is None or record["key"] in self.results:
                    self.damaged += 1
                else:
                    self.results[record["key"]] = _result(record | {"statistics": {}})
        return whole


def _sealed(record: Mapping[str, Any], seal: bytes) -> bytes:
    """Return a line whose last entry is a checksum over the rest of it and what seals its run."""
    body = json.dumps(record, default=plain)[:-1].encode()
    return body + b', "sum": "' + hashlib.blake2b(seal + body, digest_size=16).hexdigest().encode() + b'"}\n'


def _opened(line: bytes, seal: bytes) -> dict[str, Any] | None:
    """Return a line's record, None if it is not as it was written."""
    body, mark, _ = line.rpartition(b', "sum": "')
    if (
        not mark
        or hashlib.blake2b(seal + body, digest_size=16).hexdigest().encode() + b'"}\n' != line[len(body + mark) :]
    ):
        return None
    record: dict[str, Any] = json.loads(line)
    return record if "key" in record else None


def _difference(first: bytes, begun: bytes) -> str:
    """Say in what a journal's header differs from that of the run that would go on."""
    again = "give the same again, or begin anew without --resume"
    try:
        old, new = (_flat(json.loads(line)["header"]) for line in (first, begun))
    except (ValueError, KeyError, TypeError, RecursionError):
        return "the first line of its journal is damaged; begin anew without --resume"
    names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    said = [_changed(name, old, new) for name in names[:4]]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return shown(f"{'; '.join(said) or 'its journal is of another version'}{more}; {again}")


def _changed(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Say what became of one entry; a digest tells a reader nothing, so that the sources have a sentence."""
    if name == "versions sources":
        return "this project's own sources changed since the run began"
    return f"{name} was {old.get(name, 'not there')}, now {new.get(name, 'not there')}"


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return what a header holds by the path of its keys; digests cut short."""
    if isinstance(value, dict):
        return {key: one for part in value for key, one in _flat(value[part], f"{name} {part}".strip()).items()}
    return {name: value[:12] if isinstance(value, str) and len(value) == 64 else value}


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)


def _bare(result: Result) -> Result:
    return result.bare if isinstance(result, ShardResult) else result


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
