"""Only the user ends a run, by Ctrl-C or a signal that means the same; whatever code of others raises is its fault."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import NoReturn

from harness.errors import SamplerFault
from harness.text import shown

TERMINAL = ("SIGINT",)
ENDS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that end a command as Ctrl-C does."""
_NAME_OF_TYPE = type.__dict__["__name__"].__get__
"""A type's name as Python knows it, whatever its metaclass says."""


class Interrupted(KeyboardInterrupt):
    """The user's own interruption, which is told from a KeyboardInterrupt that a sampler raises."""


@contextlib.contextmanager
def interruptible(names: Sequence[str] = TERMINAL) -> Iterator[None]:
    """Raise Interrupted for these signals meanwhile; one that the program has a use for, or ignores, is left to it.

    Nothing happens outside the main thread, where signals do not arrive.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        before = {number: was for number, was in before.items() if was in (signal.SIG_DFL, signal.default_int_handler)}
    try:
        for number in before:
            signal.signal(number, _interrupt)
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _interrupt(number: int, frame: object) -> NoReturn:
    raise Interrupted(signal.Signals(number).name)


def users(error: BaseException) -> bool:
    """Tell whether it is the user's: raised by our handler or, where that is not there, perhaps by Python's own."""
    kind = type(error)  # isinstance would ask the error itself, which may be anybody's code
    if issubclass(kind, Interrupted) or not issubclass(kind, KeyboardInterrupt):
        return issubclass(kind, Interrupted)
    here = threading.current_thread() is threading.main_thread()
    return here and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def described(error: BaseException) -> str:
    """Return the type and the message of an exception, also of one whose message cannot be had."""
    try:
        words = shown(error)
    except Interrupted:
        raise
    except BaseException:
        words = "its message cannot be read"
    return f"{shown(_NAME_OF_TYPE(type(error)), 100)}: {words}"


def contained() -> AbstractContextManager[None]:
    """Turn whatever code of others raises, SystemExit and GeneratorExit included, into a SamplerFault in words."""
    return _Contained()


class _Contained(AbstractContextManager[None]):
    """No generator: one would be sent StopIteration as its own end, and would ask exceptions for their class."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise SamplerFault instead, unless it is one already or the user's own interruption."""
        if kind is None or error is None or issubclass(kind, SamplerFault) or users(error):
            return
        raise SamplerFault(f"raised {described(error)}") from error
