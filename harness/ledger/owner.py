"""A folder is written to if it is new, empty or ours, by one process at a time, and never through a link inside it."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from harness.errors import UsageError
from harness.text import shown

MARKER = ".gumbel-harness"
"""Stands in every folder of ours; who writes there holds a lock on it, which the system takes from a process that ends."""
_BENCH = {"bench.csv", "bench.json", "bench.html", "goals.csv", "verdicts.csv", "figures"}
_ENVELOPE = {"envelope.csv", "envelope.svg"}


def prepare(path: Path) -> Path:
    """Make the folder or show that it is ours, and that it can be written; raises UsageError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not is_ours(path) and (others := sorted(os.listdir(path))):
            words = f"{shown(path)} holds {shown(', '.join(others[:3]), 100)}, which no run of this project wrote"
            raise UsageError(f"{words}; choose a new or empty folder with --out")
        os.close(_opened(path))
    except OSError as error:
        raise UsageError(f"cannot write to {shown(path)}: {error.strerror}; choose another --out") from error
    return path


@contextlib.contextmanager
def held(path: Path, *, made: bool = False) -> Iterator[Path]:
    """Prepare a folder and keep every other process from it meanwhile; raises UsageError if one writes there.

    With ``made`` the folder must be there already and hold a run.
    """
    if made and not (path.is_dir() and is_ours(path)):
        raise UsageError(f"{shown(path)} is no run folder: it has no manifest.json of ours")
    marker = _opened(prepare(path))
    try:
        if not _locked(marker):
            holder = os.pread(marker, 20, 0).decode("ascii", "replace").strip() or "unknown"
            words = f"another run (process {shown(holder)}) writes to {shown(path)}"
            raise UsageError(f"{words}; wait until it has ended, or choose another --out")
        os.truncate(marker, 0)
        os.pwrite(marker, f"{os.getpid()}\n".encode(), 0)
        try:
            yield path
        finally:
            os.truncate(marker, 0)
    finally:
        os.close(marker)


def is_ours(path: Path) -> bool:
    """Tell whether a folder carries the marker, or what earlier versions wrote: a manifest, a journal, a benchmark."""
    if _is_file(path / MARKER):
        return True
    manifest, journal = _first(path / "manifest.json", whole=True), _first(path / "journal.jsonl")
    if isinstance(manifest.get("schema"), int) and {"options", "budget"} <= set(manifest):
        return True
    if isinstance(journal.get("header"), dict):
        return True
    names = set(os.listdir(path))
    return bool(names) and (names <= _ENVELOPE or ("bench.json" in names and names <= _BENCH))


def no_link(path: Path) -> Path:
    """Return a folder inside one of ours that may be written to; raises UsageError for a link that leads elsewhere."""
    if path.is_symlink():
        raise UsageError(f"{shown(path)} is a symbolic link; nothing is written through it: remove it")
    return path


def _opened(path: Path) -> int:
    """Open the marker for writing; a link in its place is not followed."""
    return os.open(path / MARKER, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)


def _locked(marker: int) -> bool:
    """Lock the marker; a system or file system without locks does not keep anybody from working."""
    try:
        import fcntl

        fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return True
    return True


def _is_file(path: Path) -> bool:
    """Tell whether this is a regular file and no link."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _first(path: Path, *, whole: bool = False) -> dict[str, object]:
    """Return the JSON object of a file or of its first line; an empty one if there is none."""
    if not _is_file(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            found = json.loads(file.read() if whole else file.readline())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
