"""A target is a registered name, ``package.module:attribute``, ``path/file.py:attribute`` or ``path/file.py``."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import cloudpickle

from harness.errors import UsageError
from harness.laws.conventions import STAGES
from harness.samplers.importing import TEXT, import_file, import_module, looked_at
from harness.samplers.registry import Form, Home, Sampler, check_name, get
from harness.samplers.terms import parameters_of, terms_of
from harness.text import shown


def resolve_all(targets: Iterable[Any]) -> list[Sampler]:
    """Return the samplers that targets name, or that they are; raises UsageError with what was wrong.

    A file without an attribute stands for every sampler in it.
    """
    found: list[Sampler] = []
    for target in targets:
        whole = isinstance(target, str) and target.endswith(".py")
        found += _all_in(target) if whole else [resolve(target)]
    return found


def resolve(target: Any) -> Sampler:
    """Return the one sampler that a target names, or that it is; raises UsageError with what was wrong."""
    with looked_at(f"what was given as a {type(target).__name__}"):
        if isinstance(target, Sampler):
            check_name(target.name)
            return target
        if callable(target):
            return _wrap(target, str(getattr(target, "__name__", "sampler")))
    if not isinstance(target, str):
        raise UsageError(f"a target is a sampler, a function or a name, got {target!r}")
    if target.endswith(".py"):
        return _only_in(target)
    if ":" not in target:
        return get(target)
    place, _, attribute = target.rpartition(":")
    if not attribute:
        raise UsageError(f"{target!r} names no sampler: write {place}:NAME")
    if place.endswith(".py"):
        return _of_file(_file(place), place, attribute)
    return _sampler(import_module(place), place, attribute)


def _only_in(place: str) -> Sampler:
    found = _all_in(place)
    if len(found) > 1:
        raise UsageError(f"{place} has {len(found)} samplers, choose one: {place}:NAME")
    return found[0]


def _all_in(place: str) -> list[Sampler]:
    """Return the samplers of a file: what was decorated there or, if nothing was, the functions that could be."""
    module = _file(place)
    with looked_at(place):
        own = {name: found for name, found in vars(module).items() if _is_own(found, module)}
        decorated = {found.name: name for name, found in own.items() if isinstance(found, Sampler)}
        names = list(decorated.values()) or [name for name, found in own.items() if _looks_like_one(found)]
    if not names:
        raise UsageError(f"{place} holds no sampler: decorate one with @harness.sampler, or write {place}:NAME")
    return [_of_file(module, place, name) for name in names]


def _is_own(found: Any, module: ModuleType) -> bool:
    """Tell whether something was made in a module, and not imported by it."""
    made = found.form(found.emits).draw if isinstance(found, Sampler) else found
    return getattr(made, "__module__", None) == module.__name__


def _looks_like_one(found: Any) -> bool:
    return inspect.isfunction(found) and {"logits", "size", "rng"} <= set(inspect.signature(found).parameters)


def _of_file(module: ModuleType, place: str, attribute: str) -> Sampler:
    """Return a file's sampler, which travels as the file's text: what the file holds need not be pickled."""
    found = _sampler(module, place, attribute)
    if found.trusted:
        return found
    return replace(found, home=Home(place, vars(module)[TEXT], attribute, found.forms))


def _sampler(module: ModuleType, place: str, attribute: str) -> Sampler:
    found: Any = module
    with looked_at(f"{place}:{attribute}"):
        for part in attribute.split("."):
            if not hasattr(found, part):
                raise UsageError(f"{shown(place)} has no attribute {attribute!r}")
            found = getattr(found, part)
        return found if isinstance(found, Sampler) else _wrap(found, attribute)


def _wrap(function: Any, name: str) -> Sampler:
    """Infer what an undecorated function emits from the names of its parameters, and its name from its own."""
    if not callable(function):
        raise UsageError(f"{name!r} is a {type(function).__name__}, not a sampler")
    emits = _emits(parameters_of(function))
    word = "".join(mark if mark.isalnum() or mark in "_.-" else "_" for mark in name)[:64].strip("_.-")
    called = word if word[:1].isascii() else f"sampler-{word}"[:64]
    return Sampler(called, emits, MappingProxyType({emits: Form(function, terms=terms_of(called, emits, function))}))


def _emits(parameters: frozenset[str]) -> str:
    """Tell a form by its parameters: a temperature alone is a simplex's, beside other stages an index's."""
    if {"drafts", "draft_logits"} <= parameters:
        return "speculative"
    if parameters & (set(STAGES) - {"temperature"}):
        return "index"
    if "k" in parameters:
        return "ranking"
    return "simplex" if "temperature" in parameters else "gumbel" if "observed" in parameters else "index"


def _file(place: str) -> ModuleType:
    """Import a file by path; functions of it that travel to workers by themselves travel by value."""
    module = import_file(Path(place))
    cloudpickle.register_pickle_by_value(module)
    return module
