"""What was drawn before a change is not resumed: a target is known by every file of its project that is loaded."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.samplers.targets import resolve_all

OURS = Path(__file__).resolve().parents[2]
_PACKAGES = ("harness", "suites", "reports")


def fingerprints(targets: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return for each target the SHA-256 of its files, by path: its own and those of its project that it loaded.

    The project is the folder that the file or the top package stands in, without what is installed there; a package
    that is installed is a project by itself. Built-in samplers have no files: the version of ours stands for them.
    """
    return {target: {name: _digest(path) for name, path in sorted(_files(target))} for target in targets}


def sources() -> str:
    """Return a digest of this project's own code, which a version number does not change with every edit."""
    found = hashlib.sha256()
    for package in _PACKAGES[:2]:
        for path in sorted((OURS / package).rglob("*.py")):
            found.update(path.relative_to(OURS).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def _files(target: str) -> set[tuple[str, Path]]:
    found: set[tuple[str, Path]] = set()
    for sampler in resolve_all([target]):
        if sampler.home is not None:
            path = Path(sampler.home.path).resolve()
            found |= {(path.name, path), *_loaded(path.parent, "")}
        else:
            top = (getattr(sampler.form(sampler.emits).draw, "__module__", None) or "").partition(".")[0]
            origin = getattr(sys.modules.get(top), "__file__", None)
            if top not in (*_PACKAGES, "__main__") and origin is not None:
                path = Path(origin).resolve()
                found |= set(_loaded(path.parent.parent if path.name == "__init__.py" else path.parent, top))
    return found


def _loaded(project: Path, top: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of loaded modules that stand in a project, or belong to its package ``top`` if it is installed."""
    installed = _installed(project)
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if not isinstance(origin, str) or not origin.endswith(".py"):
            continue
        path = Path(origin).resolve()
        mine = name.partition(".")[0] == top if installed else not _installed(path) and not _is_ours(path)
        if mine and path.is_relative_to(project) and path.is_file():
            yield path.relative_to(project).as_posix(), path


def _installed(path: Path) -> bool:
    return bool({"site-packages", "dist-packages"} & set(path.parts)) or path.is_relative_to(
        Path(sys.base_prefix) / "lib"
    )


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(OURS) and path.relative_to(OURS).parts[0] in _PACKAGES


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
