"""A target is a registered name, ``package.module:attribute`` or ``path/file.py:attribute``; all become samplers."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import cloudpickle

from harness.errors import UsageError
from harness.quiet import prints_aside
from harness.samplers.registry import Form, Sampler, get


def resolve(target: Any) -> Sampler:
    """Return the sampler that a target names, or that it is; raises UsageError with what was wrong."""
    if isinstance(target, Sampler):
        return target
    if callable(target):
        return _wrap(target, getattr(target, "__name__", "sampler"))
    if not isinstance(target, str):
        raise UsageError(f"a target is a sampler, a function or a name, got {target!r}")
    if ":" not in target:
        return get(target)
    place, _, attribute = target.rpartition(":")
    if not attribute:
        raise UsageError(f"{target!r} names no sampler: write {place}:NAME")
    module = _file(place) if place.endswith(".py") else _module(place)
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise UsageError(f"{place} has no attribute {attribute!r}")
        found = getattr(found, part)
    return found if isinstance(found, Sampler) else _wrap(found, attribute)


def fingerprints(targets: Sequence[str]) -> dict[str, str]:
    """Return for each target a digest of its file, empty if it names none: what was drawn before a change is not resumed."""
    places = {target: Path(target.rpartition(":")[0]) for target in targets}
    return {
        target: hashlib.sha256(place.read_bytes()).hexdigest() if place.suffix == ".py" else ""
        for target, place in places.items()
    }


def _wrap(function: Any, name: str) -> Sampler:
    """Take an undecorated function as one that emits what its parameters tell."""
    if not callable(function):
        raise UsageError(f"{name!r} is a {type(function).__name__}, not a sampler")
    try:
        parameters = set(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        parameters = set()
    emits = "simplex" if "temperature" in parameters else "gumbel" if "observed" in parameters else "index"
    word = "".join(mark if mark.isalnum() or mark in "_.-" else "_" for mark in name)
    return Sampler(word, emits, MappingProxyType({emits: Form(function)}))


def _module(name: str) -> ModuleType:
    if os.getcwd() not in sys.path:  # as `python -m` has it, and a console script has not
        sys.path.insert(0, os.getcwd())
    try:
        with prints_aside():
            return importlib.import_module(name)
    except ImportError as error:
        raise UsageError(f"cannot import {name!r}: {error}") from error
    except Exception as error:
        raise UsageError(f"importing {name!r} raised {type(error).__name__}: {error}") from error


def _file(place: str) -> ModuleType:
    """Import a file by path; its functions travel to workers by value."""
    path = Path(place)
    if not path.is_file():
        raise UsageError(f"there is no file {place}")
    name = f"target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with prints_aside():
            spec.loader.exec_module(module)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"importing {place} raised {type(error).__name__}: {error}") from error
    cloudpickle.register_pickle_by_value(module)
    return module
