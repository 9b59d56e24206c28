"""A user's code is imported within one boundary: whatever it does there becomes a usage error with a sentence."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.interrupts import described, users
from harness.quiet import prints_aside
from harness.text import shown

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

TEXT = "__gumbel_harness_text__"
"""The name under which the module of a file keeps what it was made from."""
_ENDS = {name: getattr(os, name) for name in ("_exit", "abort", "execv", "execve") if hasattr(os, name)}


@contextlib.contextmanager
def importing(place: str) -> Iterator[None]:
    """Turn what user code raises while it is imported, SystemExit and the like included, into a UsageError.

    An interruption by the user is passed on.
    """
    place = shown(place)
    try:
        with prints_aside(), _exits_told():
            yield
    except UsageError:
        raise
    except SystemExit as error:
        raise UsageError(
            f"importing {place} ended the program (sys.exit({shown(error.code)})); "
            'put what runs as a script below `if __name__ == "__main__":`'
        ) from error
    except ImportError as error:
        raise UsageError(f"cannot import {place!r}: {shown(error)}") from error
    except BaseException as error:
        if users(error):
            raise
        raise UsageError(f"importing {place} raised {described(error)}") from error


def loaded(point: EntryPoint) -> Any:
    """Return what an entry point names; raises UsageError with the file of that name that was found in its place."""
    try:
        return point.load()
    except (AttributeError, ImportError) as error:
        top = point.module.partition(".")[0]
        place = shown(getattr(sys.modules.get(top), "__file__", None))
        raise UsageError(
            f"{point.value!r} cannot be loaded ({shown(error)}): the module {top!r} is {place}; if it is yours, rename it"
        ) from error


@contextlib.contextmanager
def looked_at(place: str) -> Iterator[None]:
    """Turn what an object of a user's raises while it is asked what it is into a UsageError; the user's Ctrl-C passes."""
    try:
        yield
    except UsageError:
        raise
    except BaseException as error:
        if users(error):
            raise
        raise UsageError(f"{shown(place)} is no sampler: asked what it is, it raised {described(error)}") from error


@contextlib.contextmanager
def _exits_told() -> Iterator[None]:
    """Have what ends a process at once raise SystemExit meanwhile, which can be told; a forked process ends as it would."""
    importing_in = [os.getpid()]

    def told(name: str, end: Callable[..., Any]) -> Callable[..., Any]:
        def ending(*arguments: Any) -> Any:
            return sys.exit(f"os.{name}") if os.getpid() in importing_in else end(*arguments)

        return ending

    for name, end in _ENDS.items():
        setattr(os, name, told(name, end))
    try:
        yield
    finally:
        importing_in.clear()  # who kept the name ends by it from now on
        for name, end in _ENDS.items():
            setattr(os, name, end)


def import_module(name: str) -> ModuleType:
    """Import a module of the working directory or of an installed package; raises UsageError.

    The working directory is the last place that is looked into, so that no file there hides a package of ours or of
    others; where it is the other way round, the sentence says what to write.
    """
    reach(Path.cwd())
    with importing(name):
        module = importlib.import_module(name)
    top = name.partition(".")[0]
    hidden = next((path for path in (Path(f"{top}.py"), Path(top) / "__init__.py") if path.is_file()), None)
    found = getattr(sys.modules[top], "__file__", None)
    if hidden is not None and found is not None and not os.path.samefile(hidden, found):
        raise UsageError(
            f"{top!r} is the installed package in {shown(Path(found).parent)}, not your {hidden}; "
            "rename yours, or write path/file.py:NAME"
        )
    return module


def import_file(path: Path) -> ModuleType:
    """Import a file by path as ``target_STEM``; raises UsageError. Modules that stand beside it can be imported."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(f"there is no file {shown(path)}: {error.strerror}") from error
    reach(path.resolve().parent)
    return execute(str(path), text)


def execute(path: str, text: bytes) -> ModuleType:
    """Run a file's text as a module, once in a process for the same text; raises UsageError.

    Workers get the text and not the path alone: the file may be edited or gone while they draw.
    """
    mark = hashlib.blake2b(os.fsencode(os.path.abspath(path)), digest_size=4).hexdigest()
    name = f"target_{Path(path).stem}_{mark}"
    known = sys.modules.get(name)
    if known is not None and vars(known).get(TEXT) == text:
        return known
    module = ModuleType(name)
    module.__file__, module.__dict__[TEXT] = path, text
    sys.modules[name] = module
    with importing(path), _forgotten(name):
        exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)
    return module


@contextlib.contextmanager
def _forgotten(name: str) -> Iterator[None]:
    """Forget a module that could not be imported."""
    try:
        yield
    except BaseException:
        sys.modules.pop(name, None)
        raise


def reach(folder: Path) -> None:
    """Look for modules in a folder after all others."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
